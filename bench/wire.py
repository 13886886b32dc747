"""Requests as a phone's browser sends them, over a connection that stays open, with every byte counted."""

import base64
import gzip
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bench.phone import PHOTO_BYTES, bytes_of, named

# As patient as a phone.
DEADLINE_S = 60
# What a browser adds to every request of the phone's own script; the length is what counts.
BROWSER = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
}
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


@dataclass
class Traffic:
    """What went over one connection. `payload_bytes` are photo bytes and packed records, `answers_s` how long each answer took."""

    sent_bytes: int = 0
    received_bytes: int = 0
    payload_bytes: int = 0
    answers_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Connection(http.client.HTTPConnection):
    """A connection that counts what it sends."""

    sent_bytes = 0

    def send(self, data: Any) -> None:
        """Send and count."""
        self.sent_bytes += len(data)
        super().send(data)


class Wire:
    """One phone's connection to an archive."""

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self.connection = Connection(parts.hostname or "", parts.port, timeout=DEADLINE_S)
        self.traffic = Traffic()
        self.cookie = ""

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request; a fault of the server or of the network is noted, not raised."""
        own = {**BROWSER, **({"Cookie": self.cookie} if self.cookie else {}), **(headers or {})}
        began, before = time.monotonic(), self.connection.sent_bytes
        try:
            self.connection.request(method, path, body or None, own)
            response = self.connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.traffic.faults.append(f"{method} {path}: {error!r}")
            return 0, {}, b""
        self.traffic.answers_s.append(time.monotonic() - began)
        self.traffic.sent_bytes += self.connection.sent_bytes - before
        self.traffic.received_bytes += _head_bytes(response) + len(data)
        if response.status >= 400:
            self.traffic.faults.append(f"{method} {path}: {response.status} {data[:300]!r}")
        return response.status, {name.lower(): value for name, value in response.getheaders()}, data

    def push(self, packed: bytes, count: int) -> None:
        """Push packed records; anything but `appended` for all of them is a fault."""
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        status, _, data = self.send("POST", "/sync/1/records", headers, packed)
        self.traffic.payload_bytes += len(packed)
        if status == 200:
            found = [one["verdict"] for one in json.loads(data)["verdicts"]]
            if found != ["appended"] * count:
                self.traffic.faults.append(f"verdicts: {set(found)}, {len(found)} of {count}")

    def photos(self, photos: Sequence[tuple[str, bytes]]) -> None:
        """Send the photos of a visit as a phone does that is on a good network: small ones together; one not counted is a fault."""
        listed = ", ".join(f"{record} {named(tag)} {PHOTO_BYTES}" for record, tag in photos)
        headers = {"Content-Type": "application/octet-stream", "Fieldapp-Photos": listed}
        body = b"".join(bytes_of(tag) for _, tag in photos)
        status, _, data = self.send("POST", "/sync/1/photos/whole", headers, body)
        self.traffic.payload_bytes += len(body)
        if status == 200 and (json.loads(data)["missing"] or len(json.loads(data)["counted"]) != len(photos)):
            self.traffic.faults.append("photos: something is missing")

    def receipts(self, hashes: list[str]) -> None:
        """Ask for receipts; a record that lacks something is a fault."""
        body = json.dumps({"hashes": hashes}).encode()
        status, _, data = self.send("POST", "/sync/1/receipts", {"Content-Type": "application/json"}, body)
        if status == 200 and json.loads(data)["missing"]:
            self.traffic.faults.append("receipts: something is missing")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def packed(lines: bytes) -> bytes:
    """Pack records as a phone does."""
    return gzip.compress(lines, 6)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _head_bytes(response: http.client.HTTPResponse) -> int:
    line = f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n"
    return len(line) + sum(len(name) + len(value) + 4 for name, value in response.getheaders())
