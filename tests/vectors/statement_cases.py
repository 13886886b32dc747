"""Statements of the archive: what a phone believes, and what it does not (PROTOCOL section 7)."""

import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.seal import header, jwk, kid, padded, seal, text_of

RECEIPT, TIME, ENROL = "fieldapp-receipt", "fieldapp-time", "fieldapp-enrol"
Case = tuple[str, str, dict[str, Any], dict[str, Any]]
H = "0123456789abcdef" * 4
AT = "2026-11-22T06:54:15.120+00:00"


def cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every statement vector."""
    for typ, payload in ((RECEIPT, _receipt()), (TIME, _time())):
        short = typ.removeprefix("fieldapp-")
        yield _good(f"good-{short}", typ, payload)
        yield _good(f"good-{short}-second-key", typ, payload, "second archive key")
        for member in payload:
            rest = {name: value for name, value in payload.items() if name != member}
            yield _refused(f"{short}-no-{member}", typ, rest, "not-a-record")
        yield _refused(f"{short}-extra-member", typ, {**payload, "more": 1}, "not-a-record")
        for at, epoch in enumerate((0, "1", None, True), 1):
            yield _refused(f"{short}-bad-epoch-{at}", typ, {**payload, "epoch": epoch}, "not-a-record")
        yield _refused(
            f"{short}-of-another-archive", typ, {**payload, "archive": kid("stranger")}, "wrong-archive"
        )
        yield _refused(f"{short}-by-a-phone", typ, payload, "unknown-key", "phone")
    yield _good("good-receipt-not-complete", RECEIPT, _receipt(completed_at=None))
    yield _good("good-receipt-no-facts", RECEIPT, {**_receipt(), "facts": []})
    yield _good("good-receipt-held", RECEIPT, _receipt(held=[H, "f" * 64]))
    held = {"held": [H]}
    yield _good("good-receipt-held-not-complete", RECEIPT, _receipt(completed_at=None, **held))
    yield _refused("receipt-no-held", RECEIPT, _receipt(held=...), "not-a-record")
    fact = _receipt()["facts"][0]
    yield _good("good-receipt-200-facts", RECEIPT, {**_receipt(), "facts": [fact] * 200})
    yield _refused("receipt-extra-fact", RECEIPT, {**_receipt(), "facts": [fact] * 201}, "not-a-record")
    for member, values in _bad_facts().items():
        for at, value in enumerate(values, 1):
            yield _refused(f"receipt-bad-{member}-{at}", RECEIPT, _receipt(**{member: value}), "not-a-record")
    yield from _forms()
    yield from _enrols()


def pinned() -> dict[str, Any]:
    """Return the archive a phone has pinned, with all its keys."""
    names = ("archive", "second archive key")
    return {"archive": kid("archive"), "keys": {kid(name): jwk(name) for name in names}}


def _receipt(**changes: Any) -> dict[str, Any]:
    fact = {
        "hash": H,
        "stream": "commons",
        "position": 7,
        "head": H[::-1],
        "appended_at": AT,
        "completed_at": AT,
        "held": [],
    }
    return {"archive": kid("archive"), "epoch": 1, "issued_at": AT, "facts": [_without({**fact, **changes})]}


def _without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}


def _time() -> dict[str, Any]:
    return {"archive": kid("archive"), "epoch": 1, "at": AT, "nonce": "AAAAAAAAAAAAAAAAAAAAAA"}


def _bad_facts() -> dict[str, list[Any]]:
    return {
        "hash": ["", H.upper(), None],
        "stream": ["", "phone:1"],
        "position": [0, -1, "7", None],
        "head": ["", H + "0", None],
        "appended_at": [None, "2026-11-22"],
        "completed_at": ["", "2026-11-22T06:54:15.120Z"],
        "held": [None, H, [H.upper()], [None], ["f" * 64, H], [H, H]],
        "more": [1],
    }


def _enrols() -> Iterator[Case]:
    """Yield requests of phones to be enrolled: sealed by the very key they bring."""
    good = _enrol()
    yield _good("good-enrol", ENROL, good, "phone")
    yield _good("good-enrol-longest-label", ENROL, {**good, "label": "机" * 200}, "phone")
    for member in good:
        rest = {name: value for name, value in good.items() if name != member}
        yield _refused(f"enrol-no-{member}", ENROL, rest, "not-a-record", "phone")
    yield _refused("enrol-extra-member", ENROL, {**good, "role": "administrator"}, "not-a-record", "phone")
    bad: dict[str, list[Any]] = {
        "archive": [None, 1],
        "person": [None, 5],
        "jwk": [None, "", _padded("phone"), {**jwk("phone"), "d": "AA"}, {**jwk("phone"), "kty": "RSA"}],
        "beacon": [None, {}],
        "label": [None, "机" * 201],
    }
    for member, values in bad.items():
        for at, value in enumerate(values, 1):
            yield _refused(
                f"enrol-bad-{member}-{at}", ENROL, {**good, member: value}, "not-a-record", "phone"
            )
    yield _refused("enrol-by-another-key", ENROL, good, "not-a-record", "stranger")
    sealed = seal(text_of(good), "phone", typ=ENROL).rpartition(".")[0]
    other = seal(text_of({**good, "person": "i06"}), "phone", typ=ENROL).rpartition(".")[2]
    about = "the seal of a request for somebody else"
    yield "enrol-wrong-seal", about, {"jws": f"{sealed}.{other}", "typ": ENROL}, _no("bad-signature")


def _enrol() -> dict[str, Any]:
    return {
        "archive": kid("archive"),
        "person": "i05",
        "jwk": jwk("phone"),
        "beacon": "a.b.c",
        "label": "手机",
    }


def _padded(name: str) -> dict[str, str]:
    return {**jwk(name), "x": padded(jwk(name)["x"])}


def _forms() -> Iterator[Case]:
    receipt = text_of(_receipt())
    as_record = seal(receipt, "archive", typ="fieldapp-record")
    as_time = seal(receipt, "archive", typ=TIME)
    spaced = seal(receipt, "archive", head=header("archive", RECEIPT).replace(",", ", "))
    good = seal(receipt, "archive", typ=RECEIPT)
    body, _, signature = good.rpartition(".")
    other = seal(text_of(_receipt(position=8)), "archive", typ=RECEIPT).rpartition(".")[2]
    forms = {
        "receipt-typ-record": as_record,
        "receipt-typ-time": as_time,
        "receipt-header-white-space": spaced,
        "receipt-no-signature": f"{body}.",
        "receipt-truncated": good[:-9],
        "receipt-not-json": seal(b"receipt", "archive", typ=RECEIPT),
        "receipt-duplicate-member": seal(
            receipt.replace(b'"epoch":1', b'"epoch":1,"epoch":2'), "archive", typ=RECEIPT
        ),
        "receipt-empty": "",
    }
    for name, jws in forms.items():
        yield name, "not the form of a receipt", {"jws": jws, "typ": RECEIPT}, _no("not-a-record")
    about = "the seal of another receipt"
    yield "receipt-wrong-seal", about, {"jws": f"{body}.{other}", "typ": RECEIPT}, _no("bad-signature")
    assert signature != other


def _good(name: str, typ: str, payload: dict[str, Any], key: str = "archive") -> Case:
    about = "what the pinned archive says"
    return name, about, {"jws": seal(text_of(payload), key, typ=typ), "typ": typ}, {"verdict": "good"}


def _refused(name: str, typ: str, payload: dict[str, Any], reason: str, key: str = "archive") -> Case:
    about = f"a phone does not believe it: {json.dumps(payload)[:80]}"
    return name, about, {"jws": seal(text_of(payload), key, typ=typ), "typ": typ}, _no(reason)


def _no(reason: str) -> dict[str, str]:
    return {"verdict": "refused", "reason": reason}
