"""A loaded demo city for tests, and how they ask it."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from fieldapp import demo
from fieldapp.demo.shift import ANCHOR
from fieldapp.domain import TABLES, Project, rulebook
from sync.archive import Archive
from sync.database import Database
from sync.key import SealingKey
from sync.photo import FolderStore, PhotoStore


@dataclass
class Loaded:
    database: Database
    photos: PhotoStore
    told: list[float]

    def session(self) -> Session:
        return Session(self.database.engine)


def archive_in(folder: Path) -> Archive:
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'archive.db'}")
    database.create_tables()
    tables = {body.kind: table for body, table in TABLES.items()}
    key, photos = SealingKey.new(), FolderStore(folder / "photo")
    clock = lambda: datetime(2026, 11, 22, 12, tzinfo=UTC)  # noqa: E731
    return Archive(database, rulebook(), tables, photos, key, clock, secrets.token_bytes)


def load_into(folder: Path) -> Loaded:
    archive, told = archive_in(folder), []
    demo.load(archive, archive.database, ANCHOR, told.append)
    return Loaded(archive.database, archive.photos, told)


def count(loaded: Loaded, table: type[SQLModel]) -> int:
    with loaded.session() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def rows(loaded: Loaded, table: type[SQLModel], **equal: Any) -> list[Any]:
    with loaded.session() as session:
        statement = select(table).order_by(table.captured_at, table.entity)  # type: ignore[attr-defined]
        for name, value in equal.items():
            statement = statement.where(getattr(table, name) == value)
        return list(session.exec(statement))


def project(loaded: Loaded, code: str) -> Project:
    return rows(loaded, Project, code=code.lower())[0]
