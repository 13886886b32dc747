"""Settings, secrets and problems: what an installation may say, and what it answers when something is wrong."""

import logging
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from flask import Flask, abort

from fieldapp.catalogue import LANGUAGES, load
from fieldapp.problem import CATALOGUE, Problem
from fieldapp.services import secret_of
from fieldapp.settings import SettingRefused, Settings
from sync.key import SealingKey
from tests.fieldapp.desk_city import make_app, services

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    yield app
    services(app).database.close()


def test_the_environment_sets_what_it_names(tmp_path: Path) -> None:
    environment = {
        "FIELDAPP_DATA": str(tmp_path),
        "FIELDAPP_LOGIN_DAYS": "7",
        "FIELDAPP_OFFICIAL_STREAMS": "yes",
        "HOME": "/x",
    }
    settings = Settings.from_environment(environment)
    assert (settings.data, settings.login_days, settings.official_streams) == (tmp_path, 7, True)
    assert Settings.from_environment(settings.environment()) == settings


@pytest.mark.parametrize(
    "environment",
    [
        {"FIELDAPP_SECRET": "x"},
        {"FIELDAPP_LOGIN_DAYS": "soon"},
        {"FIELDAPP_LOGIN_DAYS": "0"},
        {"FIELDAPP_OFFICIAL_STREAMS": "maybe"},
        {"FIELDAPP_PROXIES": "-1"},
        {"FIELDAPP_REQUEST_BYTES": "1"},
        {"FIELDAPP_TIMEZONE": "Yunling"},
        {"FIELDAPP_TIMEZONE": ""},
    ],
)
def test_unknown_names_and_bad_values_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingRefused, match=next(iter(environment))):
        Settings.from_environment(environment)


def test_settings_do_not_change_while_running() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().login_days = 3  # type: ignore[misc]


def test_every_setting_is_documented_with_its_meaning() -> None:
    text = DOCS.read_text("utf-8")
    for one in fields(Settings):
        assert f"`FIELDAPP_{one.name.upper()}`" in text and one.metadata["meaning"] in text, one.name


def test_machines_with_one_archive_key_share_the_secret_of_forms_and_others_do_not() -> None:
    key = SealingKey.new()
    assert len(secret_of(key)) == 32
    assert secret_of(SealingKey.from_pem(key.pem())) == secret_of(key) != secret_of(SealingKey.new())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_sentence(language: str) -> None:
    words = load(language)
    assert [slug for slug in CATALOGUE if f"problem.{slug}" not in words] == []


def test_a_program_gets_problem_json_and_a_person_a_page(app: Flask) -> None:
    client = app.test_client()
    program = client.get("/sync/1/nowhere")
    assert (program.status_code, program.mimetype) == (404, "application/problem+json")
    assert program.get_json() == {
        "type": "urn:fieldapp:problem:not-found",
        "title": "没有找到",
        "status": 404,
        "retry": "never",
    }
    person = client.get("/nowhere", headers={"Accept": "text/html"})
    assert (person.status_code, person.mimetype) == (404, "text/html") and "没有找到" in person.text


def test_a_method_not_taken_names_those_that_are(app: Flask) -> None:
    answer = app.test_client().post("/sync/1/time")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]
    assert answer.get_json()["type"].endswith(":method-not-allowed")


def test_a_body_larger_than_allowed_is_refused_before_it_is_read(tmp_path: Path) -> None:
    app = make_app(tmp_path, request_bytes=1024 * 1024)
    answer = app.test_client().post(
        "/sync/1/receipts", data=b"x" * (1024 * 1024 + 1), content_type="application/json"
    )
    assert answer.status_code == 413 and answer.get_json()["type"].endswith(":too-large")


def test_a_bug_is_logged_and_says_no_more_than_that(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise RuntimeError("the inner workings")

    app.add_url_rule("/broken", "broken", broken)
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/broken")
    assert answer.status_code == 500 and "inner workings" not in answer.text and "系统出错" in answer.text
    assert "the inner workings" in caplog.text


def test_facts_of_a_problem_become_members(app: Flask) -> None:
    def busy() -> str:
        raise Problem("busy", "the disk", retry_after_s=7, queue=3)

    app.add_url_rule("/sync/1/busy", "busy", busy)
    app.add_url_rule("/sync/1/teapot", "teapot", lambda: abort(418))
    answer = app.test_client().get("/sync/1/busy")
    assert answer.headers["Retry-After"] == "7"
    assert {name: answer.get_json()[name] for name in ("queue", "detail", "retry")} == {
        "queue": 3,
        "detail": "the disk",
        "retry": "later",
    }
    assert app.test_client().get("/sync/1/teapot").get_json()["type"].endswith(":bad-request")


def test_static_files_come_compressed_where_they_were_made_so(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/static/vendor/sqlite-wasm/sqlite3.wasm")
    small = client.get("/static/vendor/sqlite-wasm/sqlite3.wasm", headers={"Accept-Encoding": "br, gzip"})
    assert plain.mimetype == small.mimetype == "application/wasm"
    assert small.headers["Content-Encoding"] == "br" and len(small.data) < len(plain.data)
    assert "Accept-Encoding" in small.headers["Vary"]
    again = client.get(
        "/static/css/desk.css", headers={"If-None-Match": client.get("/static/css/desk.css").headers["ETag"]}
    )
    assert again.status_code == 304
    assert client.get("/static/../pyproject.toml").status_code == 404


def test_the_language_is_remembered(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/language/en?to=/login")
    assert answer.headers["Location"] == "/login" and "User name" in client.get("/login").text
    assert client.get("/language/xx").status_code == 404
