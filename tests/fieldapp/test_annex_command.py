"""`fieldapp annex`: the recovery key goes to paper and nowhere else; annexes open away from the archive, with it or a reader's file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from fieldapp import recovery_paper
from fieldapp.command import group
from fieldapp.command.archive import opened
from fieldapp.domain.annex import RecoveryKey
from fieldapp.settings import Settings
from sync import base64url
from sync.jwe import LetterKey, write_letter
from sync.record import Record
from tests.sync.factory import enrolled, sent
from tests.vectors import seal

PASSPHRASE = "correct horse battery staple"
CONTENT = {"identity": "证人甲某某", "words": "回扣由李某转交"}
FILE = Path(__file__).parents[1] / "vectors" / "key_file" / "good.json"


def run(*words: Any, given: str = "") -> Result:
    return CliRunner().invoke(group, ["annex", *(str(word) for word in words)], input=given)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def key_of(paper: str) -> LetterKey:
    return LetterKey.from_scalar(recovery_paper.read(paper))


def recovery(data: Path) -> RecoveryKey:
    with opened(Settings(data=data)) as services, services.database.reading() as session:
        (row,) = session.exec(select(RecoveryKey))
    return row


def test_the_recovery_key_is_printed_and_lies_nowhere_on_the_server(data: Path) -> None:
    result = run("keys", "--by", "d04", "--data", data)
    assert result.exit_code == 0, result.output
    key = key_of(result.stdout)
    assert recovery(data).key == key.kid and recovery(data).author == "d04"
    scalar = key.scalar.to_bytes(32)
    traces = [
        scalar,
        base64url.encode(scalar).encode(),
        scalar.hex().encode(),
        *(line[3:].encode() for line in recovery_paper.lines(key.scalar)),
    ]
    content = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert key.jwk["x"].encode() not in traces
    assert [trace for trace in traces if trace in content] == []
    assert all(line.strip() not in result.stderr for line in recovery_paper.lines(key.scalar))


def test_the_key_may_go_to_a_new_file_of_the_administrators(data: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    result = run("keys", "--by", "d04", "--to", paper, "--data", data)
    assert result.exit_code == 0 and not recovery_paper.is_paper(result.output)
    assert paper.stat().st_mode & 0o777 == 0o600
    assert key_of(paper.read_text()).kid == recovery(data).key
    again = run("keys", "--by", "d04", "--to", paper, "--replace", "--data", data)
    assert (again.exit_code, key_of(paper.read_text()).kid) == (1, recovery(data).key)


def test_it_is_replaced_only_when_that_is_asked_for(data: Path) -> None:
    first = key_of(run("keys", "--by", "d04", "--data", data).stdout)
    silent = run("keys", "--by", "d04", "--data", data)
    assert (silent.exit_code, silent.stdout) == (1, "") and "--replace" in silent.output
    assert recovery(data).key == first.kid
    told = run("keys", "--by", "d02", "--replace", "--data", data)
    row = recovery(data)
    assert (row.key, row.revisions, row.author) == (key_of(told.stdout).kid, 2, "d02")
    assert "keep that paper" in told.stderr
    assert "replaces an earlier one" in run("readers", "--data", data).stdout


def test_paper_is_typed_in_again_by_people() -> None:
    key = LetterKey.new()
    lines = recovery_paper.lines(key.scalar)
    typed = "\n".join(lines).lower().replace("0", "o").replace("1  ", "1. ").replace(" ", "  ")
    assert recovery_paper.read(f"保险柜 3\n{typed}\n") == key.scalar
    wrong = lines[2][:-1] + ("A" if lines[2][-1] != "A" else "B")
    with pytest.raises(recovery_paper.PaperRefused) as refused:
        recovery_paper.read("\n".join([lines[0], lines[1], wrong, lines[3]]))
    assert refused.value.line == 3
    with pytest.raises(recovery_paper.PaperRefused) as refused:
        recovery_paper.read("\n".join(lines[:3]))
    assert refused.value.line == 4


@pytest.mark.parametrize(
    "scalar", [1, 2**255, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550]
)
def test_every_key_fits_on_paper(scalar: int) -> None:
    assert recovery_paper.read("\n".join(recovery_paper.lines(scalar))) == scalar


def annexed(data: Path, recovery_jwk: Any) -> Record:
    """Have a phone send an annex to the reader of the vectors and the recovery key."""
    with opened(Settings(data=data)) as services:
        entity = services.archive.new_id()
        letter = write_letter([seal.jwk("reader"), recovery_jwk], entity, CONTENT)
        kid = LetterKey.from_scalar(seal.SCALARS["reader"]).kid
        body = {
            "visit": None, "interview": seal.identifier(7), "readers": [{"person": "d01", "kid": kid}],
            "recovery": next(one["header"]["kid"] for one in letter["recipients"] if one["header"]["kid"] != kid), "letter": letter,
        }  # fmt: skip
        record = enrolled(services.archive).seal(
            body, kind="annex", stream=f"project:{seal.identifier(9)}", id=entity
        )
        assert services.archive.push(sent(record)).judgements[0].verdict == "appended"
    return record


def test_an_annex_opens_with_the_paper_and_with_a_readers_file(data: Path, tmp_path: Path) -> None:
    paper, reader = tmp_path / "paper.txt", tmp_path / "reader.jwe"
    assert run("keys", "--by", "d04", "--to", paper, "--data", data).exit_code == 0
    reader.write_text(json.loads(FILE.read_text())["input"]["file"] + "\n")
    record = annexed(data, recovery(data).jwk)
    by_paper = run("open", "--record", record.hash, "--key", paper, "--data", data)
    assert by_paper.exit_code == 0 and "回扣由李某转交" in by_paper.stdout and "证人甲某某" in by_paper.stdout
    by_file = run("open", "--record", record.hash, "--key", reader, "--data", data, given=f"{PASSPHRASE}\n")
    assert by_file.stdout == by_paper.stdout
    # Away from the archive: from the record, or the letter alone.
    for name, content in (
        ("record.jws", record.token.text),
        ("letter.json", json.dumps(record.body["letter"])),
    ):
        file = tmp_path / name
        file.write_text(content)
        assert run("open", file, "--key", paper).stdout == by_paper.stdout
    wrong = run("open", "--record", record.hash, "--key", reader, "--data", data, given="correct horse\n")
    assert wrong.exit_code == 1 and "passphrase" in wrong.output and "回扣" not in wrong.output
    other = tmp_path / "other.txt"
    other.write_text("\n".join(recovery_paper.lines(LetterKey.new().scalar)))
    assert (
        "not written to this key"
        in run("open", "--record", record.hash, "--key", other, "--data", data).output
    )


def test_what_does_not_open_is_said_in_one_line(data: Path, tmp_path: Path) -> None:
    paper, letter = tmp_path / "paper.txt", tmp_path / "letter.json"
    paper.write_text(re.sub(r"1  ....", "1  0000", "\n".join(recovery_paper.lines(LetterKey.new().scalar))))
    letter.write_text('{"protected": "e30"}')
    assert "no annex" in run("open", letter, "--key", paper).output
    letter.write_text(json.dumps(write_letter([LetterKey.new().jwk], seal.identifier(7), CONTENT)))
    assert "line 1 of the recovery key" in run("open", letter, "--key", paper).output
    assert (
        "no annex with the hash" in run("open", "--record", "0" * 64, "--key", paper, "--data", data).output
    )
    assert run("open", "--key", paper).exit_code == 2


def test_only_a_reader_is_withdrawn(data: Path) -> None:
    assert "no reader" in run("withdraw", "d01", "--by", "d04", "--data", data).output
