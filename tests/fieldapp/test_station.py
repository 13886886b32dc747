"""A station keeps, forwards, and brings receipts back; it says `held`, frees nothing, and loses nothing."""

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from sync import record, statement
from sync.chain import Place
from sync.client import Client, Photo
from sync.error import ChainBroken
from sync.key import SealingKey
from sync.photo import FolderStore
from sync.ring import Ring, WrongArchive
from sync.rollback import open_epoch
from sync.station import Station
from sync.wire import Answer
from tests.fieldapp import test_exchange
from tests.fieldapp.desk_city import photo_body
from tests.fieldapp.relay import Relay, Wire, fair, lost_answer, offline, portal, saying
from tests.fieldapp.test_exchange import PASSWORD, TUS, enrolled, project, services
from tests.sync.factory import Phone

app = test_exchange.app
DAY_S = 86400.0
PICTURE = os.urandom(300_000)
SHA256 = hashlib.sha256(PICTURE).hexdigest()


class Site:
    """An archive, a station before it, a phone with a note and a photo."""

    def __init__(self, app: Any, folder: Path) -> None:
        self.app = app
        self.archive = services(app).archive
        self.wire = Wire(app)
        self.relay = Relay(folder, self.wire, self.archive.name, ("d01", PASSWORD))
        self.stream = project(app)
        self.person = enrolled(app)
        self.note = self.person.seal({"what": 7}, kind="entry", stream=self.stream)
        self.photo = self.person.seal(photo_body("2026-11-20", PICTURE), kind="photo", stream=self.stream)


@pytest.fixture
def site(app: Any, tmp_path: Path) -> Iterator[Site]:
    made = Site(app, tmp_path / "station")
    yield made
    made.relay.close()


def pushed(client: FlaskClient, *records: record.Record) -> dict[str, Any]:
    body = "".join(f"{one.token.text}\n" for one in records)
    answer = client.post("/sync/1/records", data=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def uploaded(client: FlaskClient, sealed: record.Record, picture: bytes = PICTURE) -> None:
    sha256 = hashlib.sha256(picture).hexdigest()
    pairs = (("record", sealed.hash), ("sha256", sha256))
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs)
    headers = {**TUS, "Upload-Length": str(len(picture)), "Upload-Metadata": metadata}
    made = client.post("/sync/1/photos", headers=headers)
    assert made.status_code == 201, made.text
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    sent = client.patch(made.headers["Location"], data=picture, headers=headers)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(len(picture)))


def facts(site: Site, receipts: list[str]) -> dict[str, Any]:
    key = site.archive.key.jwk
    return {
        fact["hash"]: fact["completed_at"]
        for token in receipts
        for fact in statement.read(token, statement.RECEIPT, key)["facts"]
    }


def asked(site: Site, *hashes: str) -> dict[str, Any]:
    answer = site.relay.phone.post("/sync/1/receipts", data=json.dumps({"hashes": list(hashes)}))
    return dict(answer.json or {})


def test_a_station_holds_forwards_and_brings_the_archives_receipts_back(site: Site) -> None:
    answer = pushed(site.relay.phone, site.photo)
    assert [(one["verdict"], one["missing"]) for one in answer["verdicts"]] == [("held", [SHA256])]
    assert answer["receipts"] == []
    uploaded(site.relay.phone, site.photo)
    assert asked(site, site.photo.hash) == {"receipts": [], "missing": {}}
    site.relay.forward()
    back = asked(site, site.photo.hash)
    assert facts(site, back["receipts"])[site.photo.hash] is not None
    again = pushed(site.relay.phone, site.photo)
    assert [one["verdict"] for one in again["verdicts"]] == ["held"]
    assert facts(site, again["receipts"])[site.photo.hash] is not None


def test_a_station_says_which_archive_it_keeps_for_and_answers_any_origin(site: Site) -> None:
    answer = site.relay.phone.get("/sync/1/time")
    assert answer.headers["Fieldapp-Archive"] == site.archive.name
    assert answer.headers["Fieldapp-Station"] == "1"
    assert "Fieldapp-Time" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    preflight = site.relay.phone.options("/sync/1/photos/x")
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert site.relay.phone.get("/sync/1/streams").status_code == 404


def test_what_no_archive_would_keep_a_station_keeps_neither(site: Site) -> None:
    body = b"rubbish\n" + b"x" * (record.MAX_BYTES + 1) + b"\n" + site.note.token.text.encode() + b"\n"
    answer = site.relay.phone.post("/sync/1/records", data=body).json or {}
    assert [(one["line"], one["verdict"], one["reason"]) for one in answer["verdicts"]] == [
        (1, "refused", "not-a-record"),
        (2, "refused", "too-large"),
        (3, "held", None),
    ]


def test_the_archives_verdict_is_passed_on(site: Site) -> None:
    stranger = Phone("i66").seal(stream=site.stream)
    invalid = site.person.seal({"nonsense": 1}, kind="entry", stream=site.stream)
    pushed(site.relay.phone, stranger, invalid)
    site.relay.forward()
    verdicts = [
        (one["verdict"], one["reason"]) for one in pushed(site.relay.phone, stranger, invalid)["verdicts"]
    ]
    assert verdicts == [("refused", "unknown-key"), ("quarantined", "body-invalid")]


def test_a_refusal_that_passes_is_tried_again(site: Site) -> None:
    late = Phone("i09")
    early = late.seal(photo_body("2026-11-20", PICTURE), kind="photo", stream=site.stream)
    pushed(site.relay.phone, early)
    site.relay.forward()
    assert pushed(site.relay.phone, early)["verdicts"][0]["reason"] == "unknown-key"
    asked_ = late.request(site.archive.name, site.archive.time_token())
    site.archive.enrol(asked_, "i09", "I09", "inspector", "i09")
    site.relay.forward(DAY_S)
    assert site.archive.receipts([early.hash])[0] != []


def test_a_spoilt_copy_does_not_stand_in_the_way_of_the_good_one(site: Site) -> None:
    text = site.photo.token.text
    spoilt = record.parse((text[:-6] + ("AAAAAA" if text[-6:] != "AAAAAA" else "BBBBBA")).encode())
    assert spoilt.hash == site.photo.hash
    pushed(site.relay.phone, spoilt)
    pushed(site.relay.phone, site.photo)
    site.relay.forward()
    assert site.archive.receipts([site.photo.hash])[0] != []


def test_an_archive_away_for_days_gets_everything_when_it_is_back(site: Site) -> None:
    site.wire.fault = offline
    pushed(site.relay.phone, site.photo)
    uploaded(site.relay.phone, site.photo)
    site.relay.forward(3 * DAY_S)
    tries = len(site.wire.requests)
    assert 300 < tries < 600, "it goes on trying, ten minutes apart at last"
    site.wire.fault = fair
    site.relay.forward(1200)
    assert facts(site, asked(site, site.photo.hash)["receipts"])[site.photo.hash] is not None


@pytest.mark.parametrize("fault", [lost_answer, portal], ids=["answer lost", "captive portal"])
def test_every_single_fault_heals(site: Site, fault: Any) -> None:
    pushed(site.relay.phone, site.note, site.photo)
    uploaded(site.relay.phone, site.photo)
    for number in range(6):
        seen = len(site.wire.requests)

        def once(method: str, body: bytes, go: Any, at: int = seen + 1 + number % 3) -> Answer:
            return fault(method, body, go) if len(site.wire.requests) == at else go()

        site.wire.fault = once
        site.relay.forward(1200)
    assert facts(site, asked(site, site.photo.hash)["receipts"])[site.photo.hash] is not None


def test_retry_after_is_obeyed(site: Site) -> None:
    site.wire.fault = lambda _method, _body, _go: saying(site.app, 503, **{"retry-after": "900"})
    pushed(site.relay.phone, site.photo)
    site.relay.forward(899)
    assert len(site.wire.requests) == 1


def test_one_record_the_archive_cannot_take_holds_no_other(site: Site) -> None:
    poison = site.person.seal({"what": "poison"}, kind="entry", stream=site.stream)

    def choke(_method: str, body: bytes, go: Any) -> Answer:
        is_poisoned = body[:2] == b"\x1f\x8b" and poison.token.text.encode() in gzip.decompress(body)
        return saying(site.app, 500) if is_poisoned else go()

    site.wire.fault = choke
    pushed(site.relay.phone, poison, site.photo)
    site.relay.forward(3600)
    assert site.archive.receipts([site.photo.hash])[0] != []
    assert [one.hash for one in map(record.parse, unsent(site))] == [poison.hash]


def unsent(site: Site) -> list[bytes]:
    return [data for _, data in site.relay.station.unsent(10)]


def test_a_station_opened_again_goes_on_where_it_was(site: Site) -> None:
    pushed(site.relay.phone, site.photo)
    uploaded(site.relay.phone, site.photo)
    calls = 0

    def cut(method: str, body: bytes, go: Any) -> Answer:
        nonlocal calls
        calls += method == "PATCH"
        return lost_answer(method, body, go) if method == "PATCH" else go()

    site.wire.fault = cut
    site.relay.forward(0)
    assert calls == 1
    again = Relay(site.relay.folder, site.wire, site.archive.name)
    site.wire.fault = fair
    site.wire.requests.clear()
    again.forward()
    assert [one for one in site.wire.requests if one[0] == "PATCH"] == []
    assert site.archive.receipts([site.photo.hash])[1] == {}
    again.close()


def test_a_station_mirrors_what_its_login_may_read(site: Site) -> None:
    site.relay.forward()
    for head in site.archive.heads(["keys", "commons", site.stream]):
        assert site.relay.station.mirrored(head.name) == (head.position, head.head)
    ring = site.relay.station.ring()
    assert ring is not None and ring.current == site.archive.key.kid


def test_a_station_that_knows_the_keys_keeps_no_bad_seal_and_no_foreign_receipt(site: Site) -> None:
    site.relay.forward()
    text = site.photo.token.text
    spoilt = record.parse((text[:-6] + ("AAAAAA" if text[-6:] != "AAAAAA" else "BBBBBA")).encode())
    judged, _ = site.relay.station.take([spoilt.token.text.encode()])
    assert [(one.hash, one.verdict, one.reason) for one in judged] == [
        (spoilt.hash, "refused", "bad-signature")
    ]
    forged = Phone().key.seal(statement.RECEIPT, b'{"archive":"x","facts":[]}')
    assert site.relay.station.keep_receipts([forged]) == []


def test_a_folder_is_for_one_archive(site: Site) -> None:
    with pytest.raises(WrongArchive):
        Station(site.relay.folder, site.relay.clock, os.urandom, "A" * 43)


def test_an_archive_that_was_rolled_back_is_offered_everything_again(site: Site) -> None:
    pushed(site.relay.phone, site.photo)
    uploaded(site.relay.phone, site.photo)
    site.relay.forward()
    site.wire.requests.clear()
    opened = open_epoch(site.archive, "restored")
    again = site.person.seal({"what": 8}, kind="entry", stream=site.stream)
    pushed(site.relay.phone, again)
    site.relay.forward(1200)
    assert [path for _, path in site.wire.requests].count("/sync/1/records") == 2
    back = asked(site, site.photo.hash)
    assert facts(site, back["receipts"])[site.photo.hash] is not None
    receipt = statement.read(back["receipts"][0], statement.RECEIPT, site.archive.key.jwk)
    assert receipt["epoch"] == opened
    for head in site.archive.heads(["keys", site.stream]):
        assert site.relay.station.mirrored(head.name) == (head.position, head.head)


def test_what_was_erased_by_law_leaves_a_station_too(site: Site) -> None:
    site.relay.forward()
    pushed(site.relay.phone, site.note, site.photo)
    uploaded(site.relay.phone, site.photo)
    site.archive.push([site.photo.token.text.encode()])
    site.archive.erase([site.photo.hash], site.stream, "PIPL art. 47", "d04", "d05")
    site.relay.forward(3600)
    assert not site.relay.station.photos.has(SHA256)
    assert site.relay.station.counts() == {"unsent": 0, "photos": 0}
    again = pushed(site.relay.phone, site.photo)["verdicts"]
    assert [(one["verdict"], one["reason"]) for one in again] == [("known", "erased")]
    site.archive.erase([site.note.hash], site.stream, "PIPL art. 47", "d04", "d05")
    site.relay.forward(3600)
    for text in (site.note.token.text, site.photo.token.text):
        kept = (site.relay.folder / "station.db").read_bytes()
        assert text.encode() not in kept
    head = site.archive.heads([site.stream])[0]
    assert site.relay.station.mirrored(site.stream) == (head.position, head.head)


def test_a_full_disk_is_said_and_nothing_is_called_held(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded_to: Station = site.relay.app.extensions["fieldapp-station"]
    with uploaded_to.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    event.listen(
        uploaded_to.database.engine,
        "checkout",
        lambda raw, *_rest: raw.execute(f"PRAGMA max_page_count={pages}").fetchall(),
    )
    uploaded_to.database.engine.dispose()
    lines = [site.person.seal({"what": "x" * 100_000}, stream=site.stream) for _ in range(4)]
    body = "".join(f"{one.token.text}\n" for one in lines)
    answer = site.relay.phone.post("/sync/1/records", data=body)
    assert (answer.status_code, (answer.json or {})["type"]) == (507, "urn:fieldapp:problem:store-full")
    assert site.relay.station.unsent(10) == []


# -- the client itself --------------------------------------------------------------------------------------------------------


def test_pieces_shrink_until_they_pass(site: Site, tmp_path: Path) -> None:
    sizes, told = [], []

    def narrow(method: str, body: bytes, go: Any) -> Answer:
        if method != "PATCH":
            return go()
        sizes.append(len(body))
        return Answer(413, {}, b"<html>too large</html>") if len(body) > 40_000 else go()

    site.wire.fault = narrow
    client, store = Client(site.wire, site.archive.name), FolderStore(tmp_path / "own")
    client.push([site.photo.token.text.encode()])
    store.take(SHA256, [PICTURE], len(PICTURE))
    with store.open(SHA256) as file:
        client.upload(Photo(site.photo.hash, SHA256, len(PICTURE)), file, told.append)
    assert sizes[:4] == [300_000, 150_000, 75_000, 37_500]
    assert set(sizes[3:]) == {37_500}
    assert sum(told) == len(PICTURE)
    assert site.archive.receipts([site.photo.hash])[1] == {}


def test_a_new_phone_is_enrolled_by_the_client(site: Site) -> None:
    client, key = Client(site.wire), SealingKey.new()
    client.log_in("i09", PASSWORD)
    answer = client.enrol(key, "i09", "a laptop")
    assert record.parse(answer["enrolment"].encode()).body["jwk"] == key.jwk
    assert Ring(site.archive.name, [one.encode() for one in answer["keys"]]).encryption is not None


def test_a_stream_that_was_rewritten_is_not_followed(site: Site) -> None:
    client = Client(site.wire, site.archive.name)
    client.log_in("d01", PASSWORD)
    start = Place.start(site.archive.name, "keys")
    assert next(place.position for _, place in client.pull("keys", start)) == 1
    with pytest.raises(ChainBroken):
        list(client.pull("keys", Place(0, "0" * 64)))
