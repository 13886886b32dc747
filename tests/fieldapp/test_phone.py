"""The phone's shell as the server gives it: the same for everybody, whole, and named by its hashes."""

import base64
import hashlib
import io
import json
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from fieldapp import Settings, create_app, lean
from fieldapp.catalogue import load
from fieldapp.domain import TABLES
from fieldapp.domain.description import describe
from fieldapp.message import DESK_ONLY
from fieldapp.place_of_files import place_of


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = create_app(Settings(data=tmp_path_factory.mktemp("archive")))
    app.testing = True
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def embedded(page: str, name: str) -> object:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def kept_files(client: FlaskClient) -> dict[str, str]:
    script = client.get("/phone/sw.js").text
    found = re.search(r"const FILES = (\{.*?\});", script, re.DOTALL)
    assert found is not None
    files: dict[str, str] = json.loads(found[1])
    return files


@pytest.mark.parametrize(("language", "title"), [("zh-CN", "本月走访"), ("en", "This month")])
def test_shell_embeds_words_and_kinds(client: FlaskClient, language: str, title: str) -> None:
    page = client.get(f"/phone/{language}/").text
    messages, kinds = embedded(page, "messages"), embedded(page, "kinds")
    assert isinstance(messages, dict)
    assert messages["home.title"] == title
    assert kinds == json.loads(json.dumps(describe()))


def test_shell_is_the_same_whoever_asks_and_sets_nothing(client: FlaskClient) -> None:
    first = client.get("/phone/en/", headers={"Accept-Language": "zh-CN", "Cookie": "lang=zh-CN; login=x"})
    second = client.get("/phone/en/", headers={"Accept-Language": "en"})
    assert first.data == second.data
    assert "Set-Cookie" not in first.headers
    assert (first.headers["Cache-Control"], "Cookie" in first.headers.get("Vary", "")) == ("no-cache", False)


def test_words_of_the_desk_stay_there() -> None:
    static = place_of("static")
    scripts = [
        (static / name).read_text(encoding="utf-8") for name in lean.sources(static) if name[:3] == "js/"
    ]
    named = {part for script in scripts for part in re.findall(r"[\"`](\w+)\.", script)}
    assert {key.partition(".")[0] for key in load("en")} - named == DESK_ONLY


def test_what_everybody_gets_is_compressed(client: FlaskClient) -> None:
    for path in ("/phone/en/", "/phone/sw.js"):
        plain, small = (client.get(path, headers={"Accept-Encoding": each}) for each in ("identity", "br"))
        assert brotli.decompress(small.data) == plain.data
        assert small.headers["ETag"] != plain.headers["ETag"]
        assert {plain.vary.to_header(), small.vary.to_header()} == {"Accept-Encoding"}


def test_service_worker_names_every_file_by_its_hash(client: FlaskClient) -> None:
    files = kept_files(client)
    wrong = []
    for path, integrity in files.items():
        content = client.get(path).data
        if integrity != "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode():
            wrong.append(path)
    assert wrong == []
    assert {"/phone/zh-CN/", "/phone/en/", "/phone/static/js/app.js"} <= set(files)


def test_service_worker_keeps_the_shell_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/phone/sw.js")
    # The browser asks anew each time whether there is another one; what people wrote never depends on it.
    assert answer.headers["Cache-Control"] == "no-cache"
    listened = set(re.findall(r'addEventListener\("(\w+)"', answer.text))
    assert listened == {"install", "activate", "fetch", "message"}
    assert not re.search(
        r"importScripts|^import\b|getDirectory|indexedDB|FileSystem", answer.text, re.MULTILINE
    )


def test_every_module_the_app_imports_is_kept(client: FlaskClient) -> None:
    files = kept_files(client)
    missing = []
    for path in files:
        if not path.endswith((".js", ".mjs")):
            continue
        for name in re.findall(r'(?:from|import\(?)\s*"(\.[^"]+)"', client.get(path).text):
            target = "/" + str(Path(path).parent.joinpath(name)).lstrip("/")
            if str(Path(target).resolve()) not in files:
                missing.append((path, name))
    assert missing == []


def test_desk_files_are_not_kept(client: FlaskClient) -> None:
    assert [path for path in kept_files(client) if "desk" in path] == []


def test_manifest_has_the_neutral_name(client: FlaskClient) -> None:
    manifests = [client.get(f"/phone/{tag}/manifest.webmanifest").json for tag in ("zh-CN", "en")]
    assert [one["name"] for one in manifests if one] == ["走访记录", "Visit Notes"]
    icons = [icon["src"] for one in manifests if one for icon in one["icons"]]
    assert {client.get(path).mimetype for path in icons} == {"image/png"}


@pytest.mark.parametrize("tag", ["zh-CN", "en"])
def test_manifest_shows_screenshots_that_are_small_and_never_kept(client: FlaskClient, tag: str) -> None:
    manifest = client.get(f"/phone/{tag}/manifest.webmanifest").json
    assert manifest is not None
    shown = manifest["screenshots"]
    assert len(shown) == len({one["label"] for one in shown}) == 2
    for one in shown:
        answer = client.get(one["src"])
        with Image.open(io.BytesIO(answer.data)) as image:
            assert (answer.mimetype, f"{image.width}x{image.height}") == (one["type"], one["sizes"])
        assert len(answer.data) < 40_000
        assert one["src"] not in kept_files(client)


@pytest.mark.parametrize(
    ("tag", "words"), [("zh-CN", ["接着走访", "待发送"]), ("en", ["Take up a visit", "Outbox"])]
)
def test_manifest_has_shortcuts_to_the_visit_and_the_outbox(
    client: FlaskClient, tag: str, words: list[str]
) -> None:
    manifest = client.get(f"/phone/{tag}/manifest.webmanifest").json
    assert manifest is not None
    assert [one["name"] for one in manifest["shortcuts"]] == words
    # Within the kept shell of the language: they open without a network.
    assert [one["url"] for one in manifest["shortcuts"]] == [
        f"/phone/{tag}/#/take-up",
        f"/phone/{tag}/#/outbox",
    ]
    assert f"/phone/{tag}/" in kept_files(client)


def test_entry_leads_to_the_language_and_out_of_messengers(client: FlaskClient) -> None:
    led = client.get("/phone/", headers={"Accept-Language": "en"})
    inside = client.get(
        "/phone/", headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0", "Accept-Language": "zh-CN"}
    )
    assert (led.status_code, led.location) == (302, "/phone/en/")
    assert "在浏览器中打开" in inside.text


def test_unknown_language_is_not_found(client: FlaskClient) -> None:
    assert client.get("/phone/xx/").status_code == 404


def test_recover_page_touches_the_shell_only(client: FlaskClient) -> None:
    page, script = client.get("/phone/recover"), client.get("/phone/static/js/recover.js").text
    assert page.status_code == 200
    assert not re.search(r"getDirectory|indexedDB|removeEntry|localStorage", script)


def test_description_has_every_kind_and_column() -> None:
    kinds = describe()
    assert set(kinds) == {body.kind for body in TABLES}
    for body in TABLES:
        assert [column["name"] for column in kinds[body.kind]["columns"]] == list(body.model_fields)
    types = {column["name"]: column["type"] for column in kinds["visit"]["columns"]}
    assert (types["team"], types["is_left_late"], types["summary"]) == ("json", "boolean", "text")
    assert {column["type"] for column in kinds["progress"]["columns"]} == {"text", "integer", "boolean"}
