"""The real application behind a network that misbehaves on command: one origin, so that a page of the tests is served with it.

Faults stand between the phone and the application as a proxy would; the application itself is untouched.
"""

import shutil
import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from fieldapp import key_file
from fieldapp.application import make
from fieldapp.header import CONTENT_SECURITY_POLICY
from fieldapp.services import EXTENSION, Services, database_of, photo_store
from fieldapp.settings import Settings
from sync.backup import restore
from sync.key import SealingKey
from tests import account
from tests.browser.process import free_port, until
from tests.browser.static_server import FOLDERS, TYPES

PERSON, PASSWORD = "i05", "mountain-ladder-41"

Answer = Iterable[bytes]
Fault = Callable[[Any, Any, Any], Answer | None]


class HostileSite:
    """`fault(environ, start_response, app)` may answer, return None to let the request through, or cut the connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = make(Settings(data=folder))
        with self.services.database.writing() as session:
            account.add(session, PERSON, PASSWORD, "inspector", "周明")
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.fault: Fault | None = None
        self.requests: list[str] = []
        self._server: BaseWSGIServer | None = None

    @property
    def services(self) -> Services:
        """What the application works with: the archive as it really is."""
        services: Services = self.app.extensions[EXTENSION]
        return services

    def start(self) -> None:
        """Answer from now on."""
        with until(self._listener, f"port {self.port} to be free again") as listener:
            self._server = make_server("127.0.0.1", self.port, self, threaded=True, fd=listener.fileno())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _listener(self) -> socket.socket | None:
        """Return a socket that listens; None while a program that was being started has the last one still."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self.port))
            listener.listen()
        except OSError:
            listener.close()
            return None
        return listener

    def stop(self) -> None:
        """Be gone: connections are refused. That is what tests call offline."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def roll_back(self, backup: Path) -> None:
        """Come up again with what a backup holds, as when an operator copies files back without telling anybody; stopped."""
        fresh = self.folder.with_name(f"{self.folder.name}-restored")
        shutil.copytree(self.folder / "key", fresh / "key")
        settings = Settings(data=fresh)
        database = database_of(settings)
        restore(backup, database, photo_store(settings))
        database.close()
        self.folder = fresh
        self.app = make(settings)

    def rotate_key(self) -> SealingKey:
        """Give the archive a new key and return the old one; stopped, as the command wants it."""
        old = SealingKey.from_pem((self.folder / "key" / "archive.pem").read_bytes())
        key_file.rotate(self.services, "d01")
        self.app = make(Settings(data=self.folder))
        return old

    def __call__(self, environ: Any, start_response: Any) -> Answer:
        path = str(environ["PATH_INFO"])
        first, _, rest = path.lstrip("/").partition("/")
        if first in FOLDERS:
            return _file(FOLDERS[first] / rest, start_response)
        self.requests.append(f"{environ['REQUEST_METHOD']} {path}")
        answer = self.fault(environ, start_response, self.app) if self.fault else None
        return self.app(environ, start_response) if answer is None else answer


def cut(environ: Any) -> Answer:
    """Drop the connection without an answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def answer_is_lost(times: int, method: str, path: str) -> Fault:
    """Let the application do its work some times, and drop the connection instead of its answer."""
    left = [times]

    def fault(environ: Any, start_response: Any, app: Any) -> Answer | None:
        if left[0] == 0 or environ["REQUEST_METHOD"] != method or not environ["PATH_INFO"].startswith(path):
            return None
        left[0] -= 1
        answer = app(environ, lambda *args: None)
        b"".join(answer)
        return cut(environ)

    return fault


def portal(environ: Any, start_response: Any, app: Any) -> Answer:
    """Answer like the login page of a hotel's network: 200, whatever was asked."""
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<html>Please accept the terms</html>"]


def broken(path: str) -> Fault:
    """Answer with an error of the archive itself below a path."""

    def fault(environ: Any, start_response: Any, app: Any) -> Answer | None:
        if not environ["PATH_INFO"].startswith(path):
            return None
        lookup = {**environ, "REQUEST_METHOD": "GET", "PATH_INFO": "/sync/1/time"}
        return app(lookup, lambda status, headers, *more: start_response("503 Unavailable", headers))

    return fault


def at_most(limit_bytes: int) -> Fault:
    """Refuse larger bodies like a proxy, without the archive's headers."""

    def fault(environ: Any, start_response: Any, app: Any) -> Answer | None:
        if int(environ.get("CONTENT_LENGTH") or 0) <= limit_bytes:
            return None
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("413 Request Entity Too Large", [("Content-Type", "text/html")])
        return [b"<html>too large</html>"]

    return fault


def cut_in_the_middle(times: int, method: str = "PATCH", path: str = "/sync/1/photos/") -> Fault:
    """Hand the application half of a photo's piece, or of several photos, then drop the connection."""
    left = [times]

    def fault(environ: Any, start_response: Any, app: Any) -> Answer | None:
        if left[0] == 0 or environ["REQUEST_METHOD"] != method or not environ["PATH_INFO"].startswith(path):
            return None
        left[0] -= 1
        environ["wsgi.input"] = _Half(environ["wsgi.input"], int(environ["CONTENT_LENGTH"]) // 2)
        b"".join(app(environ, lambda *args: None))
        return cut(environ)

    return fault


class _Half:
    """A body that ends too early."""

    def __init__(self, source: Any, size_bytes: int) -> None:
        self._source = source
        self._left = size_bytes

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        piece: bytes = self._source.read(wanted) if wanted else b""
        self._left -= len(piece)
        return piece

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _file(path: Path, start_response: Any) -> Answer:
    kind = TYPES.get(path.suffix, "application/octet-stream")
    if not path.is_file():
        start_response("404 Not Found", [])
        return [b""]
    start_response("200 OK", [("Content-Type", kind), ("Content-Security-Policy", CONTENT_SECURITY_POLICY)])
    return [path.read_bytes()]
