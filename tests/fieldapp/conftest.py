"""Fixtures of the desk: an application, two teams with projects and phones, a supervisor. Files with other needs make their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fieldapp.desk_city import City, build, logged_in, make_app, services


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    yield app
    services(app).database.close()


@pytest.fixture
def city(app: Flask) -> City:
    return build(app)


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return logged_in(app, "d01")
