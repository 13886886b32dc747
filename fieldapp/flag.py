"""What a reviewer is asked to look at, in words. Signals point a person to look; none of them is a verdict."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldapp import history
from fieldapp.domain.body import Folded
from fieldapp.dossier import Dossier, Item


@dataclass(frozen=True)
class Flag:
    """A message key with what fills it; `items` are those it is about, where naming them helps."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)
    items: tuple[Item, ...] = ()


def flags(dossier: Dossier) -> list[Flag]:
    """Return what is odd about a visit, the weightier first."""
    return [*_returned(dossier), *_whole(dossier), *_progress(dossier), *_photos(dossier), *_sealing(dossier)]


def _returned(dossier: Dossier) -> Iterator[Flag]:
    """What came back after a return as it had gone."""
    if dossier.line.state != "resubmitted" or dossier.reviews[0].decision != "returned":
        return
    items = (dossier.own, *dossier.timeline)
    unanswered = sum(bool(item.returned) and not item.is_answered for item in items)
    if dossier.is_same_as_decided:
        yield Flag("flag.resubmitted_unchanged")
    if unanswered:
        yield Flag("flag.returned_unanswered", {"n": unanswered})


def _whole(dossier: Dossier) -> Iterator[Flag]:
    visit = dossier.line.visit
    if dossier.missing_records:
        yield Flag("flag.records_missing", {"n": dossier.missing_records})
    if dossier.recused:
        yield Flag("flag.recused", {"names": "、".join(person.name for person in dossier.recused)})
    if len(visit.team) < 2:
        yield Flag("flag.alone")
    yield from _strangers(dossier)
    if dossier.lacked:
        reasons = [one.reason for one in history.standing(dossier.history) if one.reason]
        reason = "；".join(reasons) or "–"
        yield Flag("flag.items_missing", {"n": len(dossier.lacked), "reason": reason})
    if visit.is_left_late:
        yield Flag("flag.left_late")
    overdue = tuple(item for item in dossier.items("entry") if item.row.entity in dossier.overdue)
    if overdue:
        yield Flag("flag.overdue", {"n": len(overdue)}, overdue)
    twice = tuple(_said_before(dossier.timeline))
    if twice:
        yield Flag("flag.same_content", {"n": len(twice)}, twice)
    conflicts = sum(item.row.is_conflict for item in (dossier.own, *dossier.timeline))
    if conflicts:
        yield Flag("flag.conflict", {"n": conflicts})


def _strangers(dossier: Dossier) -> Iterator[Flag]:
    """What somebody added whom the main recorder did not name; a person finds out why."""
    visit = dossier.line.visit
    by_phone = [item for item in dossier.timeline if not item.sealing.is_desk]
    for person in sorted({item.row.author for item in by_phone} - {visit.author, *visit.team}):
        items = tuple(item for item in by_phone if item.row.author == person)
        known = dossier.people.get(person)
        yield Flag("flag.stranger", {"name": known.name if known else person, "n": len(items)}, items)


def _said_before(items: Sequence[Item]) -> Iterator[Item]:
    """Yield what the same person captured before in the very same words, under another id."""
    seen = set()
    for item in items:
        row = item.row
        body = {
            name: getattr(row, name) for name in type(row).model_fields if name not in Folded.model_fields
        }
        content = (item.kind, row.author, json.dumps(body, sort_keys=True))
        if content in seen:
            yield item
        seen.add(content)


def _progress(dossier: Dossier) -> Iterator[Flag]:
    items = dossier.items("progress")
    if dossier.line.project and not items:
        yield Flag("flag.no_progress")
    for item in items:
        row = item.row
        if (
            row.reported_permille is not None
            and row.observed_permille == row.reported_permille
            and row.reported_permille
        ):
            yield Flag("flag.same_as_reported")
        elif row.reported_permille is not None and row.reported_permille - row.observed_permille >= 10:
            yield Flag(
                "flag.less_than_reported", {"n": _points(row.reported_permille - row.observed_permille)}
            )


def _photos(dossier: Dossier) -> Iterator[Flag]:
    photos = dossier.items("photo")
    counts = (
        ("flag.photos_missing", sum(item.is_missing_photo for item in photos)),
        ("flag.photos_far", sum(one.nearness == "far" for one in dossier.standings.values())),
        ("flag.photos_imported", sum(item.row.origin == "gallery" for item in photos)),
        ("flag.photos_no_fix", sum(item.row.fix is None and item.row.origin == "camera" for item in photos)),
    )
    if not photos:
        yield Flag("flag.no_photos")
    for key, count in counts:
        if count:
            yield Flag(key, {"n": count})


def _sealing(dossier: Dossier) -> Iterator[Flag]:
    items = (dossier.own, *dossier.timeline)
    wide = sum(item.sealing.is_wide for item in items)
    outside = sum(item.sealing.is_outside for item in items)
    if wide:
        yield Flag("flag.sealing_wide", {"n": wide})
    if outside:
        yield Flag("flag.clock_ahead", {"n": outside})


def _points(permille: int) -> str:
    return f"{permille / 10:g}"
