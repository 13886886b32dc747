import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import ijson
from sync.error import NotIJson

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_dumped_reads_back_equal(value: object) -> None:
    assert ijson.parse(ijson.dump(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_raise_one_kind_of_error(data: bytes) -> None:
    try:
        value = ijson.parse(data)
    except NotIJson:
        return
    assert json.loads(data) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":{"b":1,"\\u0062":2}}',
        "1.0",
        "1e3",
        "-0",
        "01",
        "9007199254740992",
        "-9007199254740992",
        "9" * 5000,
        "NaN",
        "Infinity",
        '"\\u0000"',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '{"\\ud800":1}',
        '"\n"',
        "[1,]",
        "{} {}",
        "",
        "'a'",
        "[" * 33 + "]" * 33,
        "[" * 100_000,
    ],
)
def test_refuses_what_two_parsers_could_read_differently(text: str) -> None:
    with pytest.raises(NotIJson):
        ijson.parse(text.encode())


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf{}", b"\xff", b'"\xc3"', b'"\xed\xa0\x80"'])
def test_refuses_what_is_not_plain_utf8(data: bytes) -> None:
    with pytest.raises(NotIJson):
        ijson.parse(data)


@pytest.mark.parametrize(
    "text", ["[" * 32 + "]" * 32, ' {"a" : [ ] } ', '"\\ud83d\\ude00"', "9007199254740991"]
)
def test_accepts_the_edge(text: str) -> None:
    assert ijson.parse(text.encode()) == json.loads(text)


@pytest.mark.parametrize("value", [1.5, 2**53, "\x00", "\ud800", {"\ud800": 1}])
def test_never_writes_what_it_would_not_read(value: object) -> None:
    with pytest.raises(NotIJson):
        ijson.dump(value)
