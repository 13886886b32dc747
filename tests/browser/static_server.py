"""A small server for tests of single modules: `static/`, the pages of `tests/browser/page/` and the vectors.

Sends the product's content security policy and types. For anything that needs the application: `AppServer`.
"""

import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fieldapp.header import CONTENT_SECURITY_POLICY
from tests.browser.process import free_port

ROOT = Path(__file__).resolve().parents[2]
# First part of the path → folder.
FOLDERS = {
    "static": ROOT / "static",
    "page": ROOT / "tests" / "browser" / "page",
    "vectors": ROOT / "tests" / "vectors",
}
TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
}


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = TYPES

    def translate_path(self, path: str) -> str:
        first, _, rest = unquote(urlsplit(path).path).lstrip("/").partition("/")
        folder = FOLDERS.get(first)
        target = (folder / rest).resolve() if folder else None
        if target is None or folder is None or not target.is_relative_to(folder):
            return str(ROOT / "nothing-here")
        return str(target)

    def list_directory(self, path: str) -> None:  # type: ignore[override]
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class StaticServer:
    """A server that can be stopped and started again at the same address, which is a secure context."""

    def __init__(self) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._server: ThreadingHTTPServer | None = None
        self.start()

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), partial(_Handler, directory=str(ROOT)))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
