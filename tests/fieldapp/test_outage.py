"""A database that stops or fails over, a photo store that is away or full: a phone is told to come again, never that it is at fault."""

import errno
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from fieldapp.outage import problem_of
from sync.database import Database
from sync.photo import StoreFull
from tests.fieldapp.desk_city import PASSWORD, build, logged_in, make_app, services, submit
from tests.store import SORTS, Postgresql, free_port, named


@pytest.fixture
def stores(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with named(request, "postgresql") as settings:
        yield settings


@pytest.fixture
def app(stores: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path, **stores)
    yield app
    services(app).database.close()


def told(client: FlaskClient, path: str, **headers: str) -> tuple[int, str, bool]:
    answer = client.get(path, headers=headers)
    name = answer.get_json().get("type", "").rpartition(":")[2] if answer.is_json else answer.mimetype
    return answer.status_code, name, "Retry-After" in answer.headers


def order(server: Postgresql, app: Flask, command: str) -> None:
    """Give the server an order about the application's database, and end every connection to it, as a failover does."""
    name = make_url(services(app).settings.database).database
    with psycopg.connect(server.uri, autocommit=True) as connection:
        connection.execute(command.format(name))  # type: ignore[arg-type]
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def test_a_database_that_is_away_is_busy_for_phones_and_pages_until_it_is_back(
    app: Flask, postgresql: Postgresql
) -> None:
    desk = logged_in(app, "d01")
    order(postgresql, app, 'ALTER DATABASE "{}" ALLOW_CONNECTIONS false')
    assert told(desk, "/sync/1/streams") == (503, "busy", True)
    assert told(desk, "/visit/", Accept="text/html") == (503, "text/html", True)
    assert desk.get("/sync/1/streams").headers["Fieldapp-Archive"] == services(app).archive.name
    order(postgresql, app, 'ALTER DATABASE "{}" ALLOW_CONNECTIONS true')
    assert told(desk, "/sync/1/streams")[0] == 200


def test_a_database_that_failed_over_to_one_that_only_reads_is_busy(app: Flask) -> None:
    # A standby refuses to write with the error with which every server refuses inside a transaction that only reads.
    with pytest.raises(DBAPIError) as failed, services(app).database.reading() as session:
        session.exec(text("DELETE FROM stream"))
    found = problem_of(failed.value)
    assert found is not None and found.slug == "busy"


def test_connections_that_broke_while_nobody_asked_are_not_noticed(
    app: Flask, postgresql: Postgresql
) -> None:
    desk = logged_in(app, "d01")
    order(postgresql, app, 'COMMENT ON DATABASE "{}" IS NULL')
    assert told(desk, "/sync/1/streams")[0] == 200


def test_a_server_that_is_not_there_is_busy() -> None:
    database = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/x")
    with pytest.raises(OperationalError) as failed, database.reading() as session:
        session.exec(text("SELECT 1"))
    found = problem_of(failed.value)
    assert found is not None and (found.slug, found.sort.retry) == ("busy", "later")


def test_a_photo_store_that_is_away_is_busy(app: Flask, stores: dict[str, str], tmp_path: Path) -> None:
    city = build(app)
    sent = submit(city)
    sha256 = sent.parts["photo"].body["view"]["sha256"]
    desk = logged_in(app, "d01")
    photos = services(app).photos
    away = type(photos)("s3://bucket/x", f"http://127.0.0.1:{free_port()}", "us-east-1")
    object.__setattr__(services(app), "photos", away)
    assert told(desk, f"/sync/1/photos/{sha256}") == (503, "busy", True)
    assert told(desk, f"/photo/{sha256}/original", Accept="text/html") == (503, "text/html", True)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), OSError(errno.EDQUOT, "quota"), StoreFull("quota exceeded")]
)
def test_a_store_without_room_is_said_to_be_full(error: Exception) -> None:
    found = problem_of(error)
    assert found is not None and (found.slug, found.sort.status) == ("store-full", 507)


def test_a_bug_stays_a_bug() -> None:
    assert problem_of(FileNotFoundError(errno.ENOENT, "gone")) is None
    assert problem_of(ValueError("no")) is None


@pytest.mark.parametrize("sort", SORTS)
def test_a_name_with_a_nul_in_it_names_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, sort: str
) -> None:
    with named(request, sort, is_own=True) as stores:
        app = make_app(tmp_path, **stores)
        desk = logged_in(app, "d01")
        for path in ("/visit/?project=%00", "/visit/?after=%00~%00", "/visit/%00", "/photo/%00"):
            assert desk.get(path).status_code in (200, 400, 404), path
        given = {"username": "i05\0", "password": PASSWORD}
        answer = app.test_client().post("/session", json=given, headers={"Fieldapp-Client": "1"})
        assert answer.status_code in (400, 401)
        services(app).database.close()
