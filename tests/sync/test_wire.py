"""The network of the client: what is cut is no answer, and nobody is followed elsewhere."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sync.wire import HttpTransport, Unreachable

Answering = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answering], HttpTransport]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answering: Answering) -> HttpTransport:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answering(self)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return HttpTransport(f"http://127.0.0.1:{servers[-1].server_port}", timeout_s=5)

    yield start
    for one in servers:
        one.shutdown()
        one.server_close()


def test_a_body_cut_short_is_no_answer(serve: Callable[[Answering], HttpTransport]) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"x" * 50)

    with pytest.raises(Unreachable, match="cut short"):
        serve(cut)("GET", "/", {}, b"")


def test_a_redirect_is_an_answer_and_not_followed(serve: Callable[[Answering], HttpTransport]) -> None:
    def away(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://192.0.2.1/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    assert serve(away)("GET", "/", {}, b"").status == 302


def test_a_cookie_is_given_back(serve: Callable[[Answering], HttpTransport]) -> None:
    seen: list[str | None] = []

    def give(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Cookie"])
        handler.send_response(204)
        handler.send_header("Set-Cookie", "login=abc; HttpOnly; SameSite=Lax")
        handler.end_headers()

    transport = serve(give)
    transport("GET", "/", {}, b"")
    transport("GET", "/", {}, b"")
    assert seen == [None, "login=abc"]


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "https://", "https://a@b", "https://x?y"])
def test_only_addresses_of_servers(url: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        HttpTransport(url)
