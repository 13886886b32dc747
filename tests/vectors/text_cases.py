"""I-JSON by itself, search grams, and distances: small inputs with answers written by hand or by geopy."""

import base64
from collections.abc import Iterator
from typing import Any

from geopy.distance import geodesic

Case = tuple[str, str, dict[str, Any], dict[str, Any]]

_BAD_JSON = {
    "empty": b"",
    "white-space-only": b" ",
    "byte-order-mark": b"\xef\xbb\xbf[]",
    "utf16": '"a"'.encode("utf-16-le"),
    "overlong": b'"\xc0\xaf"',
    "encoded-surrogate": b'"\xed\xa0\x80"',
    "duplicate": b'{"a":1,"a":1}',
    "duplicate-deep": b'[{"b":{"a":1,"\\u0061":2}}]',
    "fraction": b"0.0",
    "exponent": b"1E5",
    "negative-zero": b"-0",
    "leading-zero": b"00",
    "bare-minus": b"-",
    "plus": b"+1",
    "hexadecimal": b"0x1",
    "full-width-digit": "１".encode(),
    "too-large": b"9007199254740992",
    "too-small": b"-9007199254740992",
    "nan": b"NaN",
    "infinity": b"Infinity",
    "undefined": b"undefined",
    "word-in-capitals": b"TRUE",
    "word-and-more": b"nullx",
    "nul-escaped": b'"\\u0000"',
    "nul-raw": b'"\x00"',
    "tab-raw": b'"\t"',
    "lone-high": b'"\\ud83d"',
    "lone-low": b'"\\ude00"',
    "lone-in-name": b'{"\\ud83d":1}',
    "escape-unknown": b'"\\x41"',
    "escape-short": b'"\\u94a"',
    "escape-underscore": b'"\\u9_a2"',
    "unclosed-string": b'"a',
    "unclosed-escape": b'"\\',
    "unclosed-array": b"[1",
    "unclosed-object": b'{"a":1',
    "trailing-comma-array": b"[1,]",
    "trailing-comma-object": b'{"a":1,}',
    "missing-colon": b'{"a" 1}',
    "missing-comma": b"[1 2]",
    "name-not-text": b"{1:2}",
    "two-values": b"1 2",
    "comment": b"[1 // one\n]",
    "form-feed": b"\x0c[]",
    "no-break-space": "\u00a0[]".encode(),
    "too-deep": b"[" * 33 + b"]" * 33,
}


def ijson_cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every I-JSON vector."""
    good: dict[str, tuple[bytes, Any]] = {
        "null": (b"null", None),
        "words": (b"[true,false,null]", [True, False, None]),
        "integers": (
            b"[0,-1,9007199254740991,-9007199254740991]",
            [0, -1, 9007199254740991, -9007199254740991],
        ),
        "white-space": (b' \t\r\n{ "a" : [ 1 , 2 ] } \n', {"a": [1, 2]}),
        "escapes": (b'"\\"\\\\\\/\\b\\f\\n\\r\\t\\u94A2\\ud83d\\ude00"', '"\\/\b\f\n\r\t钢😀'),
        "raw-text": ('"钢筋😀\u2028\u007f"'.encode(), "钢筋😀\u2028\u007f"),
        "empty-name": (b'{"":{}}', {"": {}}),
        "names-of-prototypes": (
            b'{"__proto__":1,"constructor":2,"toString":3}',
            {"__proto__": 1, "constructor": 2, "toString": 3},
        ),
        "deepest": (b"[" * 32 + b"]" * 32, _nested(32)),
    }
    for name, (text, value) in good.items():
        yield f"good-{name}", "read", _bytes(text), {"verdict": "good", "value": value}
    for name, text in _BAD_JSON.items():
        yield name, "not I-JSON of the protocol", _bytes(text), {"verdict": "refused"}


def grams_cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every gram vector. Answers are written by hand."""
    cut: dict[str, tuple[str, list[str]]] = {
        "han": ("钢筋外露", ["钢", "钢筋", "筋", "筋外", "外", "外露", "露"]),
        "one-han": ("墩", ["墩"]),
        "mixed": ("3号墩C30混凝土", ["3", "号", "号墩", "墩", "c30", "混", "混凝", "凝", "凝土", "土"]),
        "latin": ("Bridge deck, 2nd SPAN", ["bridge", "deck", "2nd", "span"]),
        "accents": ("Über-Straße Ñandú", ["über", "straße", "ñandú"]),
        "full-width": ("ＡＢＣ１２３", ["abc123"]),
        "punctuation-splits-han": ("钢，筋。", ["钢", "筋"]),
        "space-splits-han": ("钢 筋", ["钢", "筋"]),
        "repetition-mark": ("人々", ["人", "人々", "々"]),
        "zero": ("二〇二六", ["二", "二〇", "〇", "〇二", "二", "二六", "六"]),
        "beyond-the-basic-plane": ("𠀋𠀌", ["𠀋", "𠀋𠀌", "𠀌"]),
        "compatibility-form": ("金", ["金"]),
        "cyrillic": ("Мост №7", ["мост", "no7"]),
        "emoji": ("桥😀塌", ["桥", "塌"]),
        "underscore": ("a_b", ["a", "b"]),
        "empty": ("", []),
        "only-marks": ("——！", []),
        "line-ends": ("一\n二", ["一", "二"]),
        "decimal": ("12.5%", ["12", "5"]),
        "final-sigma": ("ΟΔΟΣ", ["οδος"]),
        "decomposed": ("e\u0301tude", ["étude"]),
    }
    for name, (text, terms) in cut.items():
        yield name, "terms in the order of the text", {"text": text}, {"grams": terms}


def place_cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every distance vector, measured by geopy."""
    pairs = {
        "same-point": ((314_567_890, 1_201_234_567), (314_567_890, 1_201_234_567)),
        "a-hands-breadth": ((314_567_890, 1_201_234_567), (314_567_900, 1_201_234_567)),
        "across-a-site": ((314_567_890, 1_201_234_567), (314_612_345, 1_201_298_765)),
        "across-a-city": ((310_000_000, 1_210_000_000), (314_000_000, 1_214_000_000)),
        "across-a-country": ((399_042_000, 1_164_074_000), (230_129_000, 1_132_644_000)),
        "along-a-meridian": ((0, 0), (900_000_000, 0)),
        "along-the-equator": ((0, 0), (0, 900_000_000)),
        "over-the-date-line": ((100_000_000, 1_799_999_000), (100_000_000, -1_799_999_000)),
        "southern": ((-338_688_000, 1_512_093_000), (-374_713_000, 1_447_852_000)),
        "pole-to-pole-side": ((900_000_000, 0), (899_999_000, 1_200_000_000)),
        "far-but-not-opposite": ((399_042_000, 1_164_074_000), (-346_037_000, -583_816_000)),
    }
    for name, (one, other) in pairs.items():
        degrees = [(lat / 1e7, lon / 1e7) for lat, lon in (one, other)]
        points = [{"lat_e7": lat, "lon_e7": lon} for lat, lon in (one, other)]
        given = {"from": points[0], "to": points[1]}
        yield name, "geodesic on WGS-84, to a metre", given, {"distance_m": round(geodesic(*degrees).m, 3)}


def _bytes(text: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(text).decode()}


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value
