"""What happened to a visit since it was first submitted: submissions and decisions in the order the archive received them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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

    Each of a visit's team submits what they recorded: `together` are the records listed by it and by what the others had submitted
    until then. `corrected` and `added` are the entities listed otherwise than before by anybody, or for the first time.
    """

    record: str
    records: frozenset[str]
    missing: list[dict[str, str]]
    reason: str
    together: frozenset[str]
    is_first: bool = True
    corrected: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One step: a submission (`entity`, by `author`, `is_again` when it replaces an earlier one), or a decision about one. `at` is UTC
    text. Of what was erased by law only the step is left.
    """

    at: str
    author: str
    entity: str
    is_again: bool = False
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
    """Return every submission by the visit's team and every decision, the first one first."""
    submissions = _submissions(session, visit, {review.submission for review in decisions})
    entities = _entities(session, [manifest.records for _, manifest in submissions if manifest])
    decided = {review.record: review for review in decisions}
    rows = session.exec(select(RecordRow).where(col(RecordRow.hash).in_(decided)))
    steps = [(row, _event(row, review=decided[row.hash])) for row in rows]
    standing: dict[str, Manifest] = {}
    seen: set[str] = set()
    for row, manifest in submissions:
        told = _against(standing, row.entity, manifest, entities) if manifest else None
        steps.append((row, _event(row, is_again=row.entity in seen, manifest=told)))
        standing |= {row.entity: told} if told else {}
        seen.add(row.entity)
    return [event for _, event in sorted(steps, key=lambda step: step[0].position)]


def _event(row: RecordRow, **what: Any) -> Event:
    return Event(row.captured_at, row.author, row.entity, **what)


def _submissions(
    session: Session, visit: Visit, decided: set[str]
) -> list[tuple[RecordRow, Manifest | None]]:
    """Return the visit's submissions; those decided about even when nothing else is left of them."""
    team = {visit.author, *visit.team}
    own = select(Submission.entity).where(
        Submission.visit == visit.entity, Submission.stream == visit.stream, col(Submission.author).in_(team)
    )
    of_decided = select(RecordRow.entity).where(col(RecordRow.hash).in_(decided))
    rows = session.exec(
        select(RecordRow)
        .where(
            or_(col(RecordRow.entity).in_(own), col(RecordRow.entity).in_(of_decided)),
            RecordRow.stream == visit.stream,
            RecordRow.kind == "submission",
        )
        .order_by(col(RecordRow.position))
    )
    return [(row, _manifest(row)) for row in rows]


def _manifest(row: RecordRow) -> Manifest | None:
    if not row.bytes:
        return None
    body = parse(bytes(row.bytes)).body
    records = frozenset(body["records"])
    return Manifest(row.hash, records, body["missing"], body.get("reason", ""), together=records)


def _entities(session: Session, listed: Iterable[frozenset[str]]) -> dict[str, str]:
    """Return which entity each listed record is a revision of."""
    hashes = sorted({one for records in listed for one in records})
    found: dict[str, str] = {}
    for start in range(0, len(hashes), CHUNK):
        some = col(RecordRow.hash).in_(hashes[start : start + CHUNK])
        rows: Any = session.exec(select(RecordRow.hash, RecordRow.entity).where(some))
        found |= dict(rows.all())
    return found


def _against(
    standing: Mapping[str, Manifest], entity: str, now: Manifest, entities: Mapping[str, str]
) -> Manifest:
    """Return a submission beside what stands of the team's others, by entity, and against all that was submitted before it."""
    before = frozenset[str]().union(*(one.records for one in standing.values()))
    others = (one.records for other, one in standing.items() if other != entity)
    known = {entities[one] for one in before if one in entities}
    fresh = [entities[one] for one in sorted(now.records - before) if one in entities]
    return replace(
        now,
        together=now.records.union(*others),
        is_first=not standing,
        corrected=tuple(one for one in fresh if one in known) if standing else (),
        added=tuple(one for one in fresh if one not in known) if standing else (),
    )


def listed(history: Iterable[Event], submission: str) -> frozenset[str] | None:
    """Return the records the visit consisted of when a submission came, whoever of its team recorded them.

    None when the submission is not of this history.
    """
    manifests = (event.manifest for event in history if event.manifest)
    return next((one.together for one in manifests if one.record == submission), None)


def standing(history: Iterable[Event]) -> list[Manifest]:
    """Return the newest submission of each of the team, the one that came first first; those erased by law are none."""
    newest = {event.entity: event.manifest for event in history if event.review is None}
    return [manifest for manifest in newest.values() if manifest]
