"""Bad input at the archive, over the wire: each gets its own verdict or problem, nothing else suffers, nothing is half-stored, no 5xx."""

import gzip
import hashlib
import io
import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlmodel import select

from fieldapp.domain.photo import MAX_PHOTO_BYTES
from sync import record
from sync.ijson import dump
from sync.record import MAX_BYTES, Record
from sync.table import Media, Quarantined, RecordMedia, RecordRow, Upload
from tests.fieldapp.desk_city import City, logged_in, photo_body, services
from tests.fieldapp.test_exchange import begin, cut, push, send, slug
from tests.sync.factory import Phone

PAGE = Path(__file__).parents[2] / "sync" / "PROTOCOL.md"


def line(sealed: Record) -> bytes:
    return sealed.token.text.encode()


def entry(city: City, phone: Phone, **members: Any) -> Record:
    body = {"list": "problem", "what": "护栏缺失", "seen_on": "2026-11-22", "cause": []}
    return phone.seal(
        **({"body": body, "kind": "entry", "stream": f"project:{city.projects['p017']}"} | members)
    )


def signed(phone: Phone, payload: bytes) -> bytes:
    """Return a line whose seal fits and whose payload is anything."""
    return phone.key.seal(record.TYP, payload).encode()


def counted(app: Flask) -> tuple[int, int, int, int, int]:
    """Return how many records, records aside, names of bytes, bytes and uploads there are."""
    tables: tuple[Any, ...] = (RecordRow, Quarantined, RecordMedia, Media, Upload)
    with services(app).database.reading() as session:
        found = [len(session.exec(select(table)).all()) for table in tables]
    return (found[0], found[1], found[2], found[3], found[4])


def files(app: Flask, folder: str) -> list[str]:
    return sorted(
        path.name for path in (services(app).settings.data / "photo" / folder).rglob("*") if path.is_file()
    )


def rows_of_the_page() -> list[tuple[str, str | None]]:
    """Return (verdict, reason) of each row of the table of verdicts; no reason is None."""
    table = PAGE.read_text("utf-8").partition("## 4. Verdicts")[2].partition("\n\nWhat would be")[0]
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \| ([^|]+) \|", table, re.MULTILINE)
    return [(verdict, reason.strip().strip("`") if "`" in reason[:2] else None) for verdict, reason in rows]


def lines_of_the_table(app: Flask, city: City) -> list[tuple[bytes, tuple[str, str | None]]]:
    """Return a line for each row, and what it is to be told; what rows need to be there is pushed first."""
    archive, phone = services(app).archive, city.phone("i05")
    known, erased, revoked = entry(city, phone), entry(city, phone), Phone("i06")
    client = app.test_client()
    assert push(client, known, erased).status_code == 200
    with services(app).database.writing() as session:
        session.get_one(RecordRow, erased.hash).bytes = None
    archive.enrol(revoked.request(archive.name, archive.time_token()), "i06", "I06", "inspector", "i06")
    archive.revoke(revoked.key.kid, "lost", "d04")
    good = entry(city, phone)
    broken = line(good)[:-4] + (b"AAAA" if not line(good).endswith(b"AAAA") else b"BBBB")
    twin = {**known.body, "what": "另一处"}
    return [
        (b"x" * (MAX_BYTES + 1), ("refused", "too-large")),
        (b"\xff\x00junk", ("refused", "not-a-record")),
        (line(entry(city, Phone("i66"))), ("refused", "unknown-key")),
        (broken, ("refused", "bad-signature")),
        (signed(phone, dump({**good.payload, "extra": 1})), ("refused", "not-a-record")),
        (line(known), ("known", None)),
        (line(erased), ("known", "erased")),
        (line(entry(city, phone, id=known.payload["id"], body=twin)), ("quarantined", "id-taken")),
        (line(entry(city, revoked)), ("quarantined", "revoked-key")),
        (line(entry(city, phone, author="i09")), ("quarantined", "wrong-author")),
        (line(entry(city, phone, kind="dream")), ("quarantined", "unknown-kind")),
        (line(entry(city, phone, v=9)), ("quarantined", "unknown-version")),
        (line(entry(city, phone, kind="review")), ("quarantined", "kind-not-allowed")),
        (line(entry(city, phone, stream="commons")), ("quarantined", "stream-not-allowed")),
        (
            line(entry(city, phone, body={**good.body, "severity": "terrible"})),
            ("quarantined", "body-invalid"),
        ),
        (line(good), ("appended", None)),
    ]


def test_every_row_of_the_table_in_one_push_each_with_its_own_verdict(app: Flask, city: City) -> None:
    rows = lines_of_the_table(app, city)
    before = counted(app)
    answer = push(app.test_client(), *(data for data, _ in rows))
    assert answer.status_code == 200
    told = [(row["verdict"], row["reason"]) for row in answer.get_json()["verdicts"]]
    assert told == [wanted for _, wanted in rows]
    # The page has no row that is not tried here. The erased one shares the row of `known`.
    assert [wanted for _, wanted in rows if wanted != ("known", "erased")] == rows_of_the_page()
    aside = sum(verdict == "quarantined" for _, (verdict, _) in rows)
    assert counted(app) == (before[0] + 1, before[1] + aside, *before[2:])
    # Sent again, nothing is stored twice.
    push(app.test_client(), *(data for data, _ in rows))
    assert counted(app) == (before[0] + 1, before[1] + aside, *before[2:])


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"{", b'{"id":1}', b"\xff\xfe", b"[" * 150_000, b'{"a":' * 30_000, b'{"id":NaN}', b"9" * 100_000],
    ids=["empty", "null", "list", "cut", "poor", "no-utf8", "deep-list", "deep-object", "nan", "long-number"],
)  # fmt: skip
def test_a_sealed_payload_of_rubbish_is_refused_and_the_next_line_taken(
    app: Flask, city: City, payload: bytes
) -> None:
    phone = city.phone("i05")
    answer = push(app.test_client(), signed(phone, payload), entry(city, phone))
    assert answer.status_code == 200, answer.text
    told = [(row["verdict"], row["reason"]) for row in answer.get_json()["verdicts"]]
    assert told == [("refused", "not-a-record"), ("appended", None)]


def interview(city: City, phone: Phone, chars: int) -> bytes:
    """Seal an interview whose notes have so many characters, over the limit too."""
    body = {
        "talked_on": "2026-11-22", "code": "T0501", "role": "worker", "relation": "served", "knows": "daily",
        "mode": "individual", "is_use_told": True,
        "asked": [{"question": f"q{at}", "note": "x" * min(20_000, chars - at * 20_000)} for at in range(1 + chars // 20_000)],
    }  # fmt: skip
    small = entry(city, phone, kind="interview", body={**body, "asked": []})
    return signed(phone, dump({**small.payload, "body": body}))


def test_a_record_is_taken_up_to_the_last_byte_and_not_beyond(app: Flask, city: City) -> None:
    phone = city.phone("i05")
    # Three bytes of a payload are four of the line: from just below the limit on, find the longest that fits and the next one.
    chars = 195_000 + (MAX_BYTES - len(interview(city, phone, 195_000))) * 3 // 4 - 10
    while len(beyond := interview(city, phone, chars + 1)) <= MAX_BYTES:
        chars += 1
    fits = interview(city, phone, chars)
    assert MAX_BYTES - 4 <= len(fits) <= MAX_BYTES < len(beyond) <= MAX_BYTES + 4
    answer = push(app.test_client(), beyond, fits, b"A" * (MAX_BYTES + 1))
    told = [(row["verdict"], row["reason"]) for row in answer.get_json()["verdicts"]]
    assert told == [("refused", "too-large"), ("appended", None), ("refused", "too-large")]


def test_a_packed_bomb_is_one_problem_and_the_next_push_is_taken(app: Flask, city: City) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    assert len(bomb) < 600_000
    before, client = counted(app), app.test_client()
    packed = {"Content-Encoding": "gzip"}
    assert slug(push(client, bomb, headers=packed)) == "too-large"
    assert slug(push(client, gzip.compress(bomb)[:-4], headers=packed)) in ("body-cut", "not-gzip")
    twice = push(client, gzip.compress(bomb), headers=packed)
    assert [row["reason"] for row in twice.get_json()["verdicts"]] != []  # a packed pack is just rubbish
    assert {row["verdict"] for row in twice.get_json()["verdicts"]} == {"refused"}
    assert counted(app) == before
    sealed = entry(city, city.phone("i05"))
    answer = push(client, gzip.compress(line(sealed)), headers=packed)
    assert [row["verdict"] for row in answer.get_json()["verdicts"]] == ["appended"]


def test_a_body_cut_anywhere_leaves_nothing(app: Flask, city: City) -> None:
    body = b"\n".join(line(entry(city, city.phone("i05"))) for _ in range(3))
    before, client = counted(app), app.test_client()
    for end in (0, 1, body.index(b"\n"), body.index(b"\n") + 1, len(body) - 1):
        answer = client.post("/sync/1/records", **cut(body[:end], len(body) - end))
        assert (answer.status_code, slug(answer)) == (400, "body-cut"), end
        packed = gzip.compress(body)
        headers = {"Content-Encoding": "gzip"}
        short = client.post("/sync/1/records", data=packed[: len(packed) - 1 - end % 50], headers=headers)
        assert slug(short) == "body-cut", end
    assert counted(app) == before


def photo(city: City, phone: Phone, data: bytes, **image: Any) -> Record:
    body = photo_body("2026-11-22", data)
    return entry(city, phone, kind="photo", body={**body, "view": body["view"] | image})


def test_a_photo_larger_than_allowed_is_set_aside_for_that_reason(app: Flask, city: City) -> None:
    client, data = app.test_client(), b"small"
    sealed = photo(city, city.phone("i05"), data, size_bytes=MAX_PHOTO_BYTES + 1)
    found = push(client, sealed).get_json()["verdicts"][0]
    assert (found["verdict"], found["reason"]) == ("quarantined", "body-invalid")
    assert found["detail"].startswith("view.size_bytes: ")
    assert slug(begin(client, sealed, data)) == "record-unknown"
    assert counted(app)[4] == 0 and files(app, "") == []


def test_more_bytes_than_the_record_names_are_refused_before_any_is_written(app: Flask, city: City) -> None:
    client, data = app.test_client(), os.urandom(5_000)
    sealed = photo(city, city.phone("i05"), data)
    push(client, sealed)
    place = begin(client, sealed, data).headers["Location"]
    answer = send(client, place, 0, data + b"more")
    assert (answer.status_code, slug(answer), answer.get_json()["max_bytes"]) == (413, "too-large", 5_000)
    assert files(app, "part") == []
    assert send(client, place, 0, data[:2_000]).status_code == 204
    assert slug(send(client, place, 2_000, data[2_000:] + b"x")) == "too-large"
    assert slug(client.patch(place, **cut(b"", 17 * 1024 * 1024, **_at(2_000)))) == "too-large"
    assert send(client, place, 2_000, data[2_000:]).status_code == 204
    assert files(app, "sha256") == [hashlib.sha256(data).hexdigest()] and files(app, "part") == []


def _at(offset: int) -> dict[str, str]:
    kind = "application/offset+octet-stream"
    return {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": kind}


def test_wrong_bytes_of_one_photo_leave_nothing_and_hold_no_other_up(app: Flask, city: City) -> None:
    client, phone = app.test_client(), city.phone("i05")
    data, other = os.urandom(3_000), os.urandom(3_000)
    one, two = photo(city, phone, data), photo(city, phone, other)
    push(client, one, two)
    first, second = (
        begin(client, sealed, given).headers["Location"] for sealed, given in ((one, data), (two, other))
    )
    assert slug(send(client, first, 0, data[:-1] + bytes([data[-1] ^ 1]))) == "hash-differs"
    assert send(client, second, 0, other).status_code == 204
    assert files(app, "sha256") == [hashlib.sha256(other).hexdigest()] and files(app, "part") == []
    answer = client.post("/sync/1/receipts", json={"hashes": [one.hash, two.hash]}).get_json()
    assert answer["missing"] == {one.hash: [hashlib.sha256(data).hexdigest()]}


def encoded(name: str, side: int = 400, **options: Any) -> bytes:
    if name == "HEIF":
        pillow_heif.register_heif_opener()
    noise = Image.effect_noise((side, side * 3 // 4), 80).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, name, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def zeros(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()


def png(side: int, *before: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(before) + chunk(b"IDAT", zeros(64)) + chunk(b"IEND", b"")


def many_scans() -> bytes:
    """Return a JPEG that asks for its pixels to be gone through thousands of times."""
    whole = encoded("JPEG", 1_200, progressive=True)
    scan = whole.rindex(b"\xff\xda")
    return whole[:scan] + whole[scan:-2] * 40 + b"\xff\xd9"


BROKEN: dict[str, Callable[[], bytes]] = {
    "jpeg-cut": lambda: encoded("JPEG")[:9_000],
    "heic-cut": lambda: encoded("HEIF")[:4_000],
    "heic-cut-in-the-head": lambda: encoded("HEIF")[:100],
    "png-cut": lambda: encoded("PNG")[:50_000],
    "webp-cut": lambda: encoded("WEBP")[:200],
    "gif-called-jpeg": lambda: encoded("GIF"),
    "page-called-jpeg": lambda: b"<!doctype html><script>alert(1)</script>",
    "drawing-called-jpeg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "pixels-bomb": lambda: png(60_000),
    "one-byte": lambda: b"\xff",
}
SOUND: dict[str, Callable[[], bytes]] = {
    "png-called-jpeg": lambda: encoded("PNG"),
    "webp-called-jpeg": lambda: encoded("WEBP"),
    "heic-called-jpeg": lambda: encoded("HEIF"),
    "jpeg-with-a-page-behind": lambda: encoded("JPEG") + b"<script>alert(1)</script>",
}


def hand_in(app: Flask, city: City, data: bytes) -> tuple[Record, str]:
    """Push a photo that says it is a JPEG, then its bytes; return it, and the address of its picture."""
    client, sealed = app.test_client(), photo(city, city.phone("i05"), data)
    assert [row["verdict"] for row in push(client, sealed).get_json()["verdicts"]] == ["appended"]
    assert send(client, begin(client, sealed, data).headers["Location"], 0, data).status_code == 204
    # What was sealed came whole: that is all a receipt says, whatever the bytes are.
    assert client.post("/sync/1/receipts", json={"hashes": [sealed.hash]}).get_json()["missing"] == {}
    return sealed, f"/photo/{hashlib.sha256(data).hexdigest()}"


def looked_at(app: Flask, desk: FlaskClient, address: str) -> tuple[int, str]:
    """Ask for a picture, wait until it was tried, ask again."""
    first = desk.get(address)
    assert (first.status_code, first.mimetype) == (202, "image/svg+xml"), (
        "never decoded while a request waits"
    )
    assert services(app).pictures.wait(120)
    answer = desk.get(address)
    return answer.status_code, answer.mimetype


@pytest.mark.parametrize("sort", BROKEN)
def test_a_photo_that_cannot_be_decoded_keeps_its_original_and_gets_a_placeholder(
    app: Flask, city: City, sort: str
) -> None:
    data, desk = BROKEN[sort](), logged_in(app, "d01")
    _, address = hand_in(app, city, data)
    _, sound = hand_in(app, city, encoded("JPEG", 300))
    assert looked_at(app, desk, address) == (200, "image/svg+xml")
    assert looked_at(app, desk, sound) == (200, "image/jpeg"), "the next one does not suffer"
    original = desk.get(f"{address}/original")
    assert (original.data == data, original.mimetype) == (True, "application/octet-stream")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in original.headers["Content-Security-Policy"]
    small = desk.get(f"/sync/1/photos/{hashlib.sha256(data).hexdigest()}?size=small")
    assert slug(small) == "not-found"


@pytest.mark.parametrize("sort", SOUND)
def test_a_photo_that_lies_about_its_format_is_shown_as_what_it_is(app: Flask, city: City, sort: str) -> None:
    data, desk = SOUND[sort](), logged_in(app, "d01")
    _, address = hand_in(app, city, data)
    assert looked_at(app, desk, address) == (200, "image/jpeg")
    shown = desk.get(address).data
    assert shown.startswith(b"\xff\xd8\xff") and b"script" not in shown
    assert desk.get(f"{address}/original").data == data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: png(600, chunk(b"iCCP", b"x\0\0" + zeros(200))), id="profile-bomb"),
        pytest.param(lambda: png(600, *[chunk(b"zTXt", b"x\0\0" + zeros(90))] * 5), id="text-bomb"),
        pytest.param(many_scans, id="many-scans"),
    ],
)
def test_a_bomb_inside_an_image_ends_with_its_process(
    app: Flask, city: City, data: Callable[[], bytes]
) -> None:
    desk = logged_in(app, "d01")
    _, address = hand_in(app, city, data())
    _, sound = hand_in(app, city, encoded("JPEG", 300))
    # Whether a picture comes of it is the decoder's; that both looks are answered and the next one is made is ours.
    assert looked_at(app, desk, address)[0] == 200
    assert looked_at(app, desk, sound) == (200, "image/jpeg")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 5_000), st.integers(0, 40), st.binary(max_size=40)), min_size=1, max_size=6
    )
)
def test_a_push_that_was_tampered_with_is_judged_line_by_line(
    app: Flask, city: City, edits: list[tuple[int, int, bytes]]
) -> None:
    phone = city.phone("i05")
    whole = bytearray(b"\n".join((line(entry(city, phone)), line(entry(city, phone)))))
    for place, length, put in edits:
        at = place % (len(whole) + 1)
        whole[at : at + length] = put
    before = counted(app)[0]
    answer = push(app.test_client(), bytes(whole))
    assert answer.status_code == 200, answer.text
    told = answer.get_json()["verdicts"]
    assert [row["line"] for row in told] == [n for n, one in enumerate(bytes(whole).split(b"\n"), 1) if one]
    assert counted(app)[0] - before == sum(row["verdict"] == "appended" for row in told)
