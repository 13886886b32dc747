"""Heads are computed again before anything is built on them or signed: what was changed in place is not stated as a fact."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from sync import base64url
from sync.archive import Archive
from tests.store import Store
from tests.sync.factory import STREAM, archive, enrolled, sent

OTHER = "0" * 64


def positions(home: Archive, hashes: list[str]) -> list[int]:
    tokens = home.receipts(hashes)[0]
    facts = [fact for token in tokens for fact in json.loads(base64url.decode(token.split(".")[1]))["facts"]]
    return [fact["position"] for fact in facts]


def change(home: Archive, order: str, **given: Any) -> None:
    with home.database.writing() as session:
        session.execute(text(order), given)


@pytest.mark.parametrize("column", ["head", "hash"])
def test_a_head_that_does_not_follow_is_never_signed(
    store: Store, caplog: pytest.LogCaptureFixture, column: str
) -> None:
    home = archive(store)
    phone = enrolled(home)
    records = [phone.seal() for _ in range(5)]
    home.push(sent(*records))
    hashes = [one.hash for one in records]
    change(home, f"UPDATE record SET {column} = :other WHERE hash = :hash", other=OTHER, hash=hashes[2])
    broken = {3, 4} if column == "head" else {3}
    known = [OTHER if column == "hash" and one == hashes[2] else one for one in hashes]
    assert positions(home, known) == [one for one in range(1, 6) if one not in broken]
    assert positions(home, known[2:4]) == [one for one in (3, 4) if one not in broken]
    assert "not signed" in caplog.text


@pytest.mark.parametrize(
    "order",
    [
        "UPDATE stream SET head = :other WHERE name = :stream",
        "UPDATE record SET head = :other WHERE position = 2 AND stream = :stream",
    ],
)
def test_nothing_follows_in_a_stream_that_does_not_end_where_its_last_record_stands(
    store: Store, order: str
) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.push(sent(phone.seal(), phone.seal()))
    change(home, order, other=OTHER, stream=STREAM)
    elsewhere, here = phone.seal(stream=STREAM.replace("aa", "bb")), phone.seal()
    pushed = home.push(sent(here, elsewhere))
    assert [(one.verdict, one.reason) for one in pushed.judgements] == [
        ("refused", "stream-damaged"),
        ("appended", None),
    ]
    assert len(home.page(STREAM, 0)) == 2


def test_an_archive_with_a_damaged_stream_opens_and_what_is_known_stays_known(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    sealed = phone.seal()
    home.push(sent(sealed))
    change(home, "UPDATE stream SET head = :other", other=OTHER)
    lasting = [line.record.encode() for line in home.page("keys", 0) if line.record]
    again = archive(store, lasting=lasting)
    assert [one.verdict for one in again.push(sent(sealed)).judgements] == ["known"]
