"""One run: an archive, a station, phones with their people, and the oracle that judges after every step."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from sync import instant, record
from sync.photo import StoreBusy, StoreFull
from sync.record import Record
from sync.ring import Ring
from sync.wire import Answer, Unreachable
from tests.fieldapp.desk_city import PASSWORD, build, make_app, photo_body, services
from tests.fieldapp.relay import Relay, fair
from tests.fieldapp.relay import Wire as StationWire
from tests.proof.archive_home import ArchiveHome, Databases, Killed, dying_at
from tests.proof.oracle import Holdings, Oracle, Sealed
from tests.proof.phone import ARCHIVE, PREFIX, STATION, Ask, Owner
from tests.proof.wire import Request, Unanswered, Wire, send
from tests.store import Postgresql
from tests.sync.factory import Phone, StandingClock

# Who uses each phone, in turn. Phones behind the station send through it alone; the last key is enrolled only when it is refused.
PEOPLE = (("i05", "i06"), ("i06",), ("i09", "i05"), ("i05",), ("i09",), ("i06", "i09"))
BEHIND_STATION = (1, 5)
LATE = (4, "i09")
# Few different photos, so that the same bytes are named by several records and people.
PHOTOS = tuple(hashlib.sha256(bytes([number])).digest() * size for number, size in enumerate((1, 30, 60, 90)))
SPOILT = ("author", "body", "kind", "signature")
ROUNDS, MOST_EXCHANGES = 8, 60


@dataclass(frozen=True)
class Prepared:
    """An archive with accounts, teams, projects and enrolled keys, to be copied for every run."""

    app: Flask
    folder: Path
    databases: Databases
    archive: str
    keys: dict[tuple[int, str], Phone]
    cookies: dict[str, str]
    streams: tuple[str, ...]
    allowed: dict[str, set[str]]

    @property
    def data(self) -> Path:
        return self.folder / "prepared"


def prepare(folder: Path, server: Postgresql | None) -> Prepared:
    databases = Databases(server)
    data = folder / "prepared"
    data.mkdir()
    databases.create(data)
    stores = {"database": databases.address(data)} if server else {}
    app = make_app(data, StandingClock(), login_days=400, **stores)
    city, archive = build(app), services(app).archive
    keys = {(slot, person): Phone(person) for slot, people in enumerate(PEOPLE) for person in people}
    for place, phone in keys.items():
        if place != LATE:
            asked = phone.request(archive.name, archive.time_token())
            archive.enrol(asked, phone.person, phone.person.upper(), "inspector", phone.person)
    cookies = {person: _cookie(app, person) for person in ("i05", "i06", "i09", "d01")}
    projects = tuple(f"project:{city.projects[code]}" for code in ("p017", "p018"))
    teams = {code: f"team:{identity}" for code, identity in city.teams.items()}
    everybody = {"keys", "commons"}
    first = everybody | {projects[0], teams["t1"], f"unit:{city.unit}"}
    allowed = {"i05": first, "i06": first, "i09": everybody | {projects[1], teams["t2"]}}
    services(app).database.close()
    return Prepared(app, folder, databases, archive.name, keys, cookies, projects, allowed)


def _cookie(app: Flask, person: str) -> str:
    given = {"username": person, "password": PASSWORD}
    answer = app.test_client().post("/session", json=given, headers={"Fieldapp-Client": "1"})
    return answer.headers["Set-Cookie"].partition(";")[0]


class World:
    def __init__(self, prepared: Prepared, folder: Path, phones: int) -> None:
        self.prepared = prepared
        self.home = ArchiveHome(prepared.app, prepared.data, folder, prepared.databases)
        self.clock = self.home.clock
        self.wire = Wire()
        self.oracle = Oracle(prepared.archive, prepared.allowed)
        self.relay = self._relay(folder / "station")
        ring = Ring(prepared.archive, [line.encode() for line in self.home.archive.key_records()])
        self.owners = {
            place: Owner(replace(phone, counter=0), ring, prepared.cookies[phone.person])
            for place, phone in prepared.keys.items()
            if place[0] < phones
        }
        self.active = {slot: PEOPLE[slot][0] for slot in range(phones)}
        self.jumps = dict.fromkeys(range(phones), 0)
        self.check()

    def _relay(self, folder: Path) -> Relay:
        wire = StationWire(self.prepared.app)
        name, _, value = self.prepared.cookies["d01"].partition("=")
        wire.client.set_cookie(name, value)
        relay = Relay(folder, wire, self.prepared.archive, ("d01", PASSWORD))
        relay.clock.at, self.station_wire = self.clock.at, wire
        relay.forwarder.look_s = 1800
        return relay

    def end(self) -> None:
        self.relay.close()
        self.home.end()

    def owner(self, slot: int) -> Owner:
        """Return whoever uses a phone just now."""
        return self.owners[(slot, self.active[slot])]

    # -- what people do -------------------------------------------------------------------------------------------------------

    def seal(self, slot: int, project: int, photos: list[int], spoilt: str | None = None) -> None:
        owner = self.owner(slot)
        named = (
            {hashlib.sha256(PHOTOS[one]).hexdigest(): PHOTOS[one] for one in photos} if spoilt is None else {}
        )
        text: list[Record] = [self._note(owner, slot, project, spoilt)] if not named else []
        text += [self._photo(owner, slot, project, one) for one in named.values()]
        for sealed in text:
            of_it = {name: one for name, one in named.items() if name in str(sealed.body)}
            owner.keep(sealed, list(of_it.values()))
            words = (owner.phone.person, owner.phone.key.kid, spoilt)
            self.oracle.sealed[sealed.hash] = Sealed(sealed.token.text.encode("ascii"), of_it, *words)

    def _members(self, slot: int, project: int) -> dict[str, Any]:
        at = self.clock.at + timedelta(hours=self.jumps[slot])
        identity = self.home.archive.new_id()
        return {
            "id": identity,
            "entity": identity,
            "captured_at": instant.write(at, 480),
            "stream": self.prepared.streams[project],
        }

    def _note(self, owner: Owner, slot: int, project: int, spoilt: str | None) -> Record:
        members = self._members(slot, project)
        body = {"list": "problem", "what": "3号墩露筋", "seen_on": "2026-11-22", "cause": []}
        if spoilt == "body":
            body["list"] = "no such list"
        if spoilt == "author":
            members["author"] = "i77"
        sealed = owner.phone.seal(body, kind="dream" if spoilt == "kind" else "entry", **members)
        if spoilt != "signature":
            return sealed
        text = sealed.token.text
        return record.parse((text[:-6] + ("AAAAAA" if text[-6:] != "AAAAAA" else "BBBBBA")).encode())

    def _photo(self, owner: Owner, slot: int, project: int, data: bytes) -> Record:
        return owner.phone.seal(photo_body("2026-11-22", data), kind="photo", **self._members(slot, project))

    def switch(self, slot: int) -> None:
        people = PEOPLE[slot]
        self.active[slot] = people[(people.index(self.active[slot]) + 1) % len(people)]

    def free(self, slot: int) -> None:
        self.owner(slot).free()

    def erase(self, number: int) -> None:
        """Two administrators agree on erasing one record."""
        here = self.holdings()
        hashes = sorted(known for known in self.oracle.sealed if known in here.rows)
        if not hashes:
            return
        known = hashes[number % len(hashes)]
        # The photos' bytes may stay for now when their store fails; the erasure stands all the same.
        with suppress(StoreBusy, StoreFull):
            self.home.archive.erase([known], here.rows[known].stream, "PIPL art. 47", "d04", "d05")
        if self.holdings().rows[known].text is None:
            self.oracle.erased.add(known)

    # -- exchanges ------------------------------------------------------------------------------------------------------------

    def exchange(self, slot: int, route: str, fault: str, at: int = 0) -> bool:
        """Let a phone do what it would do next; tell whether there was something."""
        owner = self.owner(slot)
        ask = owner.next(route)
        if ask is not None:
            self._carry(owner, ask, fault, at)
        return ask is not None

    def read(self, slot: int, fault: str, at: int = 0) -> None:
        """Let a phone ask what there is to read, or read a page."""
        owner = self.owner(slot)
        self._carry(owner, owner.ask_page() or owner.ask_streams(), fault, at)

    def contact(self, slot: int, fault: str, at: int = 0) -> None:
        """Let a phone show receipts it holds."""
        owner = self.owner(slot)
        self._carry(owner, owner.ask_receipts(ARCHIVE, []), fault, at)

    def _carry(self, owner: Owner, ask: Ask, fault: str, at: int) -> None:
        headers = {**ask.headers, **({"Cookie": owner.cookie} if ask.route == ARCHIVE else {})}
        request = Request(ask.method, PREFIX + ask.path, headers, ask.body)
        app = self.relay.app if ask.route == STATION else self.prepared.app

        def take(answer: Answer) -> None:
            owner.take(ask, answer)
            self._judge(owner)

        try:
            if fault.startswith("kill "):
                with dying_at(fault.removeprefix("kill ")):
                    self.wire.carry(app, request, "none", at, take)
            else:
                self.wire.carry(app, request, fault, at, take)
        except Unanswered:
            owner.failed(ask)
        except Killed:
            owner.failed(ask)
            self.home.crash()

    def _judge(self, owner: Owner) -> None:
        if owner.believed:
            self.oracle.believe(owner, self.holdings())

    def deliver_late(self, number: int) -> None:
        if self.wire.late:
            self.wire.late.pop(number % len(self.wire.late))()

    def forward(self, span_s: float, fault: str, nth: int) -> None:
        """Let the station work; one of its requests meets a fault."""
        seen = len(self.station_wire.requests)

        def once(method: str, body: bytes, go: Any) -> Answer:
            if len(self.station_wire.requests) != seen + 1 + nth:
                return go()  # type: ignore[no-any-return]
            if fault in ("drop after", "duplicate"):
                go()
            if fault in ("portal", "proxy 413"):
                return Answer(200 if fault == "portal" else 413, {}, b"<html>")
            if fault in ("drop before", "drop after"):
                raise Unreachable(fault)
            return go()  # type: ignore[no-any-return]

        self.station_wire.fault = once
        self.relay.forward(span_s)
        self.station_wire.fault = fair

    def crash_station(self) -> None:
        folder, seconds = self.relay.folder, self.relay.seconds
        self.relay.close()
        self.relay = self._relay(folder)
        self.relay.seconds = seconds

    # -- the archive's life ---------------------------------------------------------------------------------------------------

    def pass_by(self, **span: float) -> None:
        self.clock.pass_by(**span)
        self.relay.clock.at = self.clock.at

    @contextmanager
    def losing(self) -> Iterator[None]:
        """Whatever is gone after this was rolled back, and nobody's fault."""
        before = self.holdings()
        yield
        self.pass_by(seconds=1)
        self.oracle.lose(before, self.holdings(), self.home.archive.now())
        self.pass_by(seconds=1)

    def restore(self, number: int, keeps_photos: bool) -> None:
        if self.home.backups:
            with self.losing():
                self.home.restore(number, keeps_photos)

    def roll_back(self, number: int) -> None:
        if self.home.snapshots:
            with self.losing():
                self.home.roll_back(number)

    # -- judging --------------------------------------------------------------------------------------------------------------

    def holdings(self) -> Holdings:
        return Holdings.of(self.home.archive, self.home.services.photos)

    def check(self) -> None:
        self.oracle.check(self.holdings(), list(self.owners.values()))

    def drain(self) -> None:
        """End all faults and let everybody finish, without a new record; the number of exchanges is bounded."""
        self.home.photos.left = 0
        while self.wire.late:
            self.deliver_late(0)
        for left in reversed(range(ROUNDS)):
            for slot, person in self.owners:
                self.active[slot] = person
                self._drain(slot)
            self.pass_by(days=1)
            # Whatever waits for its turn is due; a station needs no more than that.
            self.relay.seconds += 86_400
            self.relay.forward()
            self.check()
            try:
                self.oracle.check_drained(self.holdings(), list(self.owners.values()))
                return
            except AssertionError:
                if not left:
                    raise

    def _drain(self, slot: int) -> None:
        owner, route = self.owner(slot), STATION if slot in BEHIND_STATION else ARCHIVE
        if owner.is_stranger:
            self._enrol(owner)
        for own in owner.own.values():
            own.is_asked = False
            is_refused = own.verdict.get(route) == "refused"
            if not own.is_complete and own.verdict.get(route) != "quarantined" and not is_refused:
                own.forget()
        for _ in range(MOST_EXCHANGES * (1 + len(owner.own))):
            if not self.exchange(slot, route, "none"):
                break
        else:
            raise AssertionError(f"phone {slot} never rests: {owner.next(route)}")
        for _ in range(1 + len(owner.own) // 4):
            self.contact(slot, "none")
        self._carry(owner, owner.ask_streams(), "none", 0)
        for _ in range(MOST_EXCHANGES):
            ask = owner.ask_page()
            if ask is None:
                break
            self._carry(owner, ask, "none", 0)

    def _enrol(self, owner: Owner) -> None:
        """Do what a person does whose key is not known: enrol again."""
        asked = owner.phone.request(self.prepared.archive, self.home.archive.time_token())
        request = Request("POST", f"{PREFIX}/enrolments", {"Cookie": owner.cookie}, asked)
        assert send(self.prepared.app, request).status == 200
        owner.is_stranger = False
        for own in owner.own.values():
            if "refused" in own.verdict.values():
                own.forget()
