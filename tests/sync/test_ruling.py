"""What people decide about records set aside, and the holes they are shown."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sync import counter, quarantine, statement
from sync.archive import Archive, Objected
from sync.quarantine import CannotAdmit, Quota
from sync.ruling import Decision, rule
from sync.table import Quarantined, RecordRow
from tests.store import Store
from tests.sync.factory import STREAM, Note, Phone, archive, enrolled, sent


def row(home: Archive, known: str) -> RecordRow | None:
    with home.database.reading() as session:
        return session.get(RecordRow, known)


def test_admitting_appends_the_same_bytes_folds_them_and_leaves_a_ruling_in_the_stream(
    store: Store,
) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    late = phone.seal({"what": "late and honest"})
    home.push(sent(late))
    ruling = rule(home, late.hash, "admitted", "sealed before the phone was lost", "d04")
    admitted = row(home, late.hash)
    assert admitted is not None
    assert bytes(admitted.bytes) == sent(late)[0]
    assert [line.hash for line in home.page(STREAM, 0)] == [late.hash, ruling.hash]
    assert ruling.body == {
        "record": late.hash,
        "decision": "admitted",
        "objection": "revoked-key",
        "reason": "sealed before the phone was lost",
        "person": "i05",
    }
    with home.database.reading() as session:
        assert session.get_one(Note, late.payload["id"]).what == "late and honest"
        assert quarantine.waiting(session) == []
    assert [found.verdict for found in home.push(sent(late)).judgements] == ["known"]
    facts = statement.read(home.receipts([late.hash])[0][0], statement.RECEIPT, home.key.jwk)["facts"]
    assert [fact["completed_at"] is not None for fact in facts] == [True]


def test_an_admitted_record_keeps_the_photos_that_came_while_it_was_set_aside(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    image = phone.seal({"bytes": [{"sha256": "a" * 64, "size_bytes": 9, "required": True}]}, kind="image")
    assert home.push(sent(image)).judgements[0].missing == ("a" * 64,)
    rule(home, image.hash, "admitted", "honest", "d04")
    assert home.receipts([image.hash])[1] == {image.hash: ["a" * 64]}
    found = row(home, image.hash)
    assert found is not None
    assert found.completed_at is None


def test_rejecting_leaves_a_ruling_and_the_record_out_for_ever(store: Store) -> None:
    home = archive(store)
    dream = enrolled(home).seal(kind="dream")
    home.push(sent(dream))
    rule(home, dream.hash, "rejected", "no such kind", "d04")
    assert row(home, dream.hash) is None
    judged = home.push(sent(dream)).judgements[0]
    assert (judged.verdict, judged.reason) == ("quarantined", "rejected")
    with pytest.raises(CannotAdmit) as refused:
        rule(home, dream.hash, "admitted", "second thoughts", "d04")
    assert refused.value.reason == "decided"


def test_a_taken_id_a_forged_certificate_and_an_unknown_hash_cannot_be_admitted(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    one = phone.seal()
    twin = phone.seal({"what": "other"}, id=one.payload["id"])
    forged = {"jwk": Phone().key.jwk, "person": "i05", "name": "n", "role": "administrator", "label": ""}
    enrolment = phone.seal(forged, kind="enrolment", stream="keys")
    home.push(sent(one, twin, enrolment))
    for known, reason in ((twin.hash, "id-taken"), (enrolment.hash, "keys"), ("0" * 64, "unknown")):
        with pytest.raises(CannotAdmit) as refused:
            rule(home, known, "admitted", "why not", "d04")
        assert refused.value.reason == reason
    with home.database.reading() as session:
        assert {held.hash for held in quarantine.waiting(session)} == {twin.hash, enrolment.hash}


def test_what_only_the_archive_says_is_never_admitted_from_a_phone(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    note = phone.seal()
    body = {"ground": "why", "hashes": [note.hash], "proposed_by": "d04", "confirmed_by": "d05"}
    forged = phone.seal(body, kind="erasure")
    decided = {"record": note.hash, "decision": "admitted", "objection": "", "reason": "so", "person": "i05"}
    ruling = phone.seal(decided, kind="ruling")
    home.push(sent(note, forged, ruling))
    for one in (forged, ruling):
        with pytest.raises(CannotAdmit) as refused:
            rule(home, one.hash, "admitted", "why not", "d04")
        assert refused.value.reason == "own-kind"
        rule(home, one.hash, "rejected", "forged", "d04")
    kept = row(home, note.hash)
    assert kept is not None and kept.bytes is not None


def test_of_two_people_who_decide_at_once_one_is_told(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    for _ in range(5):
        late = phone.seal()
        home.push(sent(late))
        both = Barrier(2)

        def decide(decision: Decision, by: str, known: str = late.hash, both: Barrier = both) -> str:
            both.wait()
            try:
                rule(home, known, decision, "so", by)
            except CannotAdmit as refusal:
                return refusal.reason
            return decision

        with ThreadPoolExecutor(2) as people:
            said = {*people.map(decide, ("admitted", "rejected"), ("d04", "d05"))}
        assert "decided" in said and len(said) == 2
        with home.database.reading() as session:
            assert {session.get_one(Quarantined, late.hash).decision} == said - {"decided"}
            assert (session.get(RecordRow, late.hash) is not None) == ("admitted" in said)


def test_a_decision_without_a_reason_changes_nothing(store: Store) -> None:
    home = archive(store)
    dream = enrolled(home).seal(kind="dream")
    home.push(sent(dream))
    with pytest.raises(Objected):
        rule(home, dream.hash, "rejected", "  ", "d04")
    with home.database.reading() as session:
        assert session.get_one(Quarantined, dream.hash).decision is None


def test_what_admission_cannot_fold_stands_and_is_listed(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    bad, good = phone.seal({"nothing": 1}), phone.seal()
    home.push(sent(bad, good))
    rule(home, bad.hash, "admitted", "kept as evidence", "d04")
    assert row(home, bad.hash) is not None
    with home.database.reading() as session:
        assert session.get(Note, bad.payload["id"]) is None
        assert session.get(Note, good.payload["id"]) is not None


def test_gaps_and_repetitions_of_a_keys_count_are_found_and_what_was_set_aside_is_no_gap(
    store: Store,
) -> None:
    home = archive(store, quota=Quota(records=1))
    phone, whole = enrolled(home), enrolled(home, "i06")
    first, _lost, aside, _gone, _gone_too, last = (
        phone.seal(),
        phone.seal(),
        phone.seal(v=9),
        phone.seal(),
        phone.seal(),
        phone.seal(),
    )
    twice = phone.seal(counter=last.payload["counter"])
    home.push(sent(first, aside, last, twice, whole.seal(), whole.seal()))
    with home.database.reading() as session:
        (gap,) = counter.gaps(session)
    assert (gap.kid, gap.person, gap.missing, gap.repeated, gap.count) == (
        phone.key.kid,
        "i05",
        ((2, 2), (4, 5)),
        (6,),
        3,
    )
    assert gap.since == home.now()


def test_a_number_used_twice_hides_no_hole(store: Store) -> None:
    home = archive(store)
    phone, other = enrolled(home), enrolled(home, "i06")
    # Three records, the highest number is three: only a close look shows that one is missing and one came twice.
    home.push(sent(phone.seal(counter=1), phone.seal(counter=1), phone.seal(counter=3)))
    # The same with the second one set aside.
    home.push(sent(other.seal(counter=1), other.seal(counter=1, v=9), other.seal(counter=3)))
    with home.database.reading() as session:
        found = [(gap.person, gap.missing, gap.repeated) for gap in counter.gaps(session)]
    assert found == [("i05", ((2, 2),), (1,)), ("i06", ((2, 2),), (1,))]
