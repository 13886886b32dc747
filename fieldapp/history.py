"""What happened to a visit since it was first submitted: submissions and decisions in the order the archive received them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, or_, select

from fieldapp.domain.review import Review
from fieldapp.domain.visit import Submission, Visit
from sync.record import parse
from sync.table import RecordRow

CHUNK = 400


@dataclass(frozen=True)
class Manifest:
    """A submission as it was sealed: the records it lists, what it said it lacks, and why it was sent all the same.

    `corrected` and `added` are the entities that it lists otherwise than the submission before it, or for the first time.
    """

    record: str
    records: frozenset[str]
    missing: list[dict[str, str]]
    reason: str
    is_first: bool = True
    corrected: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One step: a submission, or a decision about one. `at` is UTC text. Of what was erased by law only the step is left."""

    at: str
    review: Review | None = None
    manifest: Manifest | None = None


def reviews(session: Session, visit: Visit) -> list[Review]:
    """Return the decisions about a visit, newest first."""
    statement = (
        select(Review)
        .join(RecordRow, col(RecordRow.hash) == Review.record)
        .where(Review.visit == visit.entity, Review.stream == visit.stream)
        .order_by(col(RecordRow.position).desc())
    )
    return list(session.exec(statement))


def history(session: Session, visit: Visit, decisions: Sequence[Review]) -> list[Event]:
    """Return every submission by the visit's author and every decision, the first one first."""
    submissions = _submissions(session, visit, {review.submission for review in decisions})
    entities = _entities(session, [manifest.records for _, manifest in submissions if manifest])
    decided = {review.record: review for review in decisions}
    rows = session.exec(select(RecordRow).where(col(RecordRow.hash).in_(decided)))
    steps = [(row, Event(row.captured_at, review=decided[row.hash])) for row in rows]
    before: Manifest | None = None
    for row, manifest in submissions:
        told = _against(before, manifest, entities) if manifest else None
        steps.append((row, Event(row.captured_at, manifest=told)))
        before = told or before
    return [event for _, event in sorted(steps, key=lambda step: step[0].position)]


def _submissions(
    session: Session, visit: Visit, decided: set[str]
) -> list[tuple[RecordRow, Manifest | None]]:
    """Return the visit's submissions; those decided about even when nothing else is left of them."""
    own = select(Submission.entity).where(
        Submission.visit == visit.entity, Submission.stream == visit.stream, Submission.author == visit.author
    )
    of_decided = select(RecordRow.entity).where(col(RecordRow.hash).in_(decided))
    rows = session.exec(
        select(RecordRow)
        .where(
            or_(col(RecordRow.entity).in_(own), col(RecordRow.entity).in_(of_decided)),
            RecordRow.stream == visit.stream,
            RecordRow.author == visit.author,
            RecordRow.kind == "submission",
        )
        .order_by(col(RecordRow.position))
    )
    return [(row, _manifest(row)) for row in rows]


def _manifest(row: RecordRow) -> Manifest | None:
    if not row.bytes:
        return None
    body = parse(bytes(row.bytes)).body
    return Manifest(row.hash, frozenset(body["records"]), body["missing"], body.get("reason", ""))


def _entities(session: Session, listed: Iterable[frozenset[str]]) -> dict[str, str]:
    """Return which entity each listed record is a revision of."""
    hashes = sorted({one for records in listed for one in records})
    found: dict[str, str] = {}
    for start in range(0, len(hashes), CHUNK):
        some = col(RecordRow.hash).in_(hashes[start : start + CHUNK])
        rows: Any = session.exec(select(RecordRow.hash, RecordRow.entity).where(some))
        found |= dict(rows.all())
    return found


def _against(before: Manifest | None, now: Manifest, entities: dict[str, str]) -> Manifest:
    if before is None:
        return now
    known = {entities[one] for one in before.records if one in entities}
    fresh = [entities[one] for one in sorted(now.records - before.records) if one in entities]
    return Manifest(
        now.record,
        now.records,
        now.missing,
        now.reason,
        is_first=False,
        corrected=tuple(one for one in fresh if one in known),
        added=tuple(one for one in fresh if one not in known),
    )


def listed(history: Iterable[Event], submission: str) -> frozenset[str] | None:
    """Return the records that a submission lists, None when it is not of this history."""
    manifests = (event.manifest for event in history if event.manifest)
    return next((one.records for one in manifests if one.record == submission), None)
