"""Confirmations as the archive takes them, and as the desk shows them."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fieldapp.body_rule import fault
from tests.fieldapp.desk_city import City, resubmit, submit

ENTITY = "01920000-0000-7000-8000-000000000001"
STROKES = [{"points": [100, 200, 300, 250]}, {"points": [400, 200]}]
BODY = {
    "visit": ENTITY,
    "confirmed_on": "2026-11-12",
    "by": "项目部 总工 申某",
    "shown": [{"entity": ENTITY, "words": "护栏缺失"}],
    "signature": [],
}


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "correct", "proof": "paper"},
        {"outcome": "correct", "proof": "screen", "signature": STROKES},
        {"outcome": "disputed", "proof": "paper", "said": "工期计算有误"},
        {"outcome": "refused", "said": "等领导签"},
    ],
)
def test_what_the_unit_may_say_is_taken(body: dict[str, Any]) -> None:
    assert fault("confirmation", BODY | body) is None


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "correct"},
        {"outcome": "correct", "proof": "screen"},
        {"outcome": "correct", "proof": "paper", "signature": STROKES},
        {"outcome": "correct", "proof": "screen", "signature": [{"points": [1, 2, 3]}]},
        {"outcome": "correct", "proof": "screen", "signature": [{"points": [1, 1001]}]},
        {"outcome": "remark", "proof": "paper"},
        {"outcome": "refused"},
        {"outcome": "refused", "said": "不签", "proof": "paper"},
        {"outcome": "correct", "proof": "paper", "by": ""},
    ],
)
def test_what_contradicts_itself_is_not(body: dict[str, Any]) -> None:
    assert fault("confirmation", BODY | body) is not None


def test_the_desk_shows_what_was_said_and_signed(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    said = {
        "confirmed_on": "2026-11-12",
        "by": "项目部 总工 申某",
        "outcome": "remark",
        "proof": "screen",
        "said": "已在整改",
    }
    shown = [{"entity": first.parts["entry"].payload["entity"], "words": "护栏缺失两米"}]
    resubmit(city, first, {}, {"confirmation": {**said, "shown": shown, "signature": STROKES}})
    page = desk.get(first.path).text
    own = page.partition('aria-labelledby="confirmation"')[2].partition("</section>")[0]
    for word in (
        "属实，有补充",
        "屏幕签名",
        "项目部 总工 申某",
        "核对事实 1 项",
        "护栏缺失两米",
        "已在整改",
        'points="100,200 300,250 "',
    ):
        assert word in own
