"""The language of a request, and words with their placeholders."""

import pytest
from flask import Flask, render_template_string
from flask_babel import get_locale

from fieldapp import message


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.testing = True
    message.install(app)

    @app.get("/words")
    @app.get("/phone/<language>/")
    def words(language: str = "") -> str:
        return render_template_string("{{ language() }} {{ t('home.progress', a=3, n=70) }}")

    @app.get("/markup")
    def markup() -> str:
        return render_template_string("{{ t('visit.missing', n='<b>') }}")

    return app


ENGLISH, CHINESE = "en 3 of 70 projects visited", "zh-CN 已走访 3/70 个项目"


@pytest.mark.parametrize(
    ("path", "accepted", "chosen", "expected"),
    [
        ("/words", "", "", CHINESE),
        ("/words", "fr", "", CHINESE),
        ("/words", "zh-TW, en;q=0.5", "", CHINESE),
        ("/words", "zh;q=0.5, en-GB", "", ENGLISH),
        ("/words", "fr, en;q=0.5, *;q=0.1", "", ENGLISH),
        ("/words", "en", "zh-CN", CHINESE),
        ("/words", "en", "xx", ENGLISH),
        ("/phone/en/", "zh", "zh-CN", ENGLISH),
        ("/phone/zh-CN/", "en", "en", CHINESE),
    ],
)
def test_language_comes_from_address_then_choice_then_browser(
    app: Flask, path: str, accepted: str, chosen: str, expected: str
) -> None:
    client = app.test_client()
    client.set_cookie(message.COOKIE, chosen)
    assert client.get(path, headers={"Accept-Language": accepted}).text == expected


def test_babel_speaks_the_same_language(app: Flask) -> None:
    with app.test_request_context("/words", headers={"Cookie": "lang=en"}):
        assert str(get_locale()) == "en"
    with app.test_request_context("/words"):
        assert str(get_locale()) == "zh_Hans_CN"


def test_values_in_words_are_escaped(app: Flask) -> None:
    assert "&lt;b&gt;" in app.test_client().get("/markup").text


def test_missing_key_or_placeholder_is_loud_in_tests(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(message.MessageMissing, match=r"home\.no_such_key"):
            message.t("home.no_such_key")
        with pytest.raises(message.MessageMissing, match=r"home\.progress"):
            message.t("home.progress", a=3)


def test_missing_key_or_placeholder_keeps_the_page_open_in_production(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    with app.app_context():
        assert message.t("home.no_such_key") == "home.no_such_key"
        assert message.t("home.progress", a=3) == "已走访 {a}/{n} 个项目"
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_shell_gets_a_copy_of_all_words() -> None:
    words = message.catalogue("en")
    assert words["home.progress"] == "{a} of {n} projects visited"
    words.clear()
    assert message.catalogue("en")
