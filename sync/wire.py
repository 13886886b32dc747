"""The network for the client of the protocol: plain HTTP requests of the standard library. Nothing here knows what they mean."""

import http.client
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from sync.error import SyncError

TIMEOUT_S = 60
MOST_ANSWER_BYTES = 128 * 1024 * 1024


class Unreachable(SyncError):
    """No answer: no network, a deadline, a connection cut in the middle."""


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Method, path, headers, body → answer. Raises `Unreachable`.
Transport = Callable[[str, str, Mapping[str, str], bytes], Answer]


class HttpTransport:
    """Requests to one origin. Cookies of a login are kept in memory; redirects are not followed."""

    def __init__(self, url: str, authority: Path | None = None, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise ValueError(f"{url} is not an address like https://archive.example")
        self.host, self.port = parts.hostname, parts.port
        self.base = parts.path.rstrip("/")
        self.timeout_s = timeout_s
        self.tls = ssl.create_default_context(cafile=authority) if parts.scheme == "https" else None
        self.cookies: dict[str, str] = {}

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request and take its whole answer."""
        connection = self._connection()
        try:
            connection.request(method, self.base + path, body or None, dict(self._headers(headers, body)))
            response = connection.getresponse()
            data = response.read(MOST_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        finally:
            connection.close()
        # A body that ends early looks like a whole one to the standard library.
        length = response.getheader("Content-Length")
        if method != "HEAD" and response.status != 304 and length is not None and str(len(data)) != length:
            raise Unreachable("the answer was cut short")
        self._keep(response.headers.get_all("Set-Cookie") or [])
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)

    def _connection(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)
        return http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout_s, context=self.tls)

    def _headers(self, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        found = {"Fieldapp-Client": "1", "Content-Length": str(len(body)), **headers}
        if self.cookies:
            found["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return found

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            try:
                self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
            except CookieError:
                continue
