"""Several streams at once: all that is sealed, or nothing."""

import pytest
from sqlmodel import select

from sync import together
from sync.archive import Draft, Objected
from sync.table import RecordRow, StreamRow
from tests.store import Store
from tests.sync.factory import STREAM, Note, archive

OTHER = STREAM[:-1] + ("0" if STREAM[-1] != "0" else "1")


def test_what_is_sealed_together_stands_in_every_stream(store: Store) -> None:
    home = archive(store)
    drafts = [Draft("note", name, {"what": name}, "d01") for name in (OTHER, STREAM)]
    sealed = together.seal(home, drafts)
    assert [one.payload["body"]["what"] for one in sealed] == [OTHER, STREAM]
    with home.database.reading() as session:
        assert sorted(one.what for one in session.exec(select(Note))) == sorted([OTHER, STREAM])
    assert [row.position for row in home.heads([OTHER, STREAM])] == [1, 1]
    (fact,) = home.receipts([sealed[0].hash])[0]
    assert fact


@pytest.mark.parametrize("bad", ["stale", "invalid"])
def test_one_that_cannot_be_holds_all_of_them(store: Store, bad: str) -> None:
    home = archive(store)
    (first,) = home.seal([Draft("note", STREAM, {"what": "first"}, "d01")])
    entity, heads = first.payload["entity"], (first.hash,)
    home.seal([Draft("note", STREAM, {"what": "second"}, "d01", entity=entity, supersedes=heads)])
    wrong = {
        # Somebody else superseded it meanwhile: two would stand.
        "stale": Draft("note", STREAM, {"what": "other"}, "d01", entity=entity, supersedes=heads),
        "invalid": Draft("note", STREAM, {"what": 7}, "d01"),
    }
    with home.database.reading() as session:
        before = session.exec(select(RecordRow.hash)).all(), session.exec(select(StreamRow.name)).all()
    with pytest.raises(Objected) as refused:
        together.seal(home, [Draft("note", OTHER, {"what": "good"}, "d01"), wrong[bad]])
    assert (refused.value.reason == together.STALE) is (bad == "stale")
    with home.database.reading() as session:
        assert (
            session.exec(select(RecordRow.hash)).all(),
            session.exec(select(StreamRow.name)).all(),
        ) == before
        assert [one.what for one in session.exec(select(Note))] == ["second"]
