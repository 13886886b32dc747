"""Gaps in what one phone sent: every record carries its key's count, so one that never came leaves a hole (PROTOCOL.md section 4).

Shown to people; holds nothing up. A hole may still be on the phone, or was refused, or went with the phone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from sync.table import CertificateRow, Quarantined, RecordRow

CHUNK = 400


@dataclass(frozen=True)
class Gap:
    """What is missing of one key: ranges of counters, first and last included, ascending; and counters used twice.

    `since` is when the first later record came, which showed the first hole; empty without a hole.
    """

    kid: str
    person: str
    label: str
    missing: tuple[tuple[int, int], ...]
    repeated: tuple[int, ...]
    since: str = ""

    @property
    def count(self) -> int:
        """Return how many records are missing."""
        return sum(last - first + 1 for first, last in self.missing)


def gaps(session: Session) -> list[Gap]:
    """Return the keys with a gap or a repetition, by person."""
    counters = _counters(session)
    certificates = session.exec(
        select(CertificateRow)
        .where(~col(CertificateRow.is_archive))
        .order_by(CertificateRow.person, CertificateRow.kid)
    )
    found = [
        Gap(row.kid, row.person, row.label, *_holes(counters[row.kid]))
        for row in certificates
        if row.kid in counters
    ]
    return [replace(gap, since=_since(session, gap)) for gap in found if gap.missing or gap.repeated]


def _since(session: Session, gap: Gap) -> str:
    if not gap.missing:
        return ""
    later = gap.missing[0][1]
    came = select(func.min(RecordRow.appended_at)).where(RecordRow.kid == gap.kid, RecordRow.counter > later)
    aside = select(func.min(Quarantined.received_at)).where(
        Quarantined.kid == gap.kid, Quarantined.counter > later
    )
    return min(filter(None, (session.exec(came).one(), session.exec(aside).one())), default="")


def _counters(session: Session) -> dict[str, list[int]]:
    """Return every counter of the keys that may have a gap or a repetition; most have none, which the database says by itself."""
    counters: dict[str, list[int]] = defaultdict(list)
    # What was appended after all is counted below.
    aside = select(Quarantined.kid, Quarantined.counter).where(
        col(Quarantined.hash).not_in(select(RecordRow.hash))
    )
    for kid, counter in session.exec(aside):
        counters[kid].append(counter)
    doubtful = sorted({*counters, *_uneven(session)})
    for start in range(0, len(doubtful), CHUNK):
        some = col(RecordRow.kid).in_(doubtful[start : start + CHUNK])
        for kid, counter in session.exec(select(RecordRow.kid, RecordRow.counter).where(some)):
            counters[kid].append(counter)
    return counters


def _uneven(session: Session) -> Sequence[str]:
    """Return the keys whose appended records are not exactly as many as their highest counter, each counted once."""
    number = func.count(col(RecordRow.counter))
    different = func.count(col(RecordRow.counter).distinct())
    is_uneven = or_(number != func.max(RecordRow.counter), number != different)
    return session.exec(select(RecordRow.kid).group_by(RecordRow.kid).having(is_uneven)).all()


def _holes(counters: Iterable[int]) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    missing, repeated, last = [], [], 0
    for counter in sorted(counters):
        if counter == last and counter > 0:
            repeated.append(counter)
        if counter > last + 1:
            missing.append((last + 1, counter - 1))
        last = counter
    return tuple(missing), tuple(dict.fromkeys(repeated))
