"""The vectors, judged by Python. `tests/browser/test_vectors.py` judges the same files in the browser."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from geopy.distance import geodesic
from joserfc.jwk import ECKey

from sync import chain, fold, ijson, key, record, statement, stream
from sync.error import ChainBroken, NotARecord, NotIJson, NotOpened, PackageRefused, Refused, UnknownKey
from sync.jwe import DecryptionKey, LetterKey, Place, write_letter
from sync.ring import Ring, WrongArchive
from tests.vectors import make, seal

FOLDER = Path(__file__).parents[1] / "vectors"


def _vectors(kind: str) -> Any:
    paths = sorted((FOLDER / kind).glob("*.json"))
    assert paths, f"no vectors of kind {kind}"
    return pytest.mark.parametrize("path", paths, ids=[path.stem for path in paths])


def _read(path: Path) -> dict[str, Any]:
    vector = json.loads(path.read_text(encoding="utf-8"))
    assert vector["kind"] == path.parent.name
    return dict(vector)


def _bytes(given: dict[str, Any]) -> bytes:
    if "base64" in given:
        return base64.b64decode(given["base64"])
    if "filled" in given:
        parts = given["filled"]
        return (parts["before"] + parts["text"] * parts["count"] + parts["after"]).encode()
    return str(given["jws"]).encode()


def test_vectors_are_what_the_generator_makes() -> None:
    wanted = dict(make.vectors())
    kept = {path for kind in {path.parent for path in wanted} for path in kind.glob("*.json")}
    assert kept == set(wanted)
    assert [path.name for path, text in wanted.items() if path.read_text(encoding="utf-8") != text] == []


@_vectors("record")
def test_record(path: Path) -> None:
    vector = _read(path)
    assert _judged_record(_bytes(vector["input"]), vector["keys"]) == vector["expect"]


def _judged_record(data: bytes, keys: dict[str, Any]) -> dict[str, str]:
    try:
        found = record.parse(data)
        if found.kid not in keys:
            raise UnknownKey(found.kid)
        record.verify(found, keys[found.kid])
    except Refused as refused:
        return {"verdict": "refused", "reason": refused.reason}
    return {"verdict": "good", "hash": found.hash}


@_vectors("statement")
def test_statement(path: Path) -> None:
    """The archive reads statements for their form and seal; members and archive are the phone's to check."""
    vector = _read(path)
    expect = vector["expect"]
    if vector["input"]["typ"] == statement.ENROL:
        assert _judged_request(vector["input"]["jws"]) == expect
    elif "reason" in expect and "of-another-archive" not in path.stem and not _is_of_members(path):
        assert _judged_statement(vector) == expect
    else:
        assert _judged_statement(vector)["verdict"] == "good"


def _judged_request(jws: str) -> dict[str, str]:
    try:
        statement.read_enrolment(jws.encode())
    except Refused as refused:
        return {"verdict": "refused", "reason": refused.reason}
    return {"verdict": "good"}


def _is_of_members(path: Path) -> bool:
    return any(part in path.stem for part in ("-no-", "-bad-", "-extra-", "-empty-")) and path.stem not in (
        "receipt-no-signature",
    )


def _judged_statement(vector: dict[str, Any]) -> dict[str, str]:
    given, keys = vector["input"], vector["pinned"]["keys"]
    try:
        parsed = record.parse_token(given["jws"].encode(), given["typ"])
        if parsed.kid not in keys:
            raise UnknownKey(parsed.kid)
        statement.read(given["jws"], given["typ"], keys[parsed.kid])
    except Refused as refused:
        return {"verdict": "refused", "reason": refused.reason}
    return {"verdict": "good"}


@_vectors("keys")
def test_keys(path: Path) -> None:
    vector = _read(path)
    assert _judged_keys(**vector["input"]) == vector["expect"]


def _judged_keys(archive: str, records: list[str]) -> dict[str, Any]:
    """Judge a whole stream `keys` from its beginning, with the rules that let its kinds in."""
    ring = Ring(archive)
    try:
        for jws in records:
            ring.admit(record.parse(jws.encode()))
    except NotARecord:
        return {"verdict": "refused", "reason": "not-a-certificate"}
    except Refused as refused:
        return {"verdict": "refused", "reason": refused.reason}
    except WrongArchive:
        return {"verdict": "refused", "reason": "wrong-archive"}
    return {
        "verdict": "good",
        "archive_keys": ring.archive_keys,
        "current": ring.current,
        "persons": {name: person for name, person in ring.persons.items() if person is not None},
        "revoked": ring.revoked,
        **({"vouched": ring.vouched} if ring.vouched else {}),
    }


@_vectors("chain")
def test_chain(path: Path) -> None:
    vector = _read(path)
    assert _judged_chain(vector["input"]) == vector["expect"]


def _judged_chain(given: dict[str, Any]) -> dict[str, Any]:
    place = chain.Place(given["from"]["position"], given["from"]["head"])
    for line in given["lines"]:
        try:
            place = chain.advance(given["stream"], place, line)
        except ChainBroken as broken:
            return {"verdict": "broken", "position": broken.position}
    return {"verdict": "good", **vars(place)}


def test_chain_begins_at_head0() -> None:
    given = _read(FOLDER / "chain" / "good.json")["input"]
    assert given["from"]["head"] == stream.head0(given["archive"], given["stream"]).hex()


@_vectors("fold")
def test_fold(path: Path) -> None:
    vector = _read(path)
    for records in _orders(vector["input"]["records"]):
        leaves = [fold.Leaf(one["hash"], one["kid"], one["payload"]) for one in records]
        state = fold.fold(leaves, vector["input"]["is_shared"])
        assert _row(state) == vector["expect"]["row"]


def _row(state: fold.State | None) -> dict[str, Any] | None:
    """Return what stands: nothing where the winner was erased."""
    if state is None or "body" not in state.winner.payload:
        return None
    return {"body": state.winner.payload["body"], **fold.provenance(state)}


def _orders(records: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for order in permutations(records):
        yield list(order)
    yield records + records


@_vectors("jwe")
def test_jwe(path: Path) -> None:
    """The archive opens what a phone writes, in its place only."""
    vector = _read(path)
    opener, given = DecryptionKey(ECKey.import_key(dict(_private("archive")))), vector["input"]
    place, token = Place(**given["place"]), vector["expect"]["jwe"].encode()
    assert opener.decrypt(token, place) == _bytes(given)
    with pytest.raises(PackageRefused, match="misplaced"):
        opener.decrypt(token, replace(place, total=place.total + 1))


def _private(name: str) -> dict[str, str]:
    return {**seal.jwk(name), "d": seal.b64(seal.SCALARS[name].to_bytes(32))}


@_vectors("letter")
def test_letter(path: Path) -> None:
    """Each it is written to opens what a phone writes; nobody else, and only as what it belongs to."""
    vector = _read(path)
    given, letter = vector["input"], vector["expect"]["letter"]
    for reader in given["opened_by"]:
        own = LetterKey(ECKey.import_key(reader["jwk"]))
        assert (own.kid, own.open(letter, given["of"])) == (reader["kid"], given["content"])
        # What Python writes, Python opens: same form, same members.
        written = write_letter([one["jwk"] for one in given["readers"]], given["of"], given["content"])
        assert own.open(written, given["of"]) == given["content"]
        assert _form(written) == _form(letter)
        with pytest.raises(NotOpened, match="misplaced"):
            own.open(letter, seal.identifier(8))
        with pytest.raises(NotOpened, match="not-a-letter"):
            own.open({**letter, "tag": "A" * 22}, given["of"])
    with pytest.raises(NotOpened, match="other-key"):
        LetterKey(ECKey.import_key(dict(_private("stranger")))).open(letter, given["of"])


def _form(letter: dict[str, Any]) -> Any:
    """Return what of a letter is not drawn by lot."""
    headers = [{**one["header"], "epk": sorted(one["header"]["epk"])} for one in letter["recipients"]]
    return letter["protected"], len(letter["ciphertext"]), sorted(letter), headers


@_vectors("key_file")
def test_key_file(path: Path) -> None:
    """The command line opens what a reader's browser saved."""
    vector = _read(path)
    given, expect = vector["input"], vector["expect"]
    if "reason" in expect:
        with pytest.raises(NotOpened):
            LetterKey.from_file(given["file"], given["passphrase"])
        return
    opened = LetterKey.from_file(given["file"], given["passphrase"])
    assert (opened.kid, opened.scalar) == (expect["kid"], seal.SCALARS["reader"])


@_vectors("ijson")
def test_ijson(path: Path) -> None:
    vector = _read(path)
    try:
        found = {"verdict": "good", "value": ijson.parse(_bytes(vector["input"]))}
    except NotIJson:
        found = {"verdict": "refused"}
    assert found == vector["expect"]


@_vectors("place")
def test_place(path: Path) -> None:
    vector = _read(path)
    points = [
        (point["lat_e7"] / 1e7, point["lon_e7"] / 1e7)
        for point in (vector["input"]["from"], vector["input"]["to"])
    ]
    assert geodesic(*points).m == pytest.approx(vector["expect"]["distance_m"], abs=0.01)


def test_keys_are_named_by_their_thumbprint() -> None:
    vector = _read(FOLDER / "record" / "good.json")
    assert {kid: key.kid_of(jwk) for kid, jwk in vector["keys"].items()} == {
        kid: kid for kid in vector["keys"]
    }
