import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from sync import base64url, record, statement, stream
from sync.archive import Archive, Draft, KeyTaken, Objected
from sync.error import BadSignature, NotARecord
from sync.key import SealingKey, WrongKey
from sync.quarantine import Quota
from sync.record import Record
from sync.table import CertificateRow, Quarantined, RecordRow, StreamRow
from tests.store import Store
from tests.sync.factory import STREAM, Note, Phone, StandingClock, archive, enrolled, sent


def verdicts(home: Archive, *records: Record) -> list[tuple[str, str | None]]:
    return [(found.verdict, found.reason) for found in home.push(sent(*records)).judgements]


def facts(home: Archive, *hashes: str) -> list[dict[str, Any]]:
    receipts, _ = home.receipts(hashes)
    return [
        fact for token in receipts for fact in statement.read(token, statement.RECEIPT, home.key.jwk)["facts"]
    ]


def stored(home: Archive) -> list[str]:
    with home.database.reading() as session:
        return list(session.exec(select(RecordRow.hash).where(RecordRow.stream != "keys")))


def test_a_phones_record_is_appended_and_known_ever_after(store: Store) -> None:
    home = archive(store)
    one = enrolled(home).seal()
    first, again = home.push(sent(one)), home.push(sent(one))
    assert [found.verdict for found in (*first.judgements, *again.judgements)] == ["appended", "known"]
    receipts = [
        statement.read(pushed.receipts[0], statement.RECEIPT, home.key.jwk) for pushed in (first, again)
    ]
    assert receipts[0]["facts"] == receipts[1]["facts"] == facts(home, one.hash)


ROWS: list[tuple[str, str, Callable[[Phone], Record]]] = [
    ("quarantined", "wrong-author", lambda phone: phone.seal(author="i99")),
    ("quarantined", "unknown-kind", lambda phone: phone.seal(kind="dream")),
    ("quarantined", "unknown-version", lambda phone: phone.seal(v=2)),
    ("quarantined", "kind-not-allowed", lambda phone: phone.seal(kind="unit", stream="commons")),
    ("quarantined", "stream-not-allowed", lambda phone: phone.seal(stream="commons")),
    ("quarantined", "body-invalid", lambda phone: phone.seal({"what": 5})),
]


@pytest.mark.parametrize(("verdict", "reason", "sealed"), ROWS, ids=[row[1] for row in ROWS])
def test_each_row_of_the_table_sets_aside_for_its_own_reason(
    store: Store, verdict: str, reason: str, sealed: Callable[[Phone], Record]
) -> None:
    home = archive(store)
    phone = enrolled(home)
    bad, good = sealed(phone), phone.seal()
    assert verdicts(home, bad, good) == [(verdict, reason), ("appended", None)]
    assert verdicts(home, bad) == [(verdict, reason)]
    with home.database.reading() as session:
        held = session.exec(select(Quarantined)).one()
    assert (held.hash, bytes(held.bytes)) == (bad.hash, sent(bad)[0])
    assert stored(home) == [good.hash]
    assert home.receipts([bad.hash])[0] == []


def test_a_revoked_key_is_set_aside_but_what_it_sealed_before_is_known(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    before, after = phone.seal(), phone.seal()
    home.push(sent(before))
    home.revoke(phone.key.kid, "lost", "d04")
    assert verdicts(home, before, after) == [("known", None), ("quarantined", "revoked-key")]


def test_the_same_id_with_other_bytes_is_set_aside(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    one = phone.seal()
    other = phone.seal({"what": "other"}, id=one.payload["id"])
    assert verdicts(home, one, other) == [("appended", None), ("quarantined", "id-taken")]
    assert stored(home) == [one.hash]


def test_strangers_and_broken_seals_are_refused_and_stored_nowhere(store: Store) -> None:
    home = archive(store)
    good = enrolled(home).seal()
    text = good.token.text
    broken = text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB")
    lines = [b"junk", b"x" * (record.MAX_BYTES + 1), *sent(Phone("i66").seal()), broken.encode(), *sent(good)]
    assert [(found.line, found.verdict, found.reason) for found in home.push(lines).judgements] == [
        (1, "refused", "not-a-record"),
        (2, "refused", "too-large"),
        (3, "refused", "unknown-key"),
        (4, "refused", "bad-signature"),
        (5, "appended", None),
    ]
    with home.database.reading() as session:
        assert session.exec(select(Quarantined)).all() == []
    assert stored(home) == [good.hash]


def test_quarantine_ends_where_the_quota_of_a_key_ends(store: Store) -> None:
    home = archive(store, quota=Quota(records=2))
    phone, other = enrolled(home), enrolled(home, "i06")
    bad = [phone.seal(v=9) for _ in range(3)]
    assert verdicts(home, *bad, other.seal(v=9), phone.seal()) == [
        ("quarantined", "unknown-version"),
        ("quarantined", "unknown-version"),
        ("refused", "quarantine-full"),
        ("quarantined", "unknown-version"),
        ("appended", None),
    ]


def test_positions_have_no_gaps_and_heads_follow_from_the_hashes(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.push(sent(*(phone.seal() for _ in range(5)), phone.seal(v=7), phone.seal()))
    page = home.page(STREAM, 0)
    assert [line.position for line in page] == [1, 2, 3, 4, 5, 6]
    assert [line.head for line in page] == stream.heads(home.name, STREAM, [line.hash for line in page])[1:]
    assert home.heads([STREAM])[0] == StreamRow(name=STREAM, position=6, head=page[-1].head)
    assert home.page(STREAM, 4) == page[4:]


def test_five_identical_pushes_at_once_leave_one_record_and_one_fact(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    lines = sent(*(phone.seal() for _ in range(10)))
    start, found = threading.Barrier(5), []

    def push() -> None:
        start.wait()
        pushed = home.push(lines)
        found.append(
            (pushed.judgements, statement.read(pushed.receipts[0], statement.RECEIPT, home.key.jwk)["facts"])
        )

    threads = [threading.Thread(target=push) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored(home)) == 10
    assert (
        sorted(judged.verdict for judged, _ in found for judged in judged)
        == ["appended"] * 10 + ["known"] * 40
    )
    assert all(one == found[0][1] for _, one in found)


def test_two_phones_and_the_same_id_leave_one_appended_and_one_set_aside(store: Store) -> None:
    home = archive(store)
    first, second = enrolled(home, "i05"), enrolled(home, "i06")
    one = first.seal()
    other = second.seal(id=one.payload["id"])
    start, found = threading.Barrier(2), []

    def push(sealed: Record) -> None:
        start.wait()
        found.extend(home.push(sent(sealed)).judgements)

    threads = [threading.Thread(target=push, args=(sealed,)) for sealed in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((judged.verdict, judged.reason or "") for judged in found) == [
        ("appended", ""),
        ("quarantined", "id-taken"),
    ]
    assert len(stored(home)) == 1


def test_what_the_desk_seals_is_objected_to_before_anything_is_stored(store: Store) -> None:
    home = archive(store)
    good = Draft("note", STREAM, {"what": "desk"}, "d01")
    with pytest.raises(Objected) as objected:
        home.seal([good, replace(good, body={"what": 1})])
    assert objected.value.reason == "body-invalid"
    assert stored(home) == []
    assert [one.payload["counter"] for one in home.seal([good])] == [0]


def test_a_later_revision_by_the_author_stands_and_a_strangers_does_not(store: Store) -> None:
    home = archive(store)
    phone, stranger = enrolled(home, "i05"), enrolled(home, "i06")
    first = phone.seal()
    entity = first.payload["id"]
    second = phone.seal({"what": "corrected"}, entity=entity, supersedes=[first.hash])
    foreign = stranger.seal({"what": "hijacked"}, entity=entity, supersedes=[second.hash])
    home.push(sent(second, foreign))
    with home.database.reading() as session:
        assert session.exec(select(Note)).all() == []
    home.push(sent(first))
    with home.database.reading() as session:
        row = session.exec(select(Note)).one()
    assert (row.what, row.record, row.revisions, row.is_conflict) == ("corrected", second.hash, 2, False)


def test_an_archive_opened_again_is_the_same_and_refuses_another_key(store: Store) -> None:
    first = archive(store)
    assert archive(store).name == first.name == first.key.kid
    assert len(first.page("keys", 0)) == 1
    (store.folder / "key" / "archive.pem").write_bytes(SealingKey.new().pem())
    with pytest.raises(WrongKey):
        archive(store)


def test_enrolment_asked_again_gives_the_same_certificate(store: Store) -> None:
    home, phone = archive(store), Phone("i05")
    request = phone.request(home.name, home.time_token())
    first = home.enrol(request, "i05", "鲁青冈", "inspector", "i05")
    assert home.enrol(request, "i05", "鲁青冈", "inspector", "i05") == first
    with home.database.reading() as session:
        assert session.get_one(CertificateRow, phone.key.kid).person == "i05"
    with pytest.raises(NotARecord):
        home.enrol(request, "i06", "韦木棉", "inspector", "i06")
    thief = Phone("i06", key=phone.key)
    with pytest.raises(KeyTaken):
        home.enrol(thief.request(home.name, home.time_token()), "i06", "韦木棉", "inspector", "i06")


def test_enrolment_needs_a_fresh_token_of_this_archive_and_the_key_itself(store: Store) -> None:
    clock = StandingClock()
    home, phone = archive(store, clock), Phone("i05")
    elsewhere = archive(_made(store.folder / "b"))
    with pytest.raises(NotARecord):
        home.enrol(phone.request(home.name, elsewhere.time_token()), "i05", "n", "inspector", "i05")
    stale = home.time_token()
    clock.pass_by(hours=25)
    with pytest.raises(BadSignature):
        home.enrol(phone.request(home.name, stale), "i05", "n", "inspector", "i05")
    stolen = Phone("i05", key=phone.key)
    tampered = stolen.request(home.name, home.time_token())[:-6] + b"AAAAAA"
    with pytest.raises(BadSignature):
        home.enrol(tampered, "i05", "n", "inspector", "i05")


def test_hashes_nobody_appended_have_no_receipt(store: Store) -> None:
    assert archive(store).receipts(["0" * 64]) == ([], {})


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_page_of_long_records_is_cut_and_the_next_one_goes_on(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.push(sent(*(phone.seal({"what": "x" * 180_000}) for _ in range(20))))
    after, lengths = 0, []
    while page := home.page(STREAM, after):
        after, lengths = page[-1].position, [*lengths, len(page)]
    assert sum(lengths) == 20
    assert max(lengths) < 10


def test_what_was_set_aside_for_an_unknown_kind_is_appended_once_the_kind_is_known(store: Store) -> None:
    home = archive(store)
    dream = enrolled(home).seal(kind="dream")
    assert verdicts(home, dream) == [("quarantined", "unknown-kind")]
    note = home.rulebook.kinds["note"]
    home.rulebook.kinds["dream"] = replace(note, name="dream")
    assert verdicts(home, dream) == [("appended", None)]
    with home.database.reading() as session:
        assert session.get_one(Quarantined, dream.hash).decision == "appended"


def test_a_key_written_in_another_way_is_not_enrolled(store: Store) -> None:
    home, phone = archive(store), Phone("i05")
    padded = base64url.encode(b"\0" + base64url.decode(phone.key.jwk["x"]))
    phone.key.jwk = phone.key.jwk | {"x": padded}
    with pytest.raises(NotARecord):
        home.enrol(phone.request(home.name, home.time_token()), "i05", "n", "inspector", "i05")
    with pytest.raises(Objected):
        home.revoke("not a key", "why", "d04")
    assert len(home.page("keys", 0)) == 1


def test_one_person_asking_for_another_is_not_enrolled(store: Store) -> None:
    home, phone = archive(store), Phone("i08")
    with pytest.raises(NotARecord):
        home.enrol(phone.request(home.name, home.time_token()), "i09", "n", "inspector", "i09")


def test_what_is_set_aside_leaves_no_trace_in_streams(store: Store) -> None:
    home = archive(store, quota=Quota(records=1))
    phone = enrolled(home)
    strange = [phone.seal(v=9, stream=f"project:{home.new_id()}") for _ in range(5)]
    assert [found.reason for found in home.push(sent(*strange)).judgements] == [
        "unknown-version",
        *["quarantine-full"] * 4,
    ]
    with home.database.reading() as session:
        assert [row.name for row in session.exec(select(StreamRow))] == ["keys"]


def test_photos_that_may_still_come_count_in_the_quota(store: Store) -> None:
    home = archive(store, quota=Quota(size_bytes=1_000_000))
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    named = {"sha256": "0" * 64, "size_bytes": 900_000, "required": True}
    images = [phone.seal({"bytes": [named]}, kind="image") for _ in range(2)]
    assert verdicts(home, *images) == [("quarantined", "revoked-key"), ("refused", "quarantine-full")]


def test_what_a_person_rejected_stays_rejected(store: Store) -> None:
    home = archive(store)
    dream = enrolled(home).seal(kind="dream")
    home.push(sent(dream))
    with home.database.writing() as session:
        session.get_one(Quarantined, dream.hash).decision = "rejected"
    home.rulebook.kinds["dream"] = replace(home.rulebook.kinds["note"], name="dream")
    assert verdicts(home, dream) == [("quarantined", "rejected")]


def test_an_erased_revision_still_supersedes_and_says_nothing(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    first = phone.seal()
    entity = first.payload["id"]
    second = phone.seal({"what": "second"}, entity=entity, supersedes=[first.hash])
    home.push(sent(first, second))
    with home.database.writing() as session:
        session.get_one(RecordRow, second.hash).bytes = None
    with home.database.writing() as session:
        home.folder.bring_up(session, STREAM, [entity])
    with home.database.reading() as session:
        assert session.exec(select(Note)).all() == []
    erased = home.page(STREAM, 1)[0]
    assert (erased.record, erased.erased) == (
        None,
        {
            "id": second.payload["id"],
            "kind": "note",
            "entity": entity,
            "author": "i05",
            "supersedes": [first.hash],
        },
    )
    assert verdicts(home, second) == [("known", "erased")]


def test_a_large_answer_is_several_receipts_that_anybody_can_read(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    records = [phone.seal() for _ in range(450)]
    pushed = home.push(sent(*records))
    read = [statement.read(token, statement.RECEIPT, home.key.jwk)["facts"] for token in pushed.receipts]
    assert [len(some) for some in read] == [200, 200, 50]
