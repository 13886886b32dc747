"""The archive killed with SIGKILL at every named point, at the first, second and third pass: what it acknowledged is there."""

import os
import re
import signal
from pathlib import Path

import pytest
from sqlmodel import select

from sync import fault, statement
from sync.archive import Archive
from sync.table import RecordRow, Unfolded
from sync.verify import verify
from tests.sync.factory import STREAM, Note
from tests.sync.fault_scenario import Round, live, opened, prepare, sha256

SYNC = Path(fault.__file__).parent


def die(folder: Path, rounds: list[Round], point: str, passes: int) -> bool:
    """Live in a process of its own until it kills itself; tell whether it did."""
    child = os.fork()
    if child == 0:
        try:
            fault.arm(point, passes)
            with (folder / "acknowledged").open("a") as file:
                live(folder, rounds, lambda line: (file.write(line + "\n"), file.flush()))
        finally:
            os._exit(1 if os.environ.get("FAULT_LOUD") else 0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def check_acknowledged(home: Archive, folder: Path, rounds: list[Round]) -> None:
    gone = {sha256(one.gone) for one in rounds}
    jwks = home.jwks()
    for line in (folder / "acknowledged").read_text().splitlines():
        word, value = line.split(" ", 1)
        if word == "photo" and value not in gone:
            assert home.photos.has(value)
        if word == "receipt":
            for fact in statement.read_any(value, statement.RECEIPT, jwks)["facts"]:
                with home.database.reading() as session:
                    row = session.get_one(RecordRow, fact["hash"])
                assert (row.stream, row.position, row.head) == (
                    fact["stream"],
                    fact["position"],
                    fact["head"],
                )


def check_end(home: Archive, rounds: list[Round]) -> None:
    with home.database.reading() as session:
        hashes = list(session.exec(select(RecordRow.hash).where(RecordRow.stream == STREAM)))
        notes = {note.entity: note.what for note in session.exec(select(Note))}
        assert session.exec(select(Unfolded)).all() == []
    for one in rounds:
        for record in (*one.notes, one.correction, one.aside, one.kept_image, one.gone_image):
            assert hashes.count(record.hash) == 1
        assert notes[one.notes[0].payload["id"]] == "corrected"
        assert one.notes[1].payload["id"] not in notes
        assert notes[one.aside.payload["id"]] == "from another author"
        assert home.photos.has(sha256(one.kept))
        assert not home.photos.has(sha256(one.gone))
    assert home.epoch > 1


@pytest.mark.parametrize("passes", [1, 2, 3])
@pytest.mark.parametrize("point", fault.POINTS)
def test_killed_anywhere_nothing_acknowledged_is_lost_and_the_work_goes_on(
    tmp_path: Path, point: str, passes: int
) -> None:
    rounds = prepare(tmp_path)
    (tmp_path / "acknowledged").touch()
    assert die(tmp_path, rounds, point, passes), "the point was not passed that often"
    home = opened(tmp_path)
    assert [str(one) for one in verify(home).damages] == []
    check_acknowledged(home, tmp_path, rounds)
    home.database.close()
    live(tmp_path, rounds, lambda _line: None)
    home = opened(tmp_path)
    assert [str(one) for one in verify(home).damages] == []
    check_acknowledged(home, tmp_path, rounds)
    check_end(home, rounds)


def test_every_point_is_in_the_code_and_every_one_in_the_code_is_listed() -> None:
    named = {
        name
        for path in SYNC.glob("*.py")
        for name in re.findall(r'fault\.passing\("([^"]+)"\)', path.read_text())
    }
    assert named == set(fault.POINTS)
    with pytest.raises(ValueError, match="nowhere"):
        fault.arm("nowhere", 1)
