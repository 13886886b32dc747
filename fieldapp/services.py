"""What views and commands work with: the archive and its stores, made once from the settings."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import current_app

from fieldapp import account, login  # noqa: F401  (their tables are made with the rest)
from fieldapp.domain import TABLES, rulebook
from fieldapp.picture import Pictures
from fieldapp.settings import Settings, secret_of
from sync.archive import Archive
from sync.database import Database
from sync.encryption import announce
from sync.jwe import DecryptionKey
from sync.key import SealingKey
from sync.photo import PhotoStore

Clock = Callable[[], datetime]
EXTENSION = "fieldapp"


@dataclass(frozen=True)
class Services:
    """One archive, ready to work. `clock` gives aware UTC instants; `decryption` opens packages for this archive."""

    settings: Settings
    database: Database
    photos: PhotoStore
    pictures: Pictures
    archive: Archive
    decryption: DecryptionKey
    clock: Clock
    secret: bytes


def open_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Open the archive of a data folder; the first time, make folder, keys, database and the archive's first record.

    The archive's own key lies beside the database, never in it, so that a copy of the database seals nothing.
    """
    clock = clock or now
    # Files are sent from other folders than the one the process was started in: no path stays relative.
    settings = replace(settings, data=settings.data.absolute())
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.create_tables()
    photos = PhotoStore(settings.data / "photo")
    tables = {body.kind: table for body, table in TABLES.items()}
    key = SealingKey.kept_at(settings.data / "key" / "archive.pem")
    archive = Archive(
        database, rulebook(), tables, photos, key, clock, secrets.token_bytes, title=settings.department
    )
    decryption = DecryptionKey.kept_at(settings.data / "key" / "encryption.pem")
    announce(archive, decryption)
    pictures = Pictures(settings.data / "picture", photos)
    secret = secret_of(settings.data)
    return Services(settings, database, photos, pictures, archive, decryption, clock, secret)


def now() -> datetime:
    """Return the present instant, aware, UTC."""
    return datetime.now(UTC)


def current() -> Services:
    """Return the services of the application that answers the present request."""
    services: Services = current_app.extensions[EXTENSION]
    return services
