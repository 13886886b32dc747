"""The network between phones, a station and the archive: every request may be lost, doubled, cut, answered by somebody else, or late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask

from sync.wire import Answer

FAULTS = (
    "none",
    "drop before",
    "drop after",
    "duplicate",
    "late request",
    "late answer",
    "cut",
    "portal",
    "proxy 413",
    "proxy 502",
)
HTML = {"content-type": "text/html"}


class Unanswered(Exception):
    """Nothing came back."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Send = Callable[[Request], Answer]


def send(app: Flask, request: Request, length: int | None = None) -> Answer:
    """Carry a request to an application; `length` is what it says of its body when that is not true."""
    stated = {} if length is None else {"CONTENT_LENGTH": str(length)}
    answer = app.test_client(use_cookies=False).open(
        request.path,
        method=request.method,
        headers={"Fieldapp-Client": "1", **request.headers},
        data=request.body,
        environ_overrides=stated,
    )
    assert answer.status_code != 500, answer.text
    return Answer(
        answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.data
    )


class Wire:
    """Carries requests with a fault on either leg. What is late waits in `late` until somebody delivers it."""

    def __init__(self) -> None:
        self.late: list[Callable[[], object]] = []

    def carry(
        self, app: Flask, request: Request, fault: str, at: int, take: Callable[[Answer], object]
    ) -> None:
        """Carry one request and hand its answer over; raise `Unanswered` when none comes in time. `at` is where a body is cut."""
        if fault == "late request":
            self.late.append(lambda: send(app, request))
        if fault in ("late request", "drop before"):
            raise Unanswered(fault)
        strange = {"portal": 200, "proxy 413": 413, "proxy 502": 502}.get(fault)
        if strange is not None:
            take(Answer(strange, HTML, b"<html>please log in</html>"))
            return
        if fault == "cut" and request.body:
            cut = Request(
                request.method, request.path, request.headers, request.body[: at % len(request.body)]
            )
            send(app, cut, len(request.body))
            raise Unanswered(fault)
        if fault == "duplicate":
            send(app, request)
        answer = send(app, request)
        if fault == "late answer":
            self.late.append(lambda: take(answer))
        if fault in ("drop after", "late answer", "cut"):
            raise Unanswered(fault)
        take(answer)
