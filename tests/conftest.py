"""What holds for every test: no deadline on a busy machine, the same examples on every run of CI, and the stores to work on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import store as stores
from tests.store import S3, Postgresql, Store

settings.register_profile("fieldapp", deadline=None, database=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("fieldapp")

STORES = ("memory", *stores.SORTS)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """The one PostgreSQL server of the run; processes of the run share it."""
    with stores.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """An S3 service for this process of the run, and its keys in the environment."""
    os.environ.update(stores.KEYS)
    with stores.s3(tmp_path_factory.mktemp("s3")) as service:
        yield service


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Fresh places for an archive, of each sort in turn."""
    if request.param != "postgresql":
        places = {"memory": stores.in_memory, "sqlite": stores.in_folder}[request.param](tmp_path)
        yield places
        places.close()
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    service: S3 = request.getfixturevalue("s3")
    with server.emptied() as address:
        places = Store(tmp_path, address, stores.object_store(service, tmp_path.name))
        yield places
        places.close()
