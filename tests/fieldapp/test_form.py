"""Forms derived from bodies: every kind a person fills has one, in both languages, and the body stays the judge."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import ValidationError

from fieldapp.catalogue import LANGUAGES, load
from fieldapp.domain import TABLES
from fieldapp.domain.entry import EntryBody
from fieldapp.domain.review import ReviewBody
from fieldapp.domain.visit import ProgressBody, ReconciliationBody
from fieldapp.form import form_for
from fieldapp.word import choice_key
from tests.fieldapp.desk_city import make_app, services

REF = "01930000-0000-7000-8000-0000000000aa"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(tmp_path_factory.mktemp("archive"))
    yield app
    services(app).database.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_a_phone_writes_has_a_form_with_words(app: Flask, language: str) -> None:
    for body in TABLES:
        if body.writers:
            with app.test_request_context("/", headers={"Accept-Language": language}):
                form = form_for(body, csrf=False)()
                assert "csrf_token" not in form
                assert all(str(field()) and field.label.text for field in form), body.kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_every_kind_has_wording(language: str) -> None:
    words = load(language)
    missing = {
        choice_key(body.kind, name, value)
        for body in TABLES
        for name, member in body.model_json_schema()["properties"].items()
        for option in member.get("anyOf", [member])
        for value in option.get("enum") or (option.get("items") or {}).get("enum") or ()
    } - words.keys()
    assert missing == set()


def test_limits_come_from_the_model(app: Flask) -> None:
    with app.test_request_context("/"):
        form = form_for(EntryBody, csrf=False)()
        assert 'maxlength="20000"' in form.what() and "required" in form.what()
        assert 'type="date"' in form.deadline_on() and "required" not in form.deadline_on()
        assert form.list()[:7] == "<select" and "问题清单" in form.list()
        assert "visit" not in form and "responsible" not in form


def test_a_filled_form_is_a_body(app: Flask) -> None:
    filled = {
        "list": "problem",
        "what": "护栏缺失",
        "seen_on": "2026-11-12",
        "cause": ["subjective", "inherited"],
        "severity": "",
    }
    with app.test_request_context("/", method="POST", data=filled):
        form = form_for(EntryBody, csrf=False)()
        assert form.validate(), form.errors
        body = form.body(visit=REF)
    assert body["cause"] == ["subjective", "inherited"] and body["severity"] is None and body["visit"] == REF
    assert body["deadline_on"] is None and body["is_fixed_at_once"] is False


def test_permille_is_typed_in_percent(app: Flask) -> None:
    filled = {
        "seen_on": "2026-11-12",
        "due_permille": "78",
        "observed_permille": "64.7",
        "reported_permille": "",
    }
    with app.test_request_context("/", method="POST", data=filled):
        form = form_for(ProgressBody, csrf=False)()
        assert form.validate(), form.errors
        body = form.body()
    assert (body["due_permille"], body["observed_permille"], body["reported_permille"]) == (780, 647, None)


@pytest.mark.parametrize(
    "filled", [{"observed_quantity": "many"}, {"state": "splendid"}, {"observed_on": "2026-13-40"}]
)
def test_what_the_model_refuses_the_form_refuses(app: Flask, filled: dict[str, str]) -> None:
    right = {"state": "reached", "known_by": "seen"}
    with app.test_request_context("/", method="POST", data=right | filled):
        form = form_for(ReconciliationBody, csrf=False)()
        assert not form.validate() and list(form.errors) == list(filled)


def test_rules_over_several_members_are_the_bodys(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"decision": "returned"}):
        form = form_for(ReviewBody, csrf=False, only=["decision", "reason"])()
        assert list(form._fields) == ["decision", "reason"] and form.validate()
        with pytest.raises(ValidationError) as invalid:
            form.body(visit=REF, submission="0" * 64, items=[])
        form.blame(invalid.value)
        assert form.form_errors


def test_desks_have_the_token_and_refuse_without_it(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"reason": "x"}):
        form = form_for(ReviewBody, only=["reason"])()
        assert "csrf_token" in form._fields and not form.validate() and "csrf_token" in form.errors
