"""An archive that meets its own signature over what it no longer has; and its key, when it is rotated."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from sync import statement
from sync.archive import Archive, Draft
from sync.key import SealingKey, WrongKey
from sync.record import Record
from sync.ring import Ring
from sync.rollback import meet, noticed, open_epoch
from tests.sync.factory import STREAM, Phone, StandingClock, archive, enrolled, sent


def receipt_of(home: Archive, *records: Record) -> str:
    return home.receipts([one.hash for one in records])[0][0]


def rolled_back(tmp_path: Path) -> tuple[Archive, str, Record, Record]:
    """An archive restored from a copy made between two pushes: the archive, a receipt for both, what is there, what is lost."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    home = archive(before)
    phone = enrolled(home)
    kept, lost = phone.seal(), phone.seal()
    home.push(sent(kept))
    home.database.close()
    shutil.copytree(before, after)
    home = archive(before)
    home.push(sent(lost))
    return archive(after), receipt_of(home, kept, lost), kept, lost


def test_a_receipt_over_what_is_gone_opens_a_new_epoch_once_and_tells_people(tmp_path: Path) -> None:
    home, receipt, _kept, lost = rolled_back(tmp_path)
    assert home.epoch == 1
    opened = meet(home, [receipt])
    assert opened is not None
    assert opened > 1
    assert home.epoch == opened
    assert meet(home, [receipt]) is None
    with home.database.reading() as session:
        (told_people,) = noticed(session)
    assert (told_people.epoch, told_people.reason, told_people.evidence) == (opened, "contradicted", receipt)
    told = home.page("keys", 0)[-1]
    assert told.record is not None
    token = statement.read(home.time_token(), statement.TIME, home.key.jwk)
    assert token["epoch"] == opened
    assert [found.verdict for found in home.push(sent(lost)).judgements] == ["appended"]
    assert statement.read(receipt_of(home, lost), statement.RECEIPT, home.key.jwk)["epoch"] == opened


def test_a_record_at_another_place_than_was_signed_is_a_rollback_too(tmp_path: Path) -> None:
    home, receipt, _kept, lost = rolled_back(tmp_path)
    phone = enrolled(home, "i06")
    home.push(sent(phone.seal(), lost))
    assert meet(home, [receipt]) is not None


@pytest.mark.parametrize("what", ["receipt", "time token"])
def test_a_seal_of_an_epoch_that_is_not_known_here_is_a_rollback_too(tmp_path: Path, what: str) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    home = archive(before)
    phone = enrolled(home)
    home.database.close()
    shutil.copytree(before, after)
    home = archive(before)
    later = open_epoch(home, "restored")
    lost = phone.seal()
    home.push(sent(lost))
    assert later is not None
    evidence = receipt_of(home, lost) if what == "receipt" else home.time_token()
    behind = archive(after)
    opened = meet(behind, [evidence])
    assert opened is not None
    assert opened > later
    assert behind.epoch == opened
    assert meet(behind, [evidence]) is None


def test_honest_foreign_forged_and_old_receipts_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    home, other = archive(tmp_path / "a"), archive(tmp_path / "b")
    one, foreign = enrolled(home).seal(), enrolled(other).seal()
    home.push(sent(one))
    other.push(sent(foreign))
    fact = statement.Fact("0" * 64, STREAM, 9, "0" * 64, "x", None)
    forged = statement.Archive(home.name, 1, SealingKey.new()).receipt([fact], StandingClock()())
    past = statement.Archive(home.name, 0, home.key).receipt([fact], StandingClock()())
    time = home.time_token()
    for token in (receipt_of(home, one), receipt_of(other, foreign), forged, past, time, "junk", ""):
        assert meet(home, [token]) is None
    assert home.epoch == 1


def test_two_restores_of_one_backup_never_open_the_same_epoch(tmp_path: Path) -> None:
    clock = StandingClock()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    home = archive(tmp_path / "a", clock)
    home.database.close()
    shutil.copytree(tmp_path / "a", tmp_path / "b", dirs_exist_ok=True)
    first = open_epoch(archive(tmp_path / "a", clock), "restored")
    clock.pass_by(seconds=90)
    second = open_epoch(archive(tmp_path / "b", clock), "restored")
    assert None not in (first, second)
    assert first != second


def test_a_rotated_key_seals_and_the_old_one_seals_nothing_more(tmp_path: Path) -> None:
    home = archive(tmp_path)
    old, fresh = home.key, SealingKey.new()
    phone = enrolled(home)
    before, token = phone.seal(), home.time_token()
    home.push(sent(before))
    earlier = receipt_of(home, before)
    home.rotate(fresh, "fieldapp", "d04")
    assert home.name == old.kid
    assert statement.read(receipt_of(home, before), statement.RECEIPT, fresh.jwk)["archive"] == old.kid
    assert statement.read_any(earlier, statement.RECEIPT, home.jwks())["facts"]
    new = Phone("i07")
    home.enrol(new.request(home.name, token), "i07", "n", "inspector", "i07")
    home.key = old
    for use in (
        home.time_token,
        lambda: home.revoke(phone.key.kid, "with a stolen key", "d04"),
        lambda: archive(tmp_path),
    ):
        with pytest.raises(WrongKey):
            use()


def test_a_key_that_was_retired_meanwhile_seals_nothing_into_the_keys(tmp_path: Path) -> None:
    home = archive(tmp_path)
    late = [home.own_candidate(Draft("revocation", "keys", {"kid": "A" * 43, "reason": "lost"}, "d04"))]
    home.rotate(SealingKey.new(), "fieldapp", "d04")
    with pytest.raises(WrongKey), home.database.writing() as session:
        home.appender(session, home.name).append("keys", late)
    Ring(home.name, [line.encode() for line in home.key_records()])


def test_a_process_takes_up_the_key_that_another_one_gave_the_archive(tmp_path: Path) -> None:
    fresh = SealingKey.new()
    keys = {fresh.kid: fresh}
    home, other = archive(tmp_path), archive(tmp_path, find_key=keys.get)
    home.rotate(fresh, "fieldapp", "d04")
    taken: list[SealingKey] = []
    other.on_new_key = taken.append
    assert statement.read(other.time_token(), statement.TIME, fresh.jwk)["archive"] == home.name
    assert taken == [fresh]
    assert other.revoke("A" * 43, "lost", "d04").kid == fresh.kid


def test_keys_told_again_open_what_they_sealed(tmp_path: Path) -> None:
    told: list[str] = []
    home = archive(tmp_path, outlives=told.append)
    home.database.close()
    shutil.copytree(tmp_path, tmp_path / "older", ignore=shutil.ignore_patterns("older"))
    home = archive(tmp_path, outlives=told.append)
    gone = enrolled(home).seal()
    home.push(sent(gone))
    for key in (SealingKey.new(), last := SealingKey.new()):
        home.rotate(key, "fieldapp", "d04")
    home.erase([gone.hash], STREAM, "PIPL art. 47", "d04", "d05")
    keys = {last.kid: last}
    older = archive(tmp_path / "older", lasting=[one.encode() for one in told], find_key=keys.get)
    assert older.is_rolled_back
    assert older.key is last
    assert [line.hash for line in older.page(STREAM, 0)] == [home.page(STREAM, 1)[0].hash]


def test_phones_learn_both_keys_from_the_key_records(tmp_path: Path) -> None:
    home = archive(tmp_path)
    fresh = SealingKey.new()
    home.rotate(fresh, "fieldapp", "d04")
    assert len(home.key_records()) == 2
    known: dict[str, Any] = home.jwks()
    assert set(known) == {home.name, fresh.kid}
