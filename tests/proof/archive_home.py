"""Where the archive of a proof lives: it can be killed anywhere, backed up, restored, and rolled back behind everybody's back."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask

from fieldapp import Settings
from fieldapp.services import EXTENSION, Services, open_services
from sync import backup, fault, rollback
from sync.database import Database
from sync.photo import FolderStore, PhotoStore, StoreBusy, StoreFull
from tests.store import Postgresql
from tests.sync.factory import StandingClock

DATABASE = "archive.db"


class Killed(BaseException):
    """The process of the archive died here."""


@contextmanager
def dying_at(point: str) -> Iterator[None]:
    """Let the archive die when it passes a point. The process is this one, so it ends with an exception instead of a signal."""
    kill = os.kill

    def die(_pid: int, _signal: int) -> None:
        raise Killed(point)

    os.kill = die
    fault.arm(point, 1)
    try:
        yield
    finally:
        os.kill = kill
        fault._left.clear()


class Troubled:
    """A photo store that fails for a number of calls."""

    def __init__(self, store: PhotoStore) -> None:
        self.store = store
        self.left = 0
        self.trouble: type[Exception] = StoreBusy

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.store, name)

        def troubled(*given: Any) -> Any:
            if self.left:
                self.left -= 1
                raise self.trouble("for a test")
            return call(*given)

        return troubled


@dataclass
class Databases:
    """How databases are made, copied and dropped: files of SQLite, or databases of a server."""

    server: Postgresql | None

    def address(self, folder: Path) -> str:
        return self.server.address(self._name(folder)) if self.server else f"sqlite:///{folder / DATABASE}"

    def create(self, folder: Path) -> None:
        if self.server:
            self._say(f'CREATE DATABASE "{self._name(folder)}" STRATEGY file_copy')

    def copy(self, source: Path, target: Path) -> None:
        """Copy a database nobody has open; one that is there is replaced."""
        self.drop(target)
        if self.server:
            template = self._name(source)
            self._say(f'CREATE DATABASE "{self._name(target)}" TEMPLATE "{template}" STRATEGY file_copy')
            return
        for file in source.glob(f"{DATABASE}*"):
            shutil.copyfile(file, target / file.name)

    def drop(self, folder: Path) -> None:
        if self.server:
            self._say(f'DROP DATABASE IF EXISTS "{self._name(folder)}" WITH (FORCE)')
            return
        for file in folder.glob(f"{DATABASE}*"):
            file.unlink()

    def _name(self, folder: Path) -> str:
        """A folder's database is named in it, so that copies of the folder have others."""
        file = folder.with_suffix(".database")
        if not file.exists():
            file.write_text(f"proof_{secrets.token_hex(8)}")
        return file.read_text()

    def _say(self, sql: str) -> None:
        assert self.server is not None
        with psycopg.connect(self.server.uri, autocommit=True) as connection:
            connection.execute(sql)


class ArchiveHome:
    """The archive of one run, over a copy of a prepared one. `app` is the real application, its services changed under it."""

    def __init__(self, app: Flask, prepared: Path, folder: Path, databases: Databases) -> None:
        self.app = app
        self.folder = folder
        self.databases = databases
        self.clock = StandingClock()
        self.data = folder / "data0"
        shutil.copytree(prepared, self.data, ignore=shutil.ignore_patterns(f"{DATABASE}*"))
        databases.copy(prepared, self.data)
        self.count = 0
        self.backups: list[Path] = []
        self.snapshots: list[Path] = []
        self.open()

    @property
    def settings(self) -> Settings:
        address = self.databases.address(self.data) if self.databases.server else ""
        return Settings(data=self.data, database=address, login_days=400)

    @property
    def archive(self) -> Any:
        return self.services.archive

    @property
    def photos(self) -> Troubled:
        return self.archive.photos  # type: ignore[no-any-return]

    def open(self) -> None:
        self.services: Services = open_services(self.settings, self.clock)
        self.services.archive.photos = Troubled(self.services.photos)  # type: ignore[assignment]
        self.app.extensions[EXTENSION] = self.services

    def close(self) -> None:
        self.services.database.close()

    def end(self) -> None:
        """Close everything and drop every database."""
        self.close()
        for folder in (self.data, *self.snapshots):
            self.databases.drop(folder)

    def crash(self) -> None:
        self.close()
        self.open()

    def _new_folder(self, name: str) -> Path:
        self.count += 1
        folder = self.folder / f"{name}{self.count}"
        folder.mkdir()
        return folder

    def back_up(self) -> None:
        folder = self._new_folder("backup")
        backup.back_up(self.services.database, self.services.photos, folder, self.archive.now())
        self.backups.append(folder)

    def restore(self, number: int, keeps_photos: bool) -> None:
        """Do what `fieldapp restore` does, in a new data folder with the keys and `lasting.ndjson` of the old one."""
        self.close()
        old, self.data = self.data, self._new_folder("data")
        shutil.copytree(old / "key", self.data / "key")
        if (old / "lasting.ndjson").exists():
            shutil.copyfile(old / "lasting.ndjson", self.data / "lasting.ndjson")
        if keeps_photos:
            (old / "photo").rename(self.data / "photo")
        self.databases.create(self.data)
        database = Database(self.databases.address(self.data))
        backup.restore(self.backups[number % len(self.backups)], database, FolderStore(self.data / "photo"))
        database.close()
        self.databases.drop(old)
        self.open()
        if not self.archive.is_rolled_back:
            rollback.open_epoch(self.archive, "restored")

    def take_snapshot(self) -> None:
        self.close()
        folder = self._new_folder("snapshot")
        self.databases.copy(self.data, folder)
        shutil.copytree(self.data / "photo", folder / "photo")
        self.snapshots.append(folder)
        self.open()

    def roll_back(self, number: int) -> None:
        """Put an older state of the database in place, with the photos it speaks of, and tell nobody."""
        self.close()
        snapshot = self.snapshots[number % len(self.snapshots)]
        self.databases.copy(snapshot, self.data)
        shutil.copytree(snapshot / "photo", self.data / "photo", dirs_exist_ok=True)
        self.open()

    def fill_store(self, trouble: str, calls: int) -> None:
        self.photos.trouble = {"busy": StoreBusy, "full": StoreFull}[trouble]
        self.photos.left = calls
