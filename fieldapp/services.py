"""What views and commands work with: the archive and its stores, made once from the settings."""

import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from flask import current_app
from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlalchemy.exc import ArgumentError
from sqlmodel import col, select

from fieldapp import (  # their tables are made, and backed up, with the rest
    account,  # noqa: F401
    enrolment_code,  # noqa: F401
    erasure_proposal,  # noqa: F401
    key_file,
    login,  # noqa: F401
    register,  # noqa: F401
    review,  # noqa: F401
    rollback_notice,  # noqa: F401
    second_factor,  # noqa: F401
)
from fieldapp.domain import TABLES, rulebook
from fieldapp.lasting import Lasting
from fieldapp.picture import Pictures
from fieldapp.search import SearchIndex
from fieldapp.settings import SettingRefused, Settings
from fieldapp.visit_line import VisitLines
from sync import follower, rebuild, rollback
from sync.archive import Archive
from sync.database import Database
from sync.encryption import announce
from sync.follower import Follower
from sync.jwe import DecryptionKey
from sync.key import SealingKey
from sync.photo import FolderStore, PhotoStore
from sync.prepared import Prepared
from sync.table import Erased, ErasedMedia, Media
from sync.upload import Uploads

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
# What is made of the folded rows beside them.
FOLLOWERS: tuple[Follower, ...] = (VisitLines(), SearchIndex())
EXTENSION = "fieldapp"


@dataclass(frozen=True)
class Services:
    """One archive, ready to work. `clock` gives aware UTC instants; `decryption` opens packages for this archive."""

    settings: Settings
    database: Database
    photos: PhotoStore
    pictures: Pictures
    archive: Archive
    uploads: Uploads
    decryption: DecryptionKey
    clock: Clock

    def drop_erased_pictures(self) -> None:
        """Remove what was made here of photos that were erased since, at another machine; to be asked before a picture is served."""
        with self.database.snapshot() as connection:
            erasures = _ERASED.rows(connection)
        self.pictures.follow(erasures, lambda hashes: _kept(self.database, hashes))


# Changes with every erasure by law, and once more when the photos it freed are gone.
_ERASED = Prepared(
    lambda _is_sqlite: sql_select(
        sql_select(func.count()).select_from(Erased).scalar_subquery(),
        sql_select(func.count()).select_from(ErasedMedia).scalar_subquery(),
    )
)


def open_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Open the archive of a data folder; the first time, make folder, keys, database and the archive's first record.

    The archive's own key lies beside the database, never in it, so that a copy of the database seals nothing.
    """
    clock = clock or now
    # Files are sent from other folders than the one the process was started in: no path stays relative.
    settings = replace(settings, data=settings.data.absolute())
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = database_of(settings)
    database.create_tables()
    photos = photo_store(settings)
    pictures = Pictures(settings.data / "picture", photos)
    archive = _archive(settings, database, photos, pictures, clock)
    for table in sorted(rebuild.fit(archive)):
        log.warning("table %s was of an earlier release and was made anew from the records", table)
    for name in follower.fill(database, archive.folder.followers):
        log.info("%s was made from the folded tables", name)
    if archive.is_rolled_back:
        rollback.open_epoch(archive, "restored")
    decryption = DecryptionKey.kept_at(settings.data / key_file.FOLDER / "encryption.pem")
    announce(archive, decryption)
    uploads = Uploads(archive)
    services = Services(settings, database, photos, pictures, archive, uploads, decryption, clock)
    services.drop_erased_pictures()
    return services


def _archive(
    settings: Settings, database: Database, photos: PhotoStore, pictures: Pictures, clock: Clock
) -> Archive:
    """Open the archive with its key; with the next one when a crash came between sealing that and putting it in place."""
    lasting = Lasting(settings.data / "lasting.ndjson")
    follower.prepare(database, FOLLOWERS)
    archive = Archive(
        database,
        rulebook(),
        {body.kind: table for body, table in TABLES.items()},
        photos,
        SealingKey.kept_at(settings.data / key_file.FOLDER / key_file.PRESENT),
        clock,
        secrets.token_bytes,
        title=settings.department,
        on_destroyed=pictures.forget,
        outlives=lasting.write,
        lasting=lasting.lines(),
        find_key=partial(key_file.find, settings.data),
        followers=FOLLOWERS,
    )
    if key_file.settle(settings.data, archive.key.kid):
        # What was appended just now had been sealed right before a crash: no older state was put in its place.
        archive.is_rolled_back = False
    return archive


def _kept(database: Database, hashes: set[str]) -> set[str]:
    """Return those of the hashes whose bytes the archive has; what is made of others is left from an erasure at another machine."""
    with database.reading() as session:
        return set(session.exec(select(Media.sha256).where(col(Media.sha256).in_(hashes))))


def database_of(settings: Settings) -> Database:
    """Return the database of the settings; raise `SettingRefused` for an address that cannot be used."""
    try:
        return Database(settings.database_url)
    except ModuleNotFoundError as error:
        raise SettingRefused("FIELDAPP_DATABASE needs more: install fieldapp[postgresql]") from error
    except ArgumentError as error:
        raise SettingRefused(f"FIELDAPP_DATABASE: {error}") from error


def photo_store(settings: Settings) -> PhotoStore:
    """Return where the settings say that photos lie; raise `SettingRefused` for an address that cannot be used."""
    if not settings.photos:
        return FolderStore(settings.data / "photo")
    try:
        from sync.object_store import NoStore, ObjectStore
    except ModuleNotFoundError as error:
        raise SettingRefused("FIELDAPP_PHOTOS needs more: install fieldapp[s3]") from error
    try:
        store = ObjectStore(settings.photos, settings.photos_endpoint, settings.photos_region)
        store.check()
    except NoStore as error:
        raise SettingRefused(f"FIELDAPP_PHOTOS: {error}") from error
    return store


def secret_of(key: SealingKey) -> bytes:
    """Return the secret that signs form tokens: it follows from the archive's key, so machines that share it share this too."""
    return hmac.digest(key.pem(), b"fieldapp form tokens", "sha256")


def now() -> datetime:
    """Return the present instant, aware, UTC."""
    return datetime.now(UTC)


def current() -> Services:
    """Return the services of the application that answers the present request."""
    services: Services = current_app.extensions[EXTENSION]
    return services
