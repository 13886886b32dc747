"""The kinds of stream `keys` and what they say of keys (PROTOCOL.md section 2)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Executable, String, cast, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from sync import key, vouching
from sync.error import BodyInvalid, NotARecord
from sync.prepared import Prepared, among
from sync.record import KID, PERSON, Record, parse
from sync.rule import ROLES, Certificate, Kind
from sync.table import CertificateRow, RecordRow

_KEYS = frozenset({"keys"})
ARCHIVE_KEY, EPOCH = "archive_key", "epoch"
CERTIFYING = frozenset({ARCHIVE_KEY, "enrolment"})
REASONS = ("contradicted", "restored")


def _text(body: Mapping[str, Any], members: Iterable[str]) -> None:
    for name in members:
        if not isinstance(body.get(name), str) or len(body[name]) > 200:
            raise BodyInvalid(name, "text of at most 200 characters")


def _jwk(body: Mapping[str, Any]) -> None:
    jwk = body.get("jwk")
    if not isinstance(jwk, dict) or not all(isinstance(value, str) for value in jwk.values()):
        raise BodyInvalid("jwk", "an object of text")
    try:
        key.kid_of(jwk)
    except NotARecord as error:
        raise BodyInvalid("jwk", error.detail) from error


def _exactly(body: Mapping[str, Any], members: set[str]) -> None:
    if set(body) != members:
        raise BodyInvalid("", f"needs exactly {', '.join(sorted(members))}")


def _archive_key(body: Mapping[str, Any]) -> None:
    _exactly(body, {"jwk", "name"})
    _jwk(body)
    _text(body, ["name"])


def _enrolment(body: Mapping[str, Any]) -> None:
    _exactly(body, {"jwk", "person", "name", "role", "label"})
    _jwk(body)
    _text(body, ["person", "name", "role", "label"])
    if not PERSON.fullmatch(body["person"]) or body["role"] not in ROLES:
        raise BodyInvalid("person", "a person in a known role")


def _encryption_key(body: Mapping[str, Any]) -> None:
    _exactly(body, {"jwk"})
    _jwk(body)


def _revocation(body: Mapping[str, Any]) -> None:
    _exactly(body, {"kid", "reason"})
    _text(body, ["kid", "reason"])
    if not KID.fullmatch(body["kid"]):
        raise BodyInvalid("kid", "the name of a key")


def _epoch(body: Mapping[str, Any]) -> None:
    if set(body) != {"epoch", "reason", "evidence"}:
        raise BodyInvalid("", "needs exactly epoch, reason, evidence")
    number = body["epoch"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 2:
        raise BodyInvalid("epoch", "an integer above 1")
    if body["reason"] not in REASONS:
        raise BodyInvalid("reason", " or ".join(REASONS))
    if body["evidence"] is not None and not isinstance(body["evidence"], dict):
        raise BodyInvalid("evidence", "the contradicted fact, or null")


KINDS = (
    Kind(ARCHIVE_KEY, {1: _archive_key}, _KEYS),
    Kind("enrolment", {1: _enrolment}, _KEYS),
    Kind("revocation", {1: _revocation}, _KEYS),
    Kind(EPOCH, {1: _epoch}, _KEYS),
    Kind("encryption_key", {1: _encryption_key}, _KEYS),
    Kind(vouching.KIND, {1: vouching.validate}, _KEYS),
)


def note(session: Session, record: Record, appended_at: str) -> None:
    """Take up what an appended record of stream `keys` says, or what it vouches for. The first certificate of a key stands."""
    for one, origin in vouching.stated(record):
        if one.payload["kind"] == "revocation":
            _revoke(session, one.body["kid"], origin, appended_at)
        elif one.payload["kind"] in CERTIFYING:
            _certify(session, one, origin, record.hash, appended_at)
        session.flush()


def _revoke(session: Session, kid: str, origin: str | None, at: str) -> None:
    """Another archive revokes only what it certified."""
    row, vouched = session.get(CertificateRow, kid), session.get(vouching.Vouched, kid)
    is_its_own = origin is None or (vouched is not None and vouched.archive == origin)
    if row is not None and row.revoked_at is None and is_its_own:
        row.revoked_at = at
        session.add(row)


def _certify(session: Session, one: Record, origin: str | None, told_by: str, at: str) -> None:
    body, kid = one.body, key.kid_of(one.body["jwk"])
    if session.get(CertificateRow, kid) is not None:
        return
    is_archive = one.payload["kind"] == ARCHIVE_KEY
    if origin is not None:
        session.add(vouching.Vouched(kid=kid, archive=origin))
    elif is_archive:
        _retire(session, at)
    row = CertificateRow(
        kid=kid,
        jwk=body["jwk"],
        person=one.payload["author"] if is_archive else body["person"],
        name=body["name"],
        role=None if is_archive else body["role"],
        label="" if is_archive else body["label"],
        is_archive=is_archive,
        enrolled_at=at,
        record=told_by,
    )
    session.add(row)


def _retire(session: Session, at: str) -> None:
    """The archive's newest key is the only one that seals: what an older one seals from now on is set aside."""
    own = select(RecordRow.hash).where(RecordRow.kind == ARCHIVE_KEY)
    older = update(CertificateRow).where(
        col(CertificateRow.record).in_(own), col(CertificateRow.revoked_at).is_(None)
    )
    session.execute(older.values(revoked_at=at))


def newest_archive_key(session: Session) -> str:
    """Return the kid of the archive's present key: the last one its stream `keys` names."""
    statement = (
        select(CertificateRow.kid)
        .join(RecordRow, col(RecordRow.hash) == CertificateRow.record)
        .where(col(CertificateRow.is_archive), RecordRow.kind == ARCHIVE_KEY)
        .order_by(col(RecordRow.position).desc())
    )
    return session.exec(statement).first() or ""


def require_sealing(session: Session, kids: Iterable[str]) -> None:
    """Raise `WrongKey` when one of these keys was retired or revoked: with stream `keys` locked, none of them can be from now on."""
    named = sorted(set(kids))
    gone = select(CertificateRow.kid).where(
        col(CertificateRow.kid).in_(named), col(CertificateRow.revoked_at).is_not(None)
    )
    if named and (found := session.exec(gone).first()):
        raise key.WrongKey(f"{found} seals nothing more")


def archive_jwks(session: Session) -> dict[str, dict[str, str]]:
    """Return every key the archive has had, by kid: what it stated with an older one stays true."""
    rows = session.exec(
        select(CertificateRow.kid, CertificateRow.jwk)
        .join(RecordRow, col(RecordRow.hash) == CertificateRow.record)
        .where(RecordRow.kind == ARCHIVE_KEY)
    )
    return {kid: dict(jwk) for kid, jwk in rows}


def find(session: Session | Connection, kids: Iterable[str]) -> dict[str, Certificate]:
    """Return the certificates of those keys that have one."""
    found = {}
    for kid, jwk, person, role, is_archive, revoked_at, origin in _CERTIFYING.rows(
        session, kids=[*set(kids)]
    ):
        found[kid] = Certificate(
            kid, json.loads(jwk), person, role, bool(is_archive), revoked_at is not None, origin
        )
    return found


def _certifying(is_sqlite: bool) -> Executable:
    """Name the members of `Certificate` in their order."""
    table, vouched = CertificateRow.__table__.c, vouching.Vouched  # type: ignore[attr-defined]
    jwk = cast(table.jwk, String)
    columns = (table.kid, jwk, table.person, table.role, table.is_archive, table.revoked_at)
    return (
        sql_select(*columns, col(vouched.archive))
        .outerjoin(vouched, col(vouched.kid) == table.kid)
        .where(among(table.kid, "kids", is_sqlite))
    )


_CERTIFYING = Prepared(_certifying)


def key_records(session: Session) -> list[str]:
    """Return the records of the keys that the archive seals with, and of those one encrypts to, in their order."""
    named = col(RecordRow.kind).in_([ARCHIVE_KEY, "encryption_key"])
    rows = select(RecordRow.bytes).where(RecordRow.stream == "keys", named).order_by(col(RecordRow.position))
    return [bytes(row).decode("ascii") for row in session.exec(rows) if row]


def newest_encryption_key(session: Session) -> str | None:
    """Return the kid of the newest key that things are encrypted to, None when none was announced."""
    row = session.exec(
        select(RecordRow.bytes)
        .where(RecordRow.stream == "keys", RecordRow.kind == "encryption_key")
        .order_by(col(RecordRow.position).desc())
    ).first()
    return key.kid_of(parse(bytes(row)).body["jwk"]) if row else None
