"""The code a colleague's phone scans: what it holds, how small it stays, and what is refused by name."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.test_visit_rule import rule
from tests.browser.visit_code import MEMBERS, packed, written

VISIT: dict[str, Any] = {
    "archive": "Zk3_vQx-8mP1", "visit": "019a1111-2222-7333-8444-555566667777",
    "stream": "project:019a9999-2222-7333-8444-555566667777", "name": "云岭大道三期改造", "name_en": "Yunling Avenue, phase 3",
    "purpose": "milestone", "manner": "covert", "milestone": "019a8888-2222-7333-8444-555566667777",
    "arrived_at": "2026-11-27T09:05:00.000+08:00", "author": "i01", "team": ["i01", "i02"],
}  # fmt: skip
# What a QR code of 81 modules holds, so that a cheap camera reads it from the screen of another phone.
LONGEST = 586


def test_a_code_says_what_it_was_written_from(judge: Page) -> None:
    code = rule(judge, "writeVisitCode", VISIT)
    assert rule(judge, "readVisitCode", code) == VISIT
    assert rule(judge, "readVisitCode", written(VISIT)) == VISIT


def test_a_code_survives_a_messenger_and_two_names_that_are_one(judge: Page) -> None:
    visit = VISIT | {"name_en": VISIT["name"], "milestone": None}
    code = rule(judge, "writeVisitCode", visit)
    broken = "\n".join(code[at : at + 40] + " " for at in range(0, len(code), 40))
    assert rule(judge, "readVisitCode", broken) == visit


def test_a_code_stays_small_and_its_words_are_not_readable_at_a_glance(judge: Page) -> None:
    team = [f"inspector-{number:02}" for number in range(4)]
    code = rule(
        judge, "writeVisitCode", VISIT | {"name": "长" * 200, "name_en": "long name " * 20, "team": team}
    )
    assert len(code) <= LONGEST
    found = rule(judge, "readVisitCode", code)
    assert found["name"] == "长" * 39 + "…" and len(found["name_en"]) == 40
    assert "covert" not in code


REFUSED = {
    "empty": ("", "not-a-visit-code"),
    "an address": ("https://example.org/FA1.", "not-a-visit-code"),
    "newer": ("FA2.AAAAAAAA", "newer-visit-code"),
    "nothing in it": ("FA1.", "cut-visit-code"),
    "cut": (written(VISIT)[:-7], "cut-visit-code"),
    "other letters": (written(VISIT)[:40] + "*" + written(VISIT)[41:], "cut-visit-code"),
    "one letter wrong": (written(VISIT).replace("WyJ", "WyK", 1), "cut-visit-code"),
    "wrong checksum": (packed(json.dumps(list(VISIT.values())).encode(), 7), "cut-visit-code"),
    "not JSON": (packed(b"[1,"), "bad-visit-code"),
    "not text": (packed(b"\xff\xfe"), "bad-visit-code"),
    "no list": (packed(b'{"visit":1}'), "bad-visit-code"),
    "a member too few": (packed(json.dumps(list(VISIT.values())[:-1]).encode()), "bad-visit-code"),
    **{
        f"{name} {value!r}": (written(VISIT | {name: value}), "bad-visit-code")
        for name, value in (
            ("archive", "x"), ("visit", "7"), ("stream", "team:019a9999-2222-7333-8444-555566667777"), ("stream", "project:x"),
            ("name", 7), ("name", "长" * 300), ("purpose", "Monthly Visit"), ("manner", None), ("milestone", "later"),
            ("arrived_at", "2026-11-27"), ("author", "I 01"), ("team", "i01"), ("team", [1]), ("team", ["i01"] * 21),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize(("code", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_whole_code_is_refused_by_name(judge: Page, code: str, reason: str) -> None:
    assert rule(judge, "readVisitCode", code) == reason


def test_the_members_stand_in_the_documented_order() -> None:
    assert tuple(VISIT) == MEMBERS
