"""What profiles may show of what visits brought: records of accepted submissions, in the wording that was accepted (DESIGN 3.5).

What nobody reviews (master data, sources, what a desk enters) has no visit and stands as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fieldapp import history
from fieldapp.domain.body import Folded
from fieldapp.domain.review import Review
from fieldapp.domain.visit import Submission, Visit
from sync.record import parse
from sync.table import RecordRow

CHUNK = 400


@dataclass(frozen=True)
class Shown:
    """A row in its accepted wording. `is_changed`: another wording came since, which nobody has accepted."""

    row: Any
    is_changed: bool = False


class Accepted:
    """The accepted records of some streams, and the accepted visits by entity with their numbers."""

    def __init__(self, session: Session, streams: Sequence[str]) -> None:
        self.session = session
        self.records: set[str] = set()
        self.visits: dict[str, str] = {}
        newest: dict[str, tuple[Review, int]] = {}
        decided = select(Review, RecordRow.position).join(RecordRow, col(RecordRow.hash) == Review.record)
        decided = decided.where(
            col(Review.stream).in_(streams), col(Review.decision).in_(("accepted", "reopened"))
        )
        for review, position in session.exec(decided):
            if review.visit not in newest or position > newest[review.visit][1]:
                newest[review.visit] = (review, position)
        submissions: dict[str, list[Submission]] = {}
        for one in session.exec(select(Submission).where(col(Submission.stream).in_(streams))):
            submissions.setdefault(one.visit, []).append(one)
        for visit, (review, _) in newest.items():
            # What was reopened is accepted no more, until it is again.
            if review.decision == "reopened":
                continue
            self.visits[visit] = review.number
            self.records |= self._of(review, submissions.get(visit, []))

    def _of(self, review: Review, submissions: Sequence[Submission]) -> frozenset[str]:
        """Return what a decision accepted. One submission that still stands says it; else the visit's history does."""
        if len(submissions) == 1 and submissions[0].record == review.submission:
            return frozenset(submissions[0].records)
        visit = self.session.get(Visit, review.visit)
        if visit is None:
            return frozenset()
        told = history.history(self.session, visit, history.reviews(self.session, visit))
        return history.listed(told, review.submission) or frozenset()

    def shown(self, rows: Iterable[Any]) -> list[Shown]:
        """Return those of the rows that profiles may show, each in its accepted wording, in the order given."""
        rows = list(rows)
        found: dict[str, Shown] = {}
        waiting = []
        for row in rows:
            if _is_free(row) or row.record in self.records:
                found[row.entity] = Shown(row)
            elif row.revisions > 1:
                waiting.append(row)
        found |= self._earlier(waiting)
        return [found[row.entity] for row in rows if row.entity in found]

    def _earlier(self, rows: Sequence[Any]) -> dict[str, Shown]:
        by_entity = {row.entity: row for row in rows}
        entities, found = list(by_entity), {}
        for start in range(0, len(entities), CHUNK):
            some = col(RecordRow.entity).in_(entities[start : start + CHUNK])
            for record in self.session.exec(select(RecordRow).where(some).order_by(col(RecordRow.position))):
                if record.hash in self.records and record.bytes:
                    row = by_entity[record.entity]
                    found[record.entity] = Shown(_worded(row, record), is_changed=True)
        return found


def _is_free(row: Any) -> bool:
    """Tell whether a row belongs to no visit; a visit is its own."""
    return not isinstance(row, Visit) and getattr(row, "visit", None) is None


def _worded(row: Any, record: RecordRow) -> Any:
    """Return a row as it would stand with an earlier record."""
    kept = {name: getattr(row, name) for name in Folded.model_fields}
    said = parse(bytes(record.bytes or b"")).body
    return type(row)(**{**kept, **said, "record": record.hash, "captured_at": record.captured_at})
