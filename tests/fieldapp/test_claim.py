"""Claims as the archive takes them: of either version, and said on a visit by somebody."""

from typing import Any

import pytest

from tests.fieldapp.body_rule import fault

BODY = {"origin": "said", "what": "工资已发到10月", "claimed_on": "2026-11-22"}
VISIT = "01920000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"origin": "list"}),
        (2, {"origin": "list"}),
        (2, {"claimed_by": "项目经理", "figure": "100%", "visit": VISIT}),
    ],
)
def test_claims_of_either_version_are_taken(version: int, body: dict[str, Any]) -> None:
    assert fault("claim", BODY | body, version) is None


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"visit": VISIT}),
        (2, {"visit": VISIT}),
        (2, {"visit": VISIT, "origin": "list", "claimed_by": "单位"}),
    ],
)
def test_a_claim_on_a_visit_says_who_said_it(version: int, body: dict[str, Any]) -> None:
    assert fault("claim", BODY | body, version) is not None
