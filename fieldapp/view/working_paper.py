"""What fills a working paper, in the reader's language: one finding, its evidence by kind and origin, and what became of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from fieldapp import services
from fieldapp.catalogue import load
from fieldapp.corroboration import AGAINST, Evidence
from fieldapp.document import photo_sheet
from fieldapp.document.photo_sheet import Shot
from fieldapp.domain.photo import Photo
from fieldapp.ledger import Sheet
from fieldapp.message import language, t
from fieldapp.view import filters
from fieldapp.view.page import named, word
from fieldapp.view.visit_report import band, day, picture_of, require_pictures


def words(
    sheet: Sheet, photos: Iterable[tuple[Photo, bool]], names: Mapping[str, Any], made: str
) -> dict[str, Any]:
    """Return what fills the template `working_paper`.

    `photos` show the finding, each with whether its bytes are here; `names` are people and officials by their ids. Raises
    problem `pictures-coming` while pictures are being made.
    """
    row, decided = sheet.line.row, sheet.line.verification
    is_lead = sheet.line.state == "lead" or decided is None or decided.corroboration == "single"
    return {
        "handling": t("report.handling"),
        "number": t("report.no_number"),
        "title": t("paper.title"),
        "mark": t("paper.lead") if is_lead else "",
        "facts": _facts(sheet, names),
        "evidence": [_evidence(number, one) for number, one in enumerate(sheet.evidence, 1)],
        "course": [
            {
                "on": day(one.checked_on),
                "step": t(f"outcome.{one.outcome}"),
                "known_by": word("recheck", "known_by", one.known_by),
                "words": one.what,
            }
            for one in sheet.rechecks
        ],
        "replies": [
            f"{day(one.replied_on)} {named(names.get(one.official or one.unit or ''))}{t('punctuation.colon')}"
            f"{word('reply', 'reply', one.reply)} {one.what}".strip()
            for one in sheet.replies
        ],
        "photos": photo_sheet.rows(_shots(photos)),
        "made": made,
        "record": t("paper.record", id=row.entity, hash=row.record),
    }


def _facts(sheet: Sheet, names: Mapping[str, Any]) -> list[dict[str, str]]:
    row, decided, comma = sheet.line.row, sheet.line.verification, t("punctuation.comma")
    team = comma.join(
        named(names.get(one)) or one for one in (sheet.visit.team if sheet.visit else [row.author])
    )
    manner = word("visit", "manner", sheet.visit.manner) if sheet.visit else ""
    rows = [
        ("paper.what", row.what),
        ("paper.place", named(sheet.line.place)),
        ("paper.found", comma.join(filter(None, [day(row.seen_on), row.place, team, manner]))),
        ("paper.known_by", word("entry", "known_by", row.known_by)),
        ("paper.corroboration", t(f"corroboration.{decided.corroboration}") if decided else ""),
        ("report.responsible", named(names.get(row.responsible or ""))),
        ("report.share", word("entry", "share", row.share)),
        ("report.cause", comma.join(word("entry", "cause", one) for one in row.cause)),
        ("report.severity", word("entry", "severity", row.severity)),
        ("report.deadline", day(row.deadline_on)),
        ("report.state", _state(sheet)),
        ("paper.note", decided.note if decided else ""),
    ]
    return [{"label": t(key), "words": said or "–"} for key, said in rows]


def _state(sheet: Sheet) -> str:
    late = t("entry.overdue", n=sheet.line.overdue) if sheet.line.overdue else ""
    return t("punctuation.comma").join(filter(None, [t(f"entry.{sheet.line.state}"), late]))


def _evidence(number: int, one: Evidence) -> dict[str, str]:
    key = f"origin.{one.origin}"
    return {
        "number": str(number),
        "sort": t(f"evidence.{one.kind}"),
        "origin": t(key) if key in load(language()) else t("interview.code", code=one.origin),
        "stance": t("paper.against" if one.stance == AGAINST else "paper.for"),
        "words": one.words,
        "on": day(one.on),
    }


def _shots(photos: Iterable[tuple[Photo, bool]]) -> list[Shot]:
    pictures, found, shown = services.current().pictures, [], list(photos)
    require_pictures(pictures, [row.view or row.original for row, is_here in shown if is_here])
    for number, (row, is_here) in enumerate(shown, 1):
        image: Any = row.view or row.original
        content = picture_of(pictures, image) if is_here else None
        said = [
            t("report.figure", n=number),
            row.caption or row.place,
            filters.instant(row.taken_at),
            word("photo", "origin", "gallery") if row.origin == "gallery" else "",
            "" if content else t("photo.not_arrived"),
        ]
        found.append(Shot(content, band(row, image), "\u3000".join(filter(None, said))))
    return found
