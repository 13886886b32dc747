"""Ballots a department hands out on site: read from a file of its own or the standard one, and kept as master data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlmodel import select

from fieldapp.domain.appraisal import BallotForm, BallotFormBody
from fieldapp.services import Services
from sync.draft import Draft

STREAM = "commons"
FORMAT = "fieldapp-ballots/1"
STANDARD = Path(__file__).with_name("ballots.json")
OVERALL = "overall"


class BallotsRefused(Exception):
    """A file of ballots cannot be taken in: `reason` says why, `place` where."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)


def read(path: Path = STANDARD) -> list[dict[str, Any]]:
    """Return the bodies of a file's ballots, in its order.

    The file is JSON of format `fieldapp-ballots/1`; `fieldapp/ballots.json` is the example. Raises `BallotsRefused`.
    """
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as broken:
        raise BallotsRefused(f"this is not JSON: {broken}") from broken
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise BallotsRefused(f"its format is not {FORMAT}")
    ballots = whole.get("ballots")
    if not isinstance(ballots, list) or not ballots:
        raise BallotsRefused("it has no ballots")
    bodies = [_checked(ballot, f"ballot {number}") for number, ballot in enumerate(ballots, 1)]
    codes = [body["code"] for body in bodies]
    if len(set(codes)) < len(codes):
        raise BallotsRefused("two ballots have one id")
    return bodies


def _checked(ballot: Any, place: str) -> dict[str, Any]:
    try:
        body = _body(ballot)
        BallotFormBody.model_validate(body)
    except (KeyError, TypeError, AttributeError) as absent:
        raise BallotsRefused(f"{absent} is missing or not what it should be", place) from absent
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise BallotsRefused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", place) from invalid
    return body


def _body(ballot: Mapping[str, Any]) -> dict[str, Any]:
    fields = {field["id"]: field for field in ballot.get("rater_fields", [])}
    relation, contact = fields.get("relation", {}), fields.get("knowledge", {})
    overall = [{"id": OVERALL, **_words(ballot["overall"])}] if "overall" in ballot else []
    return {
        "code": ballot["id"],
        "name": ballot["zh"],
        "name_en": ballot["en"],
        "occasion": ballot.get("when_zh", ""),
        "occasion_en": ballot.get("when_en", ""),
        "raters": ballot.get("raters_zh", ""),
        "raters_en": ballot.get("raters_en", ""),
        "targets": ballot["targets"],
        "relation": relation.get("zh", ""),
        "relation_en": relation.get("en", ""),
        "relations": list(_wordings(relation.get("options", []))),
        "contact": contact.get("zh", ""),
        "contact_en": contact.get("en", ""),
        "contacts": list(_wordings(contact.get("options", []))),
        "options": list(_wordings(ballot["options"])),
        "questions": [*map(_question, ballot["dimensions"]), *overall],
        "words": list(_wordings(ballot.get("free_text", []))),
    }


def _question(dimension: Mapping[str, Any]) -> dict[str, str]:
    items: Sequence[Mapping[str, str]] = dimension.get("items", [])
    hints = {
        "hint_zh": "；".join(item["zh"] for item in items),
        "hint_en": "; ".join(item["en"] for item in items),
    }
    return {"id": dimension["id"], **_words(dimension), **hints}


def _wordings(options: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    return ({"id": option["id"], **_words(option)} for option in options)


def _words(named: Mapping[str, str]) -> dict[str, str]:
    return {"zh": named["zh"], "en": named["en"]}


def enter(services: Services, bodies: Sequence[Mapping[str, Any]], by: str) -> int:
    """Seal ballots under their codes and return how many are new or changed. A closed appraisal keeps the words it had."""
    # Two imports at once would be two ballots of one code.
    with services.database.alone():
        with services.database.reading() as session:
            standing = {row.code: row.entity for row in session.exec(select(BallotForm))}
            drafts = []
            for body in bodies:
                entity = standing.get(body["code"])
                heads = services.archive.folder.heads(session, STREAM, entity) if entity else ()
                if len(heads) == 1 and heads[0].payload["body"] == body:
                    continue
                supersedes = tuple(sorted(head.hash for head in heads))
                drafts.append(
                    Draft(BallotFormBody.kind, STREAM, body, by, entity=entity, supersedes=supersedes)
                )
        if drafts:
            services.archive.seal(drafts)
    return len(drafts)
