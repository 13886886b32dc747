"""Statements of the archive: what a phone believes, and what it does not (PROTOCOL section 7)."""

import json
from collections.abc import Iterator
from typing import Any

from tests.vectors.seal import header, jwk, kid, seal, text_of

RECEIPT, TIME = "fieldapp-receipt", "fieldapp-time"
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
    for member, values in _bad_facts().items():
        for at, value in enumerate(values, 1):
            yield _refused(f"receipt-bad-{member}-{at}", RECEIPT, _receipt(**{member: value}), "not-a-record")
    yield from _forms()


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
    }
    return {"archive": kid("archive"), "epoch": 1, "issued_at": AT, "facts": [{**fact, **changes}]}


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
        "more": [1],
    }


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
