"""Announcing the key that packages are encrypted to: a record of stream `keys` (PROTOCOL.md section 2)."""

from sync import certificate
from sync.archive import Archive, Draft
from sync.jwe import DecryptionKey


def announce(archive: Archive, key: DecryptionKey) -> None:
    """Have stream `keys` name this key, unless it is the newest there already. Said twice by two starting processes it harms nothing."""
    with archive.database.reading() as session:
        newest = certificate.newest_encryption_key(session)
    if newest != key.kid:
        archive.seal([Draft("encryption_key", "keys", {"jwk": key.jwk}, "archive")])
