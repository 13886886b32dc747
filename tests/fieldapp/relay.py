"""An archive and a station in one process for tests: the network between them is a function that can be made to fail."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask

from fieldapp import Settings
from fieldapp import station as relay
from sync.client import Client
from sync.forward import Forwarder
from sync.station import Station
from sync.wire import Answer, Unreachable
from tests.sync.factory import StandingClock

Go = Callable[[], Answer]
Fault = Callable[[str, bytes, Go], Answer]


def fair(_method: str, _body: bytes, go: Go) -> Answer:
    return go()


class Wire:
    """A transport to an application. `fault` may raise, or replace an answer, for one request after the other; it sees the body."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.fault: Fault = fair
        self.requests: list[tuple[str, str]] = []

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        def go() -> Answer:
            given = {"Fieldapp-Client": "1", **headers}
            answer = self.client.open(path, method=method, headers=given, data=body)
            return Answer(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                answer.data,
            )

        self.requests.append((method, path))
        return self.fault(method, body, go)


def offline(_method: str, _body: bytes, _go: Go) -> Answer:
    raise Unreachable("no network")


def lost_answer(_method: str, _body: bytes, go: Go) -> Answer:
    """Let the archive do its work and lose the answer."""
    go()
    raise Unreachable("cut")


def portal(_method: str, _body: bytes, _go: Go) -> Answer:
    return Answer(200, {"content-type": "text/html"}, b"<html>please log in</html>")


def saying(app: Flask, status: int, **headers: str) -> Answer:
    """Return an answer of the archive with this status."""
    answer = app.test_client().get("/sync/1/time")
    ours = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status, {**ours, **headers}, b"{}")


class Relay:
    """A station over a folder, its application, and its forwarder with clocks that stand still."""

    def __init__(self, folder: Path, wire: Wire, archive: str, login: tuple[str, str] | None = None) -> None:
        self.clock = StandingClock()
        self.seconds = 0.0
        self.folder = folder
        self.station = Station(folder, self.clock, os.urandom, archive)
        self.app = relay.make(Settings(data=folder))
        self.phone = self.app.test_client()
        client = Client(wire, archive)
        self.forwarder = Forwarder(self.station, client, lambda: self.seconds, lambda: 0.5, login, look_s=60)

    def forward(self, span_s: float = 0) -> None:
        """Let the forwarder work until it rests, then for a span of time more, without waiting for it."""
        until = self.seconds + span_s
        while True:
            wait = self.forwarder.step()
            if wait and self.seconds + wait > until:
                return
            self.seconds += wait

    def close(self) -> None:
        self.station.close()
        relay_station: Station = self.app.extensions[relay.EXTENSION]
        relay_station.close()
