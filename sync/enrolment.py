"""Enrolling a phone: one person on one phone with one key, certified by the archive after a login (PROTOCOL.md sections 2 and 7)."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sync import instant, statement
from sync.draft import Draft
from sync.error import BadSignature, NotARecord, SyncError
from sync.rule import Role
from sync.table import CertificateRow, RecordRow

if TYPE_CHECKING:
    from sync.archive import Archive

BEACON_LIFE = timedelta(hours=24)


class KeyTaken(SyncError):
    """A key that is enrolled for somebody else, or revoked."""


def enrol(archive: "Archive", request: bytes, person: str, name: str, role: Role, by: str) -> str:
    """Certify the key a phone proved to hold as this person's; return the enrolment's JWS. Asked again, the same one."""
    asked = statement.read_enrolment(request)
    if (asked.archive, asked.person) != (archive.name, person):
        raise NotARecord("enrolment: asked of another archive or for another person")
    _check_beacon(archive, asked.beacon)
    if _certificate(archive, asked.kid) is None:
        body = {"jwk": asked.jwk, "person": person, "name": name[:200], "role": role, "label": asked.label}
        archive.seal([Draft("enrolment", "keys", body, by)])
    # The first certificate of a key stands, whoever else asked at the same time.
    row = _certificate(archive, asked.kid)
    if row is None or row.person != person or row.revoked_at or row.is_archive:
        raise KeyTaken(asked.kid)
    with archive.database.reading() as session:
        return bytes(session.get_one(RecordRow, row.record).bytes).decode("ascii")


def _certificate(archive: "Archive", kid: str) -> CertificateRow | None:
    with archive.database.reading() as session:
        return session.get(CertificateRow, kid)


def _check_beacon(archive: "Archive", beacon: str) -> None:
    try:
        payload = statement.read_any(beacon, statement.TIME, archive.jwks())
        age = archive.clock() - instant.parse(payload["at"])
    except (SyncError, ValueError, KeyError, TypeError) as error:
        raise NotARecord("beacon: not a time token of this archive") from error
    if payload.get("archive") != archive.name or age > BEACON_LIFE:
        raise BadSignature("beacon: of another archive, or older than a day")
