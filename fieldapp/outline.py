"""The interview outlines the phone uses, so that the desk shows roles and questions in the same words."""

import json
from functools import cache
from typing import Any

from fieldapp.place_of_files import place_of


@cache
def _guide() -> dict[str, Any]:
    guide: dict[str, Any] = json.loads(
        (place_of("static") / "outline" / "interviews.json").read_text("utf-8")
    )
    return guide


def role_words(role: str, language: str) -> str:
    """Return an outline's title; the id itself when no outline has it."""
    outline = next((one for one in _guide()["outlines"] if one["id"] == role), None)
    return str(outline["en" if language == "en" else "zh"]) if outline else role


def question_words(question: str, language: str) -> str:
    """Return a question of an outline; the text itself when it is none of ours."""
    word = "en" if language == "en" else "zh"
    questions = (one for outline in _guide()["outlines"] for one in outline["questions"])
    return next((str(one[word]) for one in questions if one["id"] == question), question)
