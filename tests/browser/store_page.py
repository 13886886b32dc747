"""The phone's storage as tests use it: a page with the real worker, and an archive that seals with the real engine."""

import base64
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page

from sync import ijson
from sync.key import SealingKey
from sync.record import Record, parse, seal, verify
from sync.stream import extend, head0
from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

PERSON = "i05"
PROJECT = "project:01930000-0000-7000-8000-0000000000aa"
SALT = "AAAAAAAAAAAAAAAAAAAAAA"
BODY = {
    "visit": [("summary", "text"), ("team", "json"), ("is_left_late", "boolean")],
    "entry": [("visit", "text"), ("what", "text"), ("list", "text")],
    "photo": [("visit", "text"), ("caption", "text"), ("view", "json"), ("original", "json")],
    "submission": [("visit", "text"), ("records", "json")],
    "project": [("name", "text")],
}
KINDS = {
    kind: {
        "table": kind,
        "v": 1,
        "streams": ["project"],
        "is_shared": kind == "project",
        "columns": [{"name": name, "type": sort} for name, sort in columns],
    }
    for kind, columns in BODY.items()
}


class StoreError(Exception):
    """What the page's call rejected with."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['name']}: {error['message']}")
        self.name = error["name"]
        self.detail = error["detail"]


class Phone:
    """A page with the storage; `call` answers as the page's store does."""

    def __init__(self, page: Page, server: StaticServer) -> None:
        self.page = page
        page.goto(f"{server.origin}/page/store.html")
        until_true(page, "'phone' in globalThis")

    def call(self, name: str, args: dict[str, Any] | None = None, /, **more: Any) -> Any:
        answer = self.page.evaluate(
            "([name, args]) => phone.call(name, args)", [name, {**(args or {}), **more}]
        )
        if "error" in answer:
            raise StoreError(answer["error"])
        return answer["value"]

    def start(self, kinds: dict[str, Any] = KINDS) -> Any:
        return self.call("start", kinds=kinds)

    def add_photo(self, draft: str, data: bytes, **more: Any) -> Any:
        return self.call("addPhoto", draft=draft, blob=base64.b64encode(data).decode(), **more)

    def port(self, name: str, *args: Any) -> Any:
        """Call a function of the store port, as the sync runner does."""
        return self.call("port", {"name": name, "args": list(args)})

    def payload(self, record_hash: str) -> dict[str, Any]:
        """Return the payload of a record on the phone."""
        return parse(self.call("record", hash=record_hash)["jws"].encode("ascii")).payload

    def file(self, function: str, *args: Any) -> Any:
        return self.page.evaluate("([name, args]) => phone.files[name](...args)", [function, list(args)])

    def events(self, name: str) -> list[Any]:
        found: list[Any] = self.page.evaluate(
            "(name) => phone.events.filter((event) => event.event === name)", name
        )
        return found

    def log(self) -> list[str]:
        """Return the records in the log; the storage rests meanwhile."""
        self.rest()
        text: str = self.file("text", "sealed.log")
        self.call("visible")
        return [line for line in text.split("\n") if line.count(".") == 2]

    def rest(self) -> None:
        """Let go of all files, as a hidden page does."""
        self.call("hidden")

    def begin(self, function: str, *args: Any) -> None:
        """Start endless work and do not wait for it."""
        self.page.evaluate("([name, args]) => void phone[name](...args)", [function, list(args)])


class Archive:
    """What the archive says, sealed with its real key."""

    def __init__(self) -> None:
        self.key = SealingKey.new()
        self.name = self.key.kid
        self.enrolments: list[str] = []
        self.number = 0
        self.keys = [
            self.seal("archive_key", {"jwk": self.key.jwk, "name": "市考察办"}, stream="keys").token.text
        ]

    def new_id(self) -> str:
        self.number += 1
        return f"01940000-0000-7000-8000-{self.number:012x}"

    def now(self) -> str:
        return datetime.now(UTC).isoformat(timespec="milliseconds")

    def seal(self, kind: str, body: dict[str, Any], stream: str = PROJECT, **members: Any) -> Record:
        """Seal a record of the desk."""
        own = self.new_id()
        payload = {
            "id": own,
            "kind": kind,
            "v": 1,
            "stream": stream,
            "entity": own,
            "supersedes": [],
            "author": "desk",
        }
        fixed = {
            "counter": 0,
            "captured_at": self.now(),
            "clock": None,
            "beacon": None,
            "salt": SALT,
            "body": body,
        }
        return seal(self.key, {**payload, **fixed, **members})

    def enrolment(self, jwk: dict[str, str], person: str = PERSON) -> dict[str, Any]:
        """Return the answer of `POST /enrolments`."""
        body = {"jwk": jwk, "person": person, "name": "周明", "role": "inspector", "label": "test phone"}
        sealed = self.seal("enrolment", body, stream="keys").token.text
        self.enrolments.append(sealed)
        return {"enrolment": sealed, "keys": [*self.keys, sealed], "person": {"person": person}}

    def rotate(self) -> tuple[Record, SealingKey]:
        """Name a new key, sealed by the present one; return that record and the old key."""
        old, fresh = self.key, SealingKey.new()
        record = self.seal("archive_key", {"jwk": fresh.jwk, "name": "市考察办"}, stream="keys")
        self.key = fresh
        return record, old

    def statement(self, typ: str, payload: dict[str, Any]) -> str:
        return self.key.seal(typ, ijson.dump({"archive": self.name, "epoch": 1, **payload}))

    def receipt(self, facts: list[dict[str, Any]], **members: Any) -> str:
        return self.statement("fieldapp-receipt", {"issued_at": self.now(), "facts": facts, **members})

    def time(self, at: datetime, **members: Any) -> str:
        said = {"at": at.isoformat(timespec="milliseconds"), "nonce": "x", **members}
        return self.statement("fieldapp-time", said)

    def fact(
        self,
        record_hash: str,
        position: int,
        is_complete: bool,
        stream: str = PROJECT,
        held: Iterable[str] = (),
        at: str | None = None,
        head: str = "00" * 32,
    ) -> dict[str, Any]:
        at = at or self.now()
        whole = at if is_complete else None
        return {
            "hash": record_hash,
            "stream": stream,
            "position": position,
            "head": head,
            "appended_at": at,
            "completed_at": whole,
            "held": sorted(held),
        }

    def page_of(self, stream: str, records: list[Record]) -> list[dict[str, Any]]:
        """Return the lines of a pulled page from the beginning."""
        head = head0(self.name, stream)
        lines = []
        for position, record in enumerate(records, 1):
            head = extend(head, record.hash)
            line = {"position": position, "head": head.hex(), "appended_at": self.now(), "hash": record.hash}
            lines.append({**line, "record": record.token.text, "erased": None})
        return lines

    def erasure(self, *hashes: str, key: SealingKey | None = None) -> Record:
        """Seal an erasure of records in the project's stream, by the archive's key unless another is given."""
        body = {
            "ground": "个人信息保护法第四十七条",
            "hashes": sorted(hashes),
            "proposed_by": "d01",
            "confirmed_by": "d02",
        }
        if key is None:
            return self.seal("erasure", body)
        return seal(key, {**self.seal("erasure", body).payload, "author": PERSON, "counter": 1})

    def erased(self, line: dict[str, Any]) -> dict[str, Any]:
        """Return the line of a page as it is after its record was erased by law."""
        payload = parse(line["record"].encode("ascii")).payload
        rest = {name: payload[name] for name in ("id", "kind", "entity", "author", "supersedes")}
        return {**line, "record": None, "erased": rest}


def enrolled(
    phone: Phone, archive: Archive, person: str = PERSON, kinds: dict[str, Any] = KINDS
) -> dict[str, str]:
    """Make a key on the phone, enrol it, and return its public half."""
    phone.start(kinds)
    made: dict[str, Any] = phone.page.evaluate("(person) => phone.newKey(person)", person)
    phone.call("enrol", answer=archive.enrolment(made["jwk"], person))
    jwk: dict[str, str] = made["jwk"]
    return jwk


def sealed_visit(phone: Phone, *, entries: int = 1) -> dict[str, Any]:
    """Write a visit with entries and seal it with its submission."""
    visit = phone.call(
        "openDraft", kind="visit", v=1, stream=PROJECT, body={"summary": "基础完成", "team": ["i05"]}
    )
    part = {"kind": "entry", "v": 1, "stream": PROJECT, "visit": visit["id"]}
    parts = [
        phone.call("openDraft", part, body={"visit": visit["id"], "what": f"钢筋外露 {n}"})["id"]
        for n in range(entries)
    ]
    last = {"kind": "submission", "v": 1, "stream": PROJECT, "visit": visit["id"]}
    manifest = phone.call("openDraft", last, body={"visit": visit["id"], "records": []})
    done = phone.call("seal", drafts=[visit["id"], *parts], manifest=manifest["id"])
    return {"visit": visit["id"], "entries": parts, **done}


def proven(jws: str, jwk: dict[str, str]) -> Record:
    """Return a record of the phone as the archive's engine accepts it."""
    record = parse(jws.encode("ascii"))
    verify(record, jwk)
    return record


NewPhone = Callable[..., Phone]
