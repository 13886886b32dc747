"""Records, good and bad: what PROTOCOL sections 3 and 4 say of bytes that claim to be one."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.vectors.seal import (
    ORDER,
    b64,
    der,
    hash_of,
    header,
    identifier,
    jwk,
    kid,
    payload,
    raw,
    record,
    seal,
    text_of,
)

LIMIT_BYTES = 262_144
Case = tuple[str, str, dict[str, Any], dict[str, Any]]
H = "0123456789abcdef" * 4


def cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every record vector."""
    yield from _good()
    yield from _members()
    yield from _headers()
    yield from _payload_texts()
    yield from _signatures()
    yield from _parts()
    yield from _sizes()
    yield from _corrupted()


def keys() -> dict[str, Any]:
    """Return the keys that are enrolled in these vectors."""
    return {kid(name): jwk(name) for name in ("phone", "second phone", "archive")}


def _good_case(name: str, about: str, jws: str) -> Case:
    return name, about, {"jws": jws}, {"verdict": "good", "hash": hash_of(jws)}


def _refused(name: str, about: str, jws: str, reason: str = "not-a-record") -> Case:
    return name, about, {"jws": jws}, {"verdict": "refused", "reason": reason}


def _good() -> Iterator[Case]:
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("good", "the example of the protocol", {}),
        ("good-archive-key", "counter 0, sealed by the archive's own key", {"counter": 0}),
        ("good-superseding", "a revision", {"id": identifier(2), "supersedes": [H]}),
        ("good-sixteen-superseded", "as many as may be", {"id": identifier(2), "supersedes": _hashes(16)}),
        ("good-no-clock", "never met the archive's clock", {"clock": None}),
        ("good-beacon", "with a time token", {"beacon": "a.b.c"}),
        ("good-beacon-longest", "2,000 characters", {"beacon": "a" * 2000}),
        ("good-commons", "stream commons", {"stream": "commons"}),
        ("good-unit", "stream of a unit", {"stream": f"unit:{identifier(3)}"}),
        ("good-team", "stream of a team", {"stream": f"team:{identifier(3)}"}),
        ("good-official", "stream of an official", {"stream": f"official:{identifier(3)}"}),
        ("good-offset-zero", "+00:00", {"captured_at": "2026-11-22T06:54:15.120+00:00"}),
        ("good-offset-west", "-03:30", {"captured_at": "2026-11-22T06:54:15.120-03:30"}),
        ("good-offset-farthest", "+14:00", {"captured_at": "2026-11-22T06:54:15.120+14:00"}),
        ("good-leap-day", "29 February of a leap year", {"captured_at": "2028-02-29T00:00:00.000+08:00"}),
        ("good-last-instant", "the end of 2099", {"captured_at": "2099-12-31T23:59:59.999+08:00"}),
        ("good-largest-integer", "2^53 - 1", {"body": {"n": 2**53 - 1, "m": -(2**53) + 1}}),
        ("good-empty-body", "nothing in the body", {"body": {}}),
        ("good-astral-text", "an emoji outside the basic plane", {"body": {"what": "😀钢筋外露"}}),
        ("good-proto-member", "a member that names a prototype", {"body": {"__proto__": {"a": 1}}}),
        ("good-person-longest", "40 characters", {"author": "a" + "-" * 38 + "9"}),
        ("good-kind-longest", "32 characters", {"kind": "a" + "_" * 31}),
    ]
    for name, about, change in changes:
        key = "archive" if name == "good-archive-key" else "phone"
        yield _good_case(name, about, record(key, **change))
    members = payload()
    spaced = json.dumps(dict(reversed(members.items())), ensure_ascii=False, indent=1).encode()
    yield _good_case("good-spaced-payload", "other order, white space: sealed as it is", seal(spaced))
    escaped = text_of(payload(body={"what": "x"})).replace(b'"x"', b'"\\u94a2\\/\\ud83d\\ude00"')
    yield _good_case("good-escapes", "escapes and a surrogate pair", seal(escaped))
    deepest = b"[" * 30 + b"]" * 30
    yield _good_case("good-deepest", "32 levels", seal(_with_body(b'{"a":' + deepest + b"}")))


def _members() -> Iterator[Case]:
    wrong: dict[str, list[Any]] = {
        "id": [
            "",
            identifier(0xAB).upper(),
            identifier(1).replace("-7000-", "-4000-"),
            identifier(1) + "\n",
            1,
        ],
        "kind": ["", "Entry", "entry2", "e" * 33, "_entry", None],
        "v": [0, -1, "1", True, None],
        "stream": ["", "keys:", f"phone:{identifier(1)}", "project", "project:1", f"keys:{identifier(1)}"],
        "entity": ["", None, identifier(9)],
        "supersedes": [None, [H], [H, H], ["f" * 64, H], [H.upper()], [1], _hashes(17)],
        "author": ["", "I05", "-i05", "i 05", "i" * 41, None, "王"],
        "counter": [-1, "1", None, False],
        "captured_at": [
            "2026-11-22T14:54:15.120Z",
            "2026-11-22T14:54:15.12+08:00",
            "2026-11-22T14:54:15.120+0800",
            "2026-11-22 14:54:15.120+08:00",
            "2026-02-29T14:54:15.120+08:00",
            "2026-11-31T14:54:15.120+08:00",
            "2026-11-22T24:00:00.000+08:00",
            "2026-11-22T23:59:60.000+08:00",
            "2026-11-22T14:54:15.120+14:01",
            "2026-11-22T14:54:15.120+08:60",
            "2026-11-22T14:54:15.120-00:00",
            "1999-12-31T23:59:59.999+00:00",
            "2100-01-01T00:00:00.000+00:00",
            "2026-11-22T14:54:15.１20+08:00",
            "20২6-11-22T14:54:15.120+08:00",
            "2026-11-22T14:54:15.120+08:00\n",
            1763794455120,
        ],
        "clock": [
            {},
            {"offset_ms": -320},
            {"offset_ms": "-320", "checked_at": "2026-11-22T08:01:02.000+08:00"},
            {"offset_ms": True, "checked_at": "2026-11-22T08:01:02.000+08:00"},
            {"offset_ms": -320, "checked_at": "2026-11-22"},
            {"offset_ms": -320, "checked_at": "2026-11-22T08:01:02.000+08:00", "more": 1},
            -320,
        ],
        "beacon": [0, "", "a" * 2001, "a.b.ç", {}],
        "salt": ["", "AAAAAAAAAAAAAAAAAAAAAB", "A" * 21, "A" * 23, "AAAAAAAAAAAAAAAAAAAAAA==", None],
        "body": [None, [], "text", 1],
    }
    for member, values in wrong.items():
        yield _refused(f"no-{member}", f"{member} is missing", record(**{member: ...}))
        for at, value in enumerate(values, 1):
            change = {member: value}
            if member == "supersedes" and value != [H]:
                change["id"] = identifier(2)
            about = f"{member}: {json.dumps(value, ensure_ascii=False)}"[:120]
            yield _refused(f"bad-{member}-{at}", about, record(**change))
    yield _refused("extra-member", "a fourteenth member", record(note="x"))
    yield _refused("entity-of-another-without-supersedes", "no root", record(entity=identifier(7)))


def _headers() -> Iterator[Case]:
    k = kid("phone")
    variants = {
        "other-order": f'{{"kid":"{k}","alg":"ES256","typ":"fieldapp-record"}}',
        "white-space": f'{{"alg": "ES256","kid":"{k}","typ":"fieldapp-record"}}',
        "extra-member": f'{{"alg":"ES256","kid":"{k}","typ":"fieldapp-record","cty":"x"}}',
        "no-kid": '{"alg":"ES256","typ":"fieldapp-record"}',
        "typ-receipt": header("phone", "fieldapp-receipt"),
        "typ-jwt": header("phone", "JWT"),
        "alg-none": f'{{"alg":"none","kid":"{k}","typ":"fieldapp-record"}}',
        "alg-hs256": f'{{"alg":"HS256","kid":"{k}","typ":"fieldapp-record"}}',
        "embedded-jwk": f'{{"alg":"ES256","jwk":{json.dumps(jwk("phone"))},"typ":"fieldapp-record"}}',
        "escaped": f'{{"alg":"\\u0045S256","kid":"{k}","typ":"fieldapp-record"}}',
        "byte-order-mark": "\ufeff" + header("phone"),
        "line-end": header("phone") + "\n",
        "kid-short": header("phone").replace(k, k[:-1]),
        "kid-not-canonical": header("phone").replace(k, k[:-1] + chr(ord(k[-1]) + 1)),
        "empty-object": "{}",
    }
    for name, text in variants.items():
        yield _refused(f"header-{name}", "not the one allowed header", seal(text_of(payload()), head=text))
    yield _refused("unknown-key", "sealed by a key nobody enrolled", record("stranger"), "unknown-key")
    forged = seal(text_of(payload()), "stranger", head=header("phone"))
    yield _refused("wrong-key", "names an enrolled key, sealed by another", forged, "bad-signature")


def _payload_texts() -> Iterator[Case]:
    texts = {
        "empty": b"",
        "array": b"[]",
        "string": b'"text"',
        "byte-order-mark": b"\xef\xbb\xbf" + text_of(payload()),
        "not-utf8": text_of(payload()).replace("墩".encode(), b"\xe5\xa2"),
        "encoded-surrogate": text_of(payload()).replace("墩".encode(), b"\xed\xa0\x80"),
        "duplicate-member": text_of(payload()).replace(b'"v":1', b'"v":1,"v":1'),
        "duplicate-escaped-member": text_of(payload()).replace(b'"v":1', b'"v":1,"\\u0076":1'),
        "duplicate-in-body": _with_body(b'{"a":1,"a":2}'),
        "fraction": _with_body(b'{"a":1.5}'),
        "fraction-zero": _with_body(b'{"a":1.0}'),
        "exponent": _with_body(b'{"a":1e2}'),
        "negative-zero": _with_body(b'{"a":-0}'),
        "leading-zero": _with_body(b'{"a":01}'),
        "plus": _with_body(b'{"a":+1}'),
        "integer-too-large": _with_body(b'{"a":9007199254740992}'),
        "integer-huge": _with_body(b'{"a":' + b"9" * 5000 + b"}"),
        "nan": _with_body(b'{"a":NaN}'),
        "infinity": _with_body(b'{"a":-Infinity}'),
        "nul": _with_body(b'{"a":"\\u0000"}'),
        "nul-in-name": _with_body(b'{"\\u0000":1}'),
        "raw-control-character": _with_body(b'{"a":"\x01"}'),
        "lone-high-surrogate": _with_body(b'{"a":"\\ud800"}'),
        "lone-low-surrogate": _with_body(b'{"a":"\\udc00x"}'),
        "swapped-surrogates": _with_body(b'{"a":"\\ude00\\ud83d"}'),
        "too-deep": _with_body(b'{"a":' + b"[" * 31 + b"]" * 31 + b"}"),
        "very-deep": _with_body(b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
        "trailing-comma": _with_body(b'{"a":1,}'),
        "comment": _with_body(b'{"a":1/**/}'),
        "single-quotes": _with_body(b"{'a':1}"),
        "followed-by-text": text_of(payload()) + b"x",
        "unclosed": text_of(payload())[:-1],
        "vertical-tab": text_of(payload()) + b"\x0b",
    }
    for name, text in texts.items():
        yield _refused(f"payload-{name}", "the payload is not I-JSON of the protocol", seal(text))


def _signatures() -> Iterator[Case]:
    good = record()
    signing_input, _, signature = good.rpartition(".")
    mirrored = f"{signing_input}.{b64(raw('phone', signing_input, is_mirrored=True))}"
    yield _good_case("signature-mirrored", "(r, n−s): the same record, the same hash", mirrored)
    assert mirrored != good and hash_of(mirrored) == hash_of(good)
    right = raw("phone", signing_input)
    bad = {
        "zeros": bytes(64),
        "r-zero": bytes(32) + right[32:],
        "s-zero": right[:32] + bytes(32),
        "s-order": right[:32] + ORDER.to_bytes(32),
        "all-ones": b"\xff" * 64,
        "of-another-record": raw("phone", record(counter=813).rpartition(".")[0]),
    }
    for name, value in bad.items():
        yield _refused(
            f"signature-{name}",
            "64 bytes that do not verify",
            f"{signing_input}.{b64(value)}",
            "bad-signature",
        )
    lengths = {"der": der("phone", signing_input), "short": right[:63], "long": right + b"\0", "empty": b""}
    for name, value in lengths.items():
        yield _refused(f"signature-{name}", "not 64 bytes", f"{signing_input}.{b64(value)}")
    stray = signature[:-1] + chr(ord(signature[-1]) + 1)
    yield _refused(
        "signature-stray-bits", "the last character has bits it must not have", f"{signing_input}.{stray}"
    )


def _parts() -> Iterator[Case]:
    good = record()
    head, body, signature = good.split(".")
    standard = base64.b64encode(text_of(payload(body={"what": "？？？>>>"}))).decode()
    assert "+" in standard or "/" in standard
    variants = {
        "empty": "",
        "one-part": head,
        "two-parts": f"{head}.{body}",
        "four-parts": f"{good}.",
        "no-payload": f"{head}..{signature}",
        "no-header": f".{body}.{signature}",
        "padded": f"{head}=.{body}.{signature}",
        "standard-alphabet": f"{head}.{standard.rstrip('=')}.{signature}",
        "leading-space": f" {good}",
        "trailing-line-end": f"{good}\n",
        "line-end-inside": f"{head}.{body[:40]}\n{body[40:]}.{signature}",
        "json-serialization": json.dumps({"protected": head, "payload": body, "signature": signature}),
        "truncated-signature": good[:-20],
        "truncated-payload": good[: len(head) + 60],
        "not-ascii": f"{good}é",
        "full-width-dot": good.replace(".", "．"),
    }
    for name, jws in variants.items():
        yield _refused(f"parts-{name}", "not a compact JWS in canonical base64url", jws)
    yield (
        "parts-not-text",
        "bytes that are no text at all",
        {"base64": base64.b64encode(bytes(range(256))).decode()},
        {"verdict": "refused", "reason": "not-a-record"},
    )


def _sizes() -> Iterator[Case]:
    for size, verdict in (
        (LIMIT_BYTES, "good"),
        (LIMIT_BYTES + 1, "too-large"),
        (3 * LIMIT_BYTES, "too-large"),
    ):
        jws, filled = _of_size(size)
        expect = {"verdict": "good", "hash": hash_of(jws)}
        if verdict != "good":
            expect = {"verdict": "refused", "reason": verdict}
        yield f"size-{size}", f"well sealed, {size} bytes", {"filled": filled}, expect
    filled = {"before": "", "text": "x", "count": LIMIT_BYTES + 1, "after": ""}
    expect = {"verdict": "refused", "reason": "too-large"}
    yield "size-rubbish", "rubbish is too large before it is rubbish", {"filled": filled}, expect


def _of_size(size: int) -> tuple[str, dict[str, Any]]:
    """Return a good record of so many bytes, and how to write it down without writing it out."""
    before, end = text_of(payload(body={"what": "@"})).split(b"@")
    before = b" " * (-len(before) % 3) + before
    length = (size - len(b64(header("phone").encode())) - len(b64(bytes(64))) - 2) * 3 // 4
    jws = seal(before + b"a" * (length - len(before) - len(end)) + end)
    assert len(jws) == size, len(jws)
    start = jws.index("YWFh")
    count = (length - len(before) - len(end)) // 3
    parts = {"before": jws[:start], "text": "YWFh", "count": count, "after": jws[start + 4 * count :]}
    assert parts["before"] + "YWFh" * count + parts["after"] == jws
    return jws, parts


def _corrupted() -> Iterator[Case]:
    good = record()
    head, body, _ = good.split(".")
    begin, seal_at = len(head) + 1, len(head) + len(body) + 2
    what_at = begin + text_of(payload()).index(b"problem") * 4 // 3 + 1
    kid_at = next(at for at in range(40, 80) if _is_kid_in(_flipped(good, at)))
    places = {
        "in-alg": (4, "not-a-record"),
        "in-kid": (kid_at, "unknown-key"),
        "in-typ": (begin - 6, "not-a-record"),
        "in-payload-name": (begin + 4, "not-a-record"),
        "in-payload-text": (what_at, "bad-signature"),
        "in-r": (seal_at + 10, "bad-signature"),
        "in-s": (seal_at + 60, "bad-signature"),
        "in-first-dot": (begin - 1, "not-a-record"),
        "in-second-dot": (seal_at - 1, "not-a-record"),
    }
    for name, (at, reason) in places.items():
        yield _refused(f"corrupted-{name}", "one character changed", _flipped(good, at), reason)


def _flipped(jws: str, at: int) -> str:
    """Change one character by its lowest bit, so that text stays text where it can."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = "A" if jws[at] == "." else alphabet[alphabet.index(jws[at]) ^ 1]
    return jws[:at] + other + jws[at + 1 :]


def _is_kid_in(jws: str) -> bool:
    head = base64.urlsafe_b64decode(jws.split(".")[0] + "==")
    return re.search(rb'"kid":"[A-Za-z0-9_-]{43}"', head) is not None and kid("phone").encode() not in head


def _with_body(text: bytes) -> bytes:
    return text_of(payload(body="@")).replace(b'"@"', text)


def _hashes(count: int) -> list[str]:
    return sorted(f"{number:064x}" for number in range(1, count + 1))
