"""I-JSON (RFC 7493) as PROTOCOL.md section 1 narrows it: one text, one meaning, in every language."""

import json
import re
from typing import Any, NoReturn

from sync.error import NotIJson

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
_LONE_OR_NUL = re.compile("[\x00\ud800-\udfff]")


def parse(data: bytes) -> Any:
    """Return the value of strict I-JSON bytes; raise `NotIJson` for anything two parsers could read differently."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotIJson("not UTF-8", error.start) from error
    if text.startswith("\ufeff"):
        raise NotIJson("byte order mark", 0)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotIJson(error.msg, error.pos) from error
    except RecursionError as error:
        raise NotIJson("too deep") from error
    # Without an escape there is no NUL and no surrogate, with few brackets no depth: most texts need no walk.
    if "\\u" in text or text.count("{") + text.count("[") > MAX_DEPTH:
        _check(value, MAX_DEPTH)
    return value


def dump(value: Any) -> bytes:
    """Return compact UTF-8 JSON of a value that `parse` would accept; raise `NotIJson` when it would not."""
    _check(value, MAX_DEPTH)
    return write(value)


def write(value: Any) -> bytes:
    """Return what `dump` does of a value that cannot hold anything it would refuse."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if _LONE_OR_NUL.search(value):
            raise NotIJson("NUL or lone surrogate in a string")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise NotIJson("too deep")
        if isinstance(value, dict):
            for name in value:
                _check(name, 0)
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth - 1)
    elif isinstance(value, float):
        raise NotIJson("a number that is not an integer")
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise NotIJson("an integer of 2⁵³ or more")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotIJson("a member name twice")
    return members


def _integer(literal: str) -> int:
    if literal == "-0":
        raise NotIJson("a negative zero")
    if len(literal) > 17 or abs(int(literal)) > MAX_INTEGER:
        raise NotIJson("an integer of 2⁵³ or more")
    return int(literal)


def _no_number(literal: str) -> NoReturn:
    raise NotIJson(f"a number that is not an integer: {literal[:40]}")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_no_number, parse_constant=_no_number
)
