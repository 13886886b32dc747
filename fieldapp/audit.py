"""Who saw and did what: the register and what desks sealed, as one list, newest first. Nothing here writes.

What phones sealed is the archive's content and stands in its logs; here stand the acts of people at the desk.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, text
from sqlmodel import Session, col, select

from fieldapp.domain import TABLES
from fieldapp.register import EXPORTED, OPENED, RegisterLine
from fieldapp.subject import REF
from sync import instant, record
from sync.table import RecordRow

KEY = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+[+]00:00)~([0-9a-f-]{36})")
_PHONE = frozenset({"enrolment", "revocation"})
_ERASURE = frozenset({"erasure"})
_SEEN = frozenset({"annex_opening"})
_MASTER = frozenset(body.kind for body in TABLES if body.is_shared)
_ELSEWHERE = _PHONE | _ERASURE | _SEEN | _MASTER

# What a filter may ask for: the acts of the register's lines (None: those no other group names), and the kinds of records.
GROUPS: dict[str, tuple[frozenset[str] | None, frozenset[str] | None]] = {
    "seen": (frozenset({OPENED}), _SEEN),
    "exported": (frozenset({EXPORTED}), frozenset()),
    "login": (
        frozenset({"login", "login_recovery", "login_failed", "factor_failed", "login_ended"}),
        frozenset(),
    ),
    "account": (None, frozenset()),
    "phone": (frozenset({"code_shown", "code_used"}), _PHONE),
    "decision": (frozenset({"rollback_noted"}), None),
    "master": (frozenset(), _MASTER),
    "erasure": (frozenset({"erasure_proposed", "erasure_declined"}), _ERASURE),
}
_ACTS = frozenset().union(*(acts for acts, _ in GROUPS.values() if acts))
# A literal, so that the index of what desks sealed is used: a phone's counter begins with 1.
_BY_DESK = text("record.counter = 0")
# What a body may hold that says why.
REASONS = ("purpose", "reason", "ground", "note")


@dataclass(frozen=True)
class Filter:
    """What a link to the page asks for; empty is no condition. Days are those of the department, `YYYY-MM-DD`, both included."""

    person: str = ""
    group: str = ""
    from_on: str = ""
    to_on: str = ""

    def misfits(self, people: Mapping[str, Any]) -> dict[str, str]:
        """Return the members that can mean nothing, with what they say."""
        fits = {
            "person": self.person in people,
            "group": self.group in GROUPS,
            "from_on": _is_day(self.from_on),
            "to_on": _is_day(self.to_on),
        }
        return {name: value for name, value in self.query().items() if not fits[name]}

    def query(self) -> dict[str, str]:
        """Return the members of a link's query string that say something."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Act:
    """One line. `kind` is that of a record or empty; `act` that of the register, a record's decision, else `made` or `corrected`.

    `why` is a purpose or reason; `subject` what the register says, or the entity of a record and what its body points at.
    """

    id: str
    at: str
    person: str
    kind: str
    act: str
    subject: str
    why: str
    network: str = ""
    browser: str = ""
    stream: str = ""


def page(
    session: Session, archives: set[str], wanted: Filter, after: str, size: int, zone: tzinfo
) -> tuple[list[Act], str]:
    """Return acts, newest first, and the key after which the next ones come; empty at the end. `archives` are the archive's own keys."""
    acts = _of_register(session, wanted, after, size + 1, zone)
    acts += _of_records(session, archives, wanted, after, size + 1, zone)
    acts.sort(key=lambda one: (one.at, one.id), reverse=True)
    shown = acts[:size]
    return shown, f"{shown[-1].at}~{shown[-1].id}" if len(acts) > size else ""


def _of_register(session: Session, wanted: Filter, after: str, most: int, zone: tzinfo) -> list[Act]:
    asked = _conditions(col(RegisterLine.at), col(RegisterLine.id), wanted, after, zone)
    if wanted.person:
        asked.append(col(RegisterLine.person) == wanted.person)
    if wanted.group:
        acts = GROUPS[wanted.group][0]
        if acts == frozenset():
            return []
        own = col(RegisterLine.act)
        asked.append(own.not_in(_ACTS) if acts is None else own.in_(acts))
    newest = col(RegisterLine.at).desc(), col(RegisterLine.id).desc()
    rows = session.exec(select(RegisterLine).where(*asked).order_by(*newest).limit(most))
    return [
        Act(row.id, row.at, row.person, "", row.act, row.subject, row.purpose, row.network, row.browser)
        for row in rows
    ]


def _of_records(
    session: Session, archives: set[str], wanted: Filter, after: str, most: int, zone: tzinfo
) -> list[Act]:
    asked = _conditions(col(RecordRow.appended_at), col(RecordRow.id), wanted, after, zone)
    # Not the bare column: every act of the archive's key would be read and sorted.
    asked += [_BY_DESK, func.coalesce(col(RecordRow.kid), "").in_(sorted(archives))]  # type: ignore[list-item]
    if wanted.person:
        asked.append(col(RecordRow.author) == wanted.person)
    if wanted.group:
        kinds = GROUPS[wanted.group][1]
        if kinds == frozenset():
            return []
        own = col(RecordRow.kind)
        asked.append(own.not_in(_ELSEWHERE) if kinds is None else own.in_(kinds))
    newest = col(RecordRow.appended_at).desc(), col(RecordRow.id).desc()
    rows = session.exec(select(RecordRow).where(*asked).order_by(*newest).limit(most))
    return [_sealed(row) for row in rows]


def _sealed(row: RecordRow) -> Act:
    """Return what a record was; why is not known any more of one erased by law."""
    body = record.parse(bytes(row.bytes)).body if row.bytes else {}
    act = body.get("decision") or ("made" if row.id == row.entity else "corrected")
    why = next((body[name] for name in REASONS if isinstance(body.get(name), str) and body[name]), "")
    about = " ".join([row.entity, *(body[name] for name in body if REF.fullmatch(str(body[name])))])
    return Act(row.id, row.appended_at, row.author, row.kind, act, about, why, stream=row.stream)


def _conditions(
    at: Any, identity: Any, wanted: Filter, after: str, zone: tzinfo
) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if key := KEY.fullmatch(after):
        asked.append(or_(at < key[1], and_(at == key[1], identity < key[2])))
        # Said once more, plainly: both databases begin at this place of the index.
        asked.append(at <= key[1])
    if wanted.from_on:
        asked.append(at >= _begin(wanted.from_on, zone))
    if wanted.to_on:
        asked.append(at < _begin(wanted.to_on, zone, days=1))
    return asked


def _begin(day: str, zone: tzinfo, days: int = 0) -> str:
    first = datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), zone)
    return instant.write(first)


def _is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", text) is not None and bool(
            date.fromisoformat(text)
        )
    except ValueError:
        return False
