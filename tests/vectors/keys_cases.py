"""Whole streams `keys`: which key belongs to whom, by the archive's name alone (PROTOCOL section 2)."""

from collections.abc import Iterator
from typing import Any

from tests.vectors.seal import identifier, jwk, kid, padded, payload, seal, text_of

Case = tuple[str, str, dict[str, Any], dict[str, Any]]


def cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every vector of a stream `keys`."""
    first, phone = _archive_key(), _enrolment()
    second = _enrolment("second phone", "i06", number=3)
    owners = {"phone": "i05", "second phone": "i06"}
    yield _good("good", "the archive, two phones", [first, phone, second], owners)
    yield _good("good-archive-only", "nobody enrolled yet", [first], {})
    again = _enrolment(person="i06", number=4)
    yield _good(
        "second-certificate",
        "a second certificate of a key says nothing",
        [first, phone, again],
        {"phone": "i05"},
    )
    yield _good("same-certificate-twice", "nor does the same one", [first, phone, phone], {"phone": "i05"})
    own = _enrolment("archive", "i06", number=4)
    yield _good(
        "archive-key-enrolled", "the archive's key is nobody's phone", [first, own, phone], {"phone": "i05"}
    )
    taken = _archive_key("phone", number=4)
    yield _good(
        "phone-as-archive-key", "a phone's key is not the archive's", [first, phone, taken], {"phone": "i05"}
    )
    yield from _revocations(first, phone)
    yield from _rotations(first, phone, second)
    yield from _vouched(first, phone)
    yield from _vouched_refusals(first, phone)
    yield from _refusals(first, phone)


def _revocations(first: str, phone: str) -> Iterator[Case]:
    revoked = _revocation(kid("phone"))
    owners = {"phone": "i05"}
    yield _good("revoked", "a lost phone", [first, phone, revoked], owners, revoked=["phone"])
    yield _good("revoked-twice", "said twice", [first, phone, revoked, revoked], owners, revoked=["phone"])
    about = "a revocation of a key not named yet says nothing"
    yield _good("revoked-before", about, [first, revoked, phone], owners)
    yield _good(
        "revoked-archive-key",
        "the archive's own",
        [first, _revocation(kid("archive"))],
        {},
        revoked=["archive"],
    )
    for at, rubbish in enumerate(("", "rubbish", kid("phone") + "=", kid("phone")[:-1] + "_", None, 7), 1):
        about = f"a revocation of rubbish: {rubbish!r}"
        yield _refused(
            f"revocation-of-rubbish-{at}", about, [first, phone, _revocation(rubbish)], "not-a-certificate"
        )


def _rotations(first: str, phone: str, second: str) -> Iterator[Case]:
    newer = _archive_key("second archive key", number=5)
    names = ["archive", "second archive key"]
    later = _enrolment("second phone", "i06", number=6, by="second archive key")
    about = "the newer key seals what follows"
    owners = {"phone": "i05", "second phone": "i06"}
    yield _good("rotated", about, [first, phone, newer, later], owners, names)
    about = "the older key seals nothing more"
    yield _refused("sealed-by-the-older-key", about, [first, phone, newer, second], "unknown-key")
    back = _archive_key("archive", number=7, by="second archive key")
    about = "the first key named once more says nothing: the newer one goes on"
    yield _good("rotated-back", about, [first, newer, back, later], {"second phone": "i06"}, names)


def _vouched(first: str, phone: str) -> Iterator[Case]:
    """Yield streams in which the archive vouches for another one."""
    outer, theirs = _outer(), _enrolment("outer phone", "i07", number=21, by="outer archive")
    origin = ["outer archive", "outer phone"]
    owners = {"phone": "i05", "outer phone": "i07"}
    stream = [first, phone, _vouching([outer, theirs])]
    yield _good("vouched", "another archive's desk and phone", stream, owners, vouched=origin)
    newer = _archive_key("second outer key", number=22, by="outer archive")
    late = _enrolment("second phone", "i06", number=23, by="second outer key")
    yield _good(
        "vouched-again",
        "what is new with the next package: a key, a phone",
        [*stream, _vouching([newer, late], 12)],
        {**owners, "second phone": "i06"},
        vouched=[*origin, "second outer key", "second phone"],
    )
    lost = _revocation(kid("outer phone"), 24, "outer archive")
    yield _good(
        "vouched-revoked",
        "revoked by the archive that certified it",
        [first, phone, _vouching([outer, theirs, lost])],
        owners,
        revoked=["outer phone"],
        vouched=origin,
    )
    yield _good(
        "vouched-revoked-here",
        "or by the one that vouches",
        [*stream, _revocation(kid("outer phone"))],
        owners,
        revoked=["outer phone"],
        vouched=origin,
    )
    foreign = _revocation(kid("phone"), 24, "outer archive")
    yield _good(
        "vouched-revokes-another",
        "another archive revokes nothing but its own",
        [first, phone, _vouching([outer, theirs, foreign])],
        owners,
        vouched=origin,
    )
    taken = _enrolment(person="i07", number=25, by="outer archive")
    yield _good(
        "vouched-known-key",
        "a key known here stays what it is",
        [first, phone, _vouching([outer, taken])],
        {"phone": "i05"},
        vouched=["outer archive"],
    )


def _vouched_refusals(first: str, phone: str) -> Iterator[Case]:
    outer = _outer()
    late = _enrolment("second phone", "i06", number=26, by="outer archive")
    yield _refused(
        "sealed-by-a-vouched-archive",
        "a vouched archive says nothing of keys by itself",
        [first, phone, _vouching([outer]), late],
        "unknown-key",
    )
    yield _refused(
        "vouching-by-a-phone",
        "a phone vouches",
        [first, phone, _vouching([outer], by="phone")],
        "unknown-key",
    )
    elsewhere = _enrolment("outer phone", "i07", number=21, by="outer archive", stream="commons")
    for name, records, archive in (
        ("nothing", [], kid("outer archive")),
        ("rubbish", ["rubbish"], kid("outer archive")),
        ("other-stream", [outer, elsewhere], kid("outer archive")),
        ("no-archive", [outer], "outer"),
    ):
        vouching = _sealed("vouching", 11, "archive", {"archive": archive, "records": records})
        yield _refused(f"vouching-{name}", f"vouches for {name}", [first, vouching], "not-a-certificate")


def _outer() -> str:
    return _archive_key("outer archive", number=20, by="outer archive")


def _vouching(records: list[str], number: int = 11, by: str = "archive") -> str:
    return _sealed("vouching", number, by, {"archive": kid("outer archive"), "records": records})


def _refusals(first: str, phone: str) -> Iterator[Case]:
    yield _refused(
        "sealed-by-a-phone",
        "a phone enrols another",
        [first, phone, _enrolment("second phone", "i06", by="phone")],
        "unknown-key",
    )
    yield _refused(
        "sealed-by-a-stranger", "not sealed by the archive", [first, _enrolment(by="stranger")], "unknown-key"
    )
    yield _refused("no-archive-key", "begins with a phone", [phone], "unknown-key")
    stranger = _archive_key("stranger", by="stranger")
    yield _refused("of-another-archive", "the first key has another name", [stranger], "wrong-archive")
    body, _, _ = phone.rpartition(".")
    other = _enrolment(person="i06").rpartition(".")[2]
    yield _refused(
        "wrong-seal", "the seal of another certificate", [first, f"{body}.{other}"], "bad-signature"
    )
    yield _refused(
        "other-stream",
        "a certificate out of its stream",
        [first, _enrolment(stream="commons")],
        "not-a-certificate",
    )
    good = jwk("phone")
    for name, key in {
        "zero-padded-x": {**good, "x": padded(good["x"])},
        "zero-padded-y": {**good, "y": padded(good["y"])},
        "short-x": {**good, "x": good["x"][:-2]},
        "x-not-canonical": {**good, "x": good["x"][:-1] + chr(ord(good["x"][-1]) + 1)},
        "private-key": {**good, "d": good["x"]},
        "no-y": {name: value for name, value in good.items() if name != "y"},
        "other-curve": {**good, "crv": "P-384"},
        "no-key": None,
    }.items():
        yield _refused(name, "not a key of this form", [first, _enrolment(jwk=key)], "not-a-certificate")
    yield _refused("bad-person", "not a person", [first, _enrolment(person="I05")], "not-a-certificate")
    yield _refused("no-name", "without a name", [first, _enrolment(name=None)], "not-a-certificate")


def _archive_key(name: str = "archive", number: int = 1, by: str = "archive") -> str:
    return _sealed("archive_key", number, by, {"jwk": jwk(name), "name": "市考察办"})


def _enrolment(
    key: str = "phone",
    person: str = "i05",
    number: int = 2,
    by: str = "archive",
    stream: str = "keys",
    **changes: Any,
) -> str:
    body = {
        "jwk": jwk(key),
        "person": person,
        "name": "周明",
        "role": "inspector",
        "label": "手机",
        **changes,
    }
    return _sealed("enrolment", number, by, body, stream)


def _revocation(name: Any, number: int = 9, by: str = "archive") -> str:
    return _sealed("revocation", number, by, {"kid": name, "reason": "lost"})


def _sealed(kind: str, number: int, by: str, body: dict[str, Any], stream: str = "keys") -> str:
    members = payload(
        number=number, kind=kind, stream=stream, author="desk", counter=0, clock=None, body=body
    )
    assert members["id"] == identifier(number)
    return seal(text_of(members), by)


def _good(
    name: str,
    about: str,
    records: list[str],
    owners: dict[str, str],
    archive_keys: list[str] | None = None,
    revoked: list[str] | None = None,
    vouched: list[str] | None = None,
) -> Case:
    names = archive_keys or ["archive"]
    expect = {
        "verdict": "good",
        "archive_keys": [kid(one) for one in names],
        "current": kid(names[-1]),
        "persons": {kid(key): person for key, person in owners.items()},
        "revoked": [kid(one) for one in revoked or []],
    }
    if vouched:
        expect["vouched"] = {kid(one): kid("outer archive") for one in vouched}
    return name, about, _input(records), expect


def _refused(name: str, about: str, records: list[str], reason: str) -> Case:
    return name, about, _input(records), {"verdict": "refused", "reason": reason}


def _input(records: list[str]) -> dict[str, Any]:
    return {"archive": kid("archive"), "records": records}
