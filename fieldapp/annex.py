"""Confidential annexes at the archive: whose keys they are written to, who may ask for one, and that this is recorded first.

The archive holds letters. What they say is never here: they are opened in a reader's browser, or with the recovery key where that is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from fieldapp.domain.annex import Annex, AnnexOpening, AnnexOpeningBody, ReaderKey, RecoveryKey
from fieldapp.domain.appraisal import Appraisal
from fieldapp.problem import Problem
from sync import base64url
from sync.archive import Draft
from sync.key import Jwk, kid_of

if TYPE_CHECKING:
    from fieldapp.login import Who
    from fieldapp.services import Services

STREAM = "commons"


class RecoveryKnown(Exception):
    """There is a recovery key, and nobody asked for another one."""

    def __init__(self, standing: RecoveryKey) -> None:
        super().__init__(standing.key)
        self.standing = standing


def check_number(kid: str) -> str:
    """Return the number two people compare to know that they speak of the same key; phones write the same."""
    digits = base64url.decode(kid)[:8].hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def recovery(session: Session) -> RecoveryKey | None:
    """Return the recovery key as it stands."""
    newest = select(RecoveryKey).order_by(col(RecoveryKey.captured_at).desc(), col(RecoveryKey.entity))
    return session.exec(newest).first()


def readers(session: Session) -> dict[str, ReaderKey]:
    """Return the newest key of each person who was ever a reader, by person."""
    rows = session.exec(select(ReaderKey).order_by(col(ReaderKey.captured_at), col(ReaderKey.entity).desc()))
    return {row.person: row for row in rows}


def set_recovery(services: "Services", jwk: Jwk, by: str, may_replace: bool = False) -> bool:
    """Name the recovery key to every phone; return whether it took another's place. Raise `RecoveryKnown` when that was not asked for."""
    with services.database.alone():
        with services.database.reading() as session:
            standing = recovery(session)
        if standing is not None and not may_replace:
            raise RecoveryKnown(standing)
        _seal_key(services, "recovery_key", {"key": kid_of(jwk), "jwk": dict(jwk)}, by, standing)
    return standing is not None


def publish(services: "Services", person: str, jwk: Jwk, name: str = "") -> None:
    """Name a reader's key to every phone; a new one takes the place of the person's old one."""
    with services.database.alone():
        with services.database.reading() as session:
            standing = readers(session).get(person)
        body = {"key": kid_of(jwk), "jwk": dict(jwk), "person": person, "name": name, "is_withdrawn": False}
        _seal_key(services, "reader_key", body, person, standing)


def withdraw(services: "Services", person: str, by: str) -> None:
    """End a reader: nothing more is written to the person. What was, stays readable with the key. Raise problem `not-found`."""
    with services.database.alone():
        with services.database.reading() as session:
            standing = readers(session).get(person)
        if standing is None or standing.is_withdrawn:
            raise Problem("not-found")
        body = {
            "key": standing.key,
            "jwk": standing.jwk,
            "person": person,
            "name": standing.name,
            "is_withdrawn": True,
        }
        _seal_key(services, "reader_key", body, by, standing)


def _seal_key(services: "Services", kind: str, body: dict[str, Any], by: str, standing: Any) -> None:
    entity: str | None = None
    supersedes: tuple[str, ...] = ()
    if standing is not None:
        entity = standing.entity
        with services.database.reading() as session:
            heads = services.archive.folder.heads(session, STREAM, entity)
        supersedes = tuple(sorted(head.hash for head in heads))
    services.archive.seal([Draft(kind, STREAM, body, by, entity=entity, supersedes=supersedes)])


@dataclass(frozen=True)
class Known:
    """What everybody with the stream may know of an annex: that it exists, and who may read it."""

    row: Annex | Appraisal

    @property
    def persons(self) -> list[str]:
        """Return who may read it."""
        named: list[Any] = list(self.row.readers)
        return [one["person"] for one in named]

    @property
    def kids(self) -> list[str]:
        """Return the readers' keys, in the order of the persons."""
        named: list[Any] = list(self.row.readers)
        return [one["kid"] for one in named]


def of_interviews(
    session: Session, streams: Iterable[str], interviews: Sequence[str]
) -> dict[str, list[Known]]:
    """Return the annexes of interviews, oldest first, by interview."""
    found: dict[str, list[Known]] = {}
    if not interviews:
        return found
    wanted = (col(Annex.interview).in_(interviews), col(Annex.stream).in_(sorted(streams)))
    for row in session.exec(select(Annex).where(*wanted).order_by(col(Annex.captured_at), col(Annex.entity))):
        found.setdefault(row.interview, []).append(Known(row))
    return found


def find(session: Session, streams: Iterable[str], entity: str) -> Known:
    """Return an annex of these streams, or an appraisal whose raters wrote something; raise problem `not-found`."""
    row = session.get(Annex, entity) or session.get(Appraisal, entity)
    if row is None or row.letter is None or row.stream not in streams:
        raise Problem("not-found")
    return Known(row)


def openings(session: Session, annex: Known) -> list[AnnexOpening]:
    """Return who asked for an annex, the newest first. For its readers' eyes."""
    of_it = col(AnnexOpening.annex) == annex.row.entity
    return list(
        session.exec(select(AnnexOpening).where(of_it).order_by(col(AnnexOpening.captured_at).desc()))
    )


def hand_out(services: "Services", streams: Iterable[str], who: "Who", entity: str, purpose: str) -> Any:
    """Record that a reader opens an annex, and what for; then return its letter.

    Raise problem `not-found`, `not-allowed`, `bad-request`.
    """
    with services.database.reading() as session:
        annex = find(session, streams, entity)
    if who.person not in annex.persons:
        raise Problem("not-allowed")
    body = {"annex": entity, "opened": annex.row.record, "purpose": purpose.strip()}
    try:
        sealed = AnnexOpeningBody.model_validate(body).model_dump(mode="json")
    except ValueError as error:
        raise Problem("bad-request", "purpose") from error
    services.archive.seal([Draft(AnnexOpeningBody.kind, annex.row.stream, sealed, who.person)])
    return annex.row.letter
