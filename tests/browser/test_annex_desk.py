"""A reader at the desk: a key made, saved and proven in the browser; an annex opened there, and only after that is recorded."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from sqlmodel import select

from fieldapp.command.archive import opened
from fieldapp.domain.annex import AnnexOpening, ReaderKey
from fieldapp.settings import Settings
from sync import base64url
from sync.jwe import LetterKey
from tests.browser.app_server import AppServer
from tests.browser.test_desk import DESK, desk
from tests.fieldapp.desk_city import build, make_app, services
from tests.fieldapp.test_annex import CONTENT, Keys, written

PASSPHRASE = "秋天的 battery staple 十二"


class Told:
    """What the browser sent to the server."""

    def __init__(self, page: Page) -> None:
        self.bodies: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/static/" not in request.url:
            self.bodies.append(request.url + str(request.post_data_buffer or b""))

    def has(self, *texts: str) -> list[str]:
        whole = "".join(self.bodies)
        return [
            text
            for text in texts
            if text in whole or str(text.encode()) in whole or str(text.encode())[2:-1] in whole
        ]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN", accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def place(app_server: Callable[..., AppServer]) -> tuple[AppServer, Keys, str]:
    """A served archive with an annex to d01; its keys, and its entity."""
    server, keys = app_server(), Keys()
    app = make_app(server.data)
    _, sealed = written(build(app), keys)
    services(app).database.close()
    server.start()
    return server, keys, str(sealed.payload["entity"])


def saved(page: Page, folder: Path) -> Path:
    """Make a key; return the file the browser saved."""
    page.get_by_role("link", name="阅读密钥").click()
    page.locator("#word").fill(PASSPHRASE)
    page.locator("#word-again").fill(PASSPHRASE)
    with page.expect_download() as download:
        page.get_by_role("button", name="制作并保存文件").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def readers(server: AppServer) -> list[ReaderKey]:
    with opened(Settings(data=server.data)) as found, found.database.reading() as session:
        return list(session.exec(select(ReaderKey)))


def openings(server: AppServer) -> list[tuple[str, str]]:
    with opened(Settings(data=server.data)) as found, found.database.reading() as session:
        return [(one.author, one.purpose) for one in session.exec(select(AnnexOpening))]


def test_a_key_is_named_only_after_its_file_was_opened_and_its_private_half_stays(
    place: tuple[AppServer, Keys, str], context: BrowserContext, tmp_path: Path
) -> None:
    server, _, _ = place
    page, complaints = desk(context, server.origin)
    told = Told(page)
    file = saved(page, tmp_path)
    prove = page.locator("#prove")
    expect(page.locator("#publish")).to_be_hidden()
    page.locator("#key-file").set_input_files(file)
    page.locator("#passphrase").fill("another passphrase")
    page.get_by_role("button", name="核对").click()
    expect(prove.locator("[data-said=wrong-passphrase]")).to_be_visible()
    other = tmp_path / "other.jwe"
    other.write_text("no key")
    page.locator("#key-file").set_input_files(other)
    page.get_by_role("button", name="核对").click()
    expect(prove.locator("[data-said=not-a-key-file]")).to_be_visible()
    assert readers(server) == []
    page.locator("#key-file").set_input_files(file)
    page.locator("#passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="核对").click()
    number = page.locator("[data-name=check-number]").inner_text()
    page.get_by_role("button", name="启用这把密钥").click()
    expect(page.locator("#own")).to_contain_text(number)
    [row] = readers(server)
    # The command line opens the same file.
    key = LetterKey.from_file(file.read_text(), PASSPHRASE)
    assert (row.person, row.key, key.kid) == ("d01", key.kid, row.key)
    private = base64url.encode(key.scalar.to_bytes(32))
    assert told.has(private, PASSPHRASE, file.read_text()[-40:]) == []
    assert told.has(key.jwk["x"]) != []
    assert complaints == []


def key_file(page: Page, keys: Keys, folder: Path) -> Path:
    """Write the reader's key as the page would."""
    jwk = {**keys.reader.jwk, "d": base64url.encode(keys.reader.scalar.to_bytes(32))}
    text = page.evaluate(WRITE, [{"kid": keys.reader.kid, "jwk": jwk}, PASSPHRASE])
    file = folder / "reader.jwe"
    file.write_text(text)
    return file


WRITE = """async ([own, passphrase]) => {
    const at = (name) => import(new URL(`/static/js/${name}.js`, location.href).href);
    const [{ writeKeyFile }, { opening }, { secrecy }] = await Promise.all([at("core/jwe"), at("desk/opening"), at("device/secrecy")]);
    return writeKeyFile(own, passphrase, { ...secrecy, ...opening });
}"""


def test_an_annex_opens_in_its_readers_browser_after_it_was_recorded(
    place: tuple[AppServer, Keys, str], context: BrowserContext, tmp_path: Path
) -> None:
    server, keys, entity = place
    page, complaints = desk(context, server.origin)
    file = key_file(page, keys, tmp_path)
    page.goto(f"{server.origin}/annex/{entity}")
    told = Told(page)
    page.get_by_label("打开事由").fill("核实线索")
    page.locator("#key-file").set_input_files(file)
    page.locator("#passphrase").fill("wrong from the start")
    page.get_by_role("button", name="记录并打开").click()
    expect(page.locator("[data-said=wrong-passphrase]")).to_be_visible()
    assert (openings(server), told.bodies) == ([], [])
    page.locator("#passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="记录并打开").click()
    expect(page.locator("#opened")).to_contain_text(CONTENT["words"])
    expect(page.locator("#opened")).to_contain_text(CONTENT["identity"])
    assert openings(server) == [("d01", "核实线索")]
    assert told.has(*CONTENT.values(), PASSPHRASE) == []
    page.get_by_role("button", name="看完，收起").click()
    expect(page.locator("#opened")).to_be_hidden()
    expect(page.locator("main")).to_contain_text("核实线索")
    assert CONTENT["words"] not in page.content()
    assert complaints == []
    server.stop()
    content = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())
    for text in (*CONTENT.values(), json.dumps(CONTENT["words"])[1:-1]):
        assert text.encode() not in content


def test_another_readers_key_is_told_and_asks_for_nothing(
    place: tuple[AppServer, Keys, str], context: BrowserContext, tmp_path: Path
) -> None:
    server, _, entity = place
    page, _ = desk(context, server.origin)
    file = key_file(page, Keys(), tmp_path)
    page.goto(f"{server.origin}/annex/{entity}")
    page.get_by_label("打开事由").fill("核实线索")
    page.locator("#key-file").set_input_files(file)
    page.locator("#passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="记录并打开").click()
    expect(page.locator("[data-said=other-key]")).to_be_visible()
    assert openings(server) == []
