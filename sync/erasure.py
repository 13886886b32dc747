"""Erasure by law: two administrators agree, and the bytes of records go; hash, position and head stay (PROTOCOL.md section 13).

What was erased before it came is appended without its bytes, so that no phone, relay or package brings it back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, update
from sqlmodel import Session, col, select

from sync.error import BodyInvalid
from sync.prepared import Prepared, among
from sync.record import HASH, PERSON, Record
from sync.rule import NOUNS, Kind
from sync.table import Erased, ErasedMedia, Quarantined, RecordMedia, RecordRow

NAME = "erasure"
MOST = 200


def _erasure(body: Mapping[str, Any]) -> None:
    if set(body) != {"ground", "hashes", "proposed_by", "confirmed_by"}:
        raise BodyInvalid("", "needs exactly ground, hashes, proposed_by, confirmed_by")
    if not isinstance(body["ground"], str) or not 1 <= len(body["ground"].strip()) <= 2_000:
        raise BodyInvalid("ground", "the ground in law, at most 2,000 characters")
    for name in ("proposed_by", "confirmed_by"):
        if not isinstance(body[name], str) or not PERSON.fullmatch(body[name]):
            raise BodyInvalid(name, "a person")
    if body["proposed_by"] == body["confirmed_by"]:
        raise BodyInvalid("confirmed_by", "another person than who proposed it")
    hashes = body["hashes"]
    if not isinstance(hashes, list) or not 1 <= len(hashes) <= MOST:
        raise BodyInvalid("hashes", f"1 to {MOST} hashes of records")
    if not all(isinstance(one, str) and HASH.fullmatch(one) for one in hashes):
        raise BodyInvalid("hashes", "hashes of records")
    if hashes != sorted(set(hashes)):
        raise BodyInvalid("hashes", "ascending, each once")


# Not in `keys`: without its certificates nothing could be checked any more.
KIND = Kind(NAME, {1: _erasure}, NOUNS - {"keys"})


def apply(session: Session, record: Record) -> list[str]:
    """Take the bytes of what an appended erasure names; return the entities to fold anew. Photos follow by `ErasedMedia`."""
    hashes, name = record.body["hashes"], record.payload["stream"]
    of_these = and_(
        col(RecordRow.hash).in_(hashes), col(RecordRow.stream) == name, col(RecordRow.kind) != NAME
    )
    here = session.exec(select(RecordRow.hash, RecordRow.entity).where(of_these)).all()
    session.execute(update(RecordRow).where(of_these).values(bytes=None))
    _forget_media(session, [*(known for known, _ in here), *_only_aside(session, hashes)])
    session.execute(update(Quarantined).where(col(Quarantined.hash).in_(hashes)).values(bytes=None))
    noted = set(session.exec(select(Erased.hash).where(col(Erased.hash).in_(hashes))))
    session.add_all(Erased(hash=known, erasure=record.hash) for known in hashes if known not in noted)
    session.flush()
    return list(dict.fromkeys(entity for _, entity in here))


def _only_aside(session: Session, hashes: Sequence[str]) -> Sequence[str]:
    """Return those that were set aside and never appended: the bytes they name are theirs too."""
    aside = select(Quarantined.hash).where(col(Quarantined.hash).in_(hashes))
    return session.exec(aside.where(col(Quarantined.hash).not_in(select(RecordRow.hash)))).all()


def _forget_media(session: Session, hashes: Sequence[str]) -> None:
    named = session.exec(
        select(RecordMedia.sha256).where(col(RecordMedia.record).in_(hashes)).distinct()
    ).all()
    session.execute(delete(RecordMedia).where(col(RecordMedia.record).in_(hashes)))
    for sha256 in named:
        session.merge(ErasedMedia(sha256=sha256))


def erased_before(session: Session, hashes: Sequence[str]) -> frozenset[str]:
    """Return those of the hashes that an erasure names, arrived or not."""
    return frozenset(known for (known,) in _NAMED_BEFORE.rows(session, hashes=list(hashes)))


_NAMED_BEFORE = Prepared(
    lambda is_sqlite: select(Erased.hash).where(among(col(Erased.hash), "hashes", is_sqlite))
)


def doomed(session: Session) -> list[str]:
    """Return the SHA-256 of photo bytes that an erasure freed and no other record names; forget those that one does."""
    pending = session.exec(select(ErasedMedia.sha256)).all()
    still_named = set(
        session.exec(select(RecordMedia.sha256).where(col(RecordMedia.sha256).in_(pending)).distinct())
    )
    session.execute(delete(ErasedMedia).where(col(ErasedMedia.sha256).in_(still_named)))
    return sorted(set(pending) - still_named)
