"""Gaps in what one phone sent: every record carries its key's count, so one that never came leaves a hole (PROTOCOL.md section 4).

Shown to people; holds nothing up. A hole may still be on the phone, or was refused, or went with the phone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import func
from sqlmodel import Session, col, select

from sync.table import CertificateRow, Quarantined, RecordRow


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
    """Return the keys with a gap or a repetition, by person. Reads one number a record; for a page that people ask for."""
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
    counters: dict[str, list[int]] = defaultdict(list)
    for kid, counter in session.exec(select(RecordRow.kid, RecordRow.counter)):
        counters[kid].append(counter)
    # What was appended after all is counted above.
    aside = select(Quarantined.kid, Quarantined.counter).where(
        col(Quarantined.hash).not_in(select(RecordRow.hash))
    )
    for kid, counter in session.exec(aside):
        counters[kid].append(counter)
    return counters


def _holes(counters: Iterable[int]) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    missing, repeated, last = [], [], 0
    for counter in sorted(counters):
        if counter == last and counter > 0:
            repeated.append(counter)
        if counter > last + 1:
            missing.append((last + 1, counter - 1))
        last = counter
    return tuple(missing), tuple(dict.fromkeys(repeated))
