"""`fieldapp annex`: the recovery key of confidential annexes, their readers, and opening one away from the archive."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused

WHY = {
    "wrong-passphrase": "this passphrase does not open the key file, or the file is damaged",
    "other-key": "this annex is not written to this key",
    "misplaced": "this letter belongs to something else than the record that holds it",
    "not-a-letter": "this is no annex, or it is damaged",
}


@click.group("annex")
def command() -> None:
    """Confidential annexes: recovery key, readers, opening one offline."""


@command.command("keys")
@click.option("--by", required=True, help="The person who decides it, as named in records.")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the key to this new file (0600) and not to the screen.",
)
@click.option(
    "--replace",
    "may_replace",
    is_flag=True,
    help="Make another key, though there is one. Phones ask their people before they use it.",
)
@data_option
def keys(by: str, to: Path | None, may_replace: bool, data: Path | None) -> None:
    """Make the recovery key: print it, name its public half to every phone. The private half is kept nowhere here.

    Print it at once, twice, and keep the papers in two safes. Who has the paper can read every annex.
    """
    from fieldapp.annex import RecoveryKnown, check_number, recovery, set_recovery
    from sync.archive import Objected
    from sync.jwe import LetterKey

    with opened(settings_for(data)) as services:
        with services.database.reading() as session:
            standing = recovery(session)
        if standing is not None and not may_replace:
            raise CommandRefused(_known(standing, check_number))
        key = LetterKey.new()
        _give(_paper(key, services.settings.department, services.archive.now()[:10]), to)
        try:
            set_recovery(services, key.jwk, by, may_replace)
        except RecoveryKnown as known:
            raise CommandRefused(
                f"{_known(known.standing, check_number)}; destroy what was just printed"
            ) from known
        except Objected as objected:
            raise CommandRefused(f"{objected}; destroy what was just printed") from objected
    click.echo(f"recovery key {check_number(key.kid)} is named to all phones", err=True)
    if standing is not None:
        click.echo(
            f"it replaces {check_number(standing.key)}: keep that paper, earlier annexes open with it alone",
            err=True,
        )


def _known(standing: Any, check_number: Any) -> str:
    return (
        f"there is a recovery key already, {check_number(standing.key)} of {standing.captured_at[:10]}; "
        "another one is made with --replace, and every phone asks its person before it uses it"
    )


def _paper(key: Any, department: str, on: str) -> str:
    from fieldapp.annex import check_number
    from fieldapp.recovery_paper import lines

    return "\n".join(
        [
            "保密附页恢复密钥 · Recovery key of confidential annexes",
            f"{department} · {on}",
            f"核对码 · check number: {check_number(key.kid)}",
            "",
            *(f"    {line}" for line in lines(key.scalar)),
            "",
            "请打印两份，分别存入保险柜，屏幕和文件不留存。持此纸者可阅读全部保密附页。",
            "Print twice, keep in two safes, leave no copy on a screen or disk. Whoever has this paper reads every annex.",
            "使用 · use: fieldapp annex open --record HASH --key FILE",
            "",
        ]
    )  # fmt: skip


def _give(paper: str, to: Path | None) -> None:
    """Hand the private half to the administrator, before anything is named to phones."""
    if to is None:
        sys.stdout.write(paper)
        sys.stdout.flush()
        return
    try:
        with os.fdopen(
            os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(paper)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise CommandRefused(f"{to} is there already; nothing was made") from error
    except OSError as error:
        raise CommandRefused(f"{to} cannot be written: {error.strerror}; nothing was made") from error


@command.command("readers")
@data_option
def show(data: Path | None) -> None:
    """List the recovery key and every reader: person, check number, since when, state."""
    from fieldapp import annex

    with opened(settings_for(data)) as services, services.database.reading() as session:
        standing = annex.recovery(session)
        if standing:
            click.echo(
                f"recovery\t{annex.check_number(standing.key)}\t{standing.captured_at[:10]}\t{_state(standing)}"
            )
        for row in annex.readers(session).values():
            state = "withdrawn" if row.is_withdrawn else _state(row)
            click.echo(f"{row.person}\t{annex.check_number(row.key)}\t{row.captured_at[:10]}\t{state}")


def _state(row: Any) -> str:
    return "valid" if row.revisions == 1 else "valid, replaces an earlier one"


@command.command("withdraw")
@click.argument("person")
@click.option("--by", required=True, help="The person who decides it, as named in records.")
@data_option
def withdraw(person: str, by: str, data: Path | None) -> None:
    """End a reader: phones write nothing more to the person. What was written stays readable with the person's key."""
    from fieldapp import annex
    from fieldapp.problem import Problem

    with opened(settings_for(data)) as services:
        try:
            annex.withdraw(services, person, by)
        except Problem as problem:
            raise CommandRefused(f"{person} is no reader; `fieldapp annex readers` shows them") from problem
    click.echo(f"{person} reads no more annexes")


@command.command("open")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--record", "hash_", help="The hash of the annex's record in the archive, instead of a file.")
@click.option(
    "--key", "key_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A reader's key file, or a text with the four lines of the recovery key.",
)  # fmt: skip
@data_option
def open_annex(file: Path | None, hash_: str | None, key_file: Path, data: Path | None) -> None:
    """Open an annex and print it. FILE holds its record or its letter; nothing of it is stored, and no opening is recorded.

    The passphrase of a reader's key file is asked for, or read as one line from a pipe.
    """
    from sync.error import NotOpened

    if (file is None) == (hash_ is None):
        raise click.UsageError("Give a FILE or --record, one of them.")
    letter, of = _of_file(file) if file else _of_archive(hash_ or "", data)
    try:
        said = _key(key_file).open(letter, of)
    except NotOpened as refused:
        raise CommandRefused(WHY[refused.reason]) from refused
    for label, text in (("身份 · identity", said.get("identity")), ("内容 · words", said.get("words"))):
        if text:
            click.echo(f"{label}\n{text}\n")


def _of_archive(hash_: str, data: Path | None) -> tuple[Any, str]:
    from sqlmodel import col, select

    from sync.table import RecordRow

    with opened(settings_for(data)) as services, services.database.reading() as session:
        row = session.exec(
            select(RecordRow).where(RecordRow.hash == hash_, col(RecordRow.kind).in_(("annex", "appraisal")))
        ).first()
    if row is None or not row.bytes:
        raise CommandRefused(f"there is no annex with the hash {hash_} here")
    return _of_record(bytes(row.bytes))


def _of_file(path: Path) -> tuple[Any, str]:
    """Read a record, or a letter alone: that says itself what it belongs to."""
    from sync import base64url

    content = path.read_bytes().strip()
    if not content.startswith(b"{"):
        return _of_record(content)
    try:
        letter = json.loads(content)
        return letter, str(json.loads(base64url.decode(letter["protected"]))["of"])
    except (ValueError, KeyError, TypeError) as error:
        raise CommandRefused(WHY["not-a-letter"]) from error


def _of_record(content: bytes) -> tuple[Any, str]:
    from sync.error import Refused
    from sync.record import parse

    try:
        payload = parse(content).payload
        return payload["body"]["letter"], str(payload["entity"])
    except (Refused, KeyError) as error:
        raise CommandRefused(WHY["not-a-letter"]) from error


def _key(path: Path) -> Any:
    from fieldapp import recovery_paper
    from sync.jwe import LetterKey

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandRefused(f"{path} is no key file") from error
    if not recovery_paper.is_paper(text):
        return LetterKey.from_file(text.strip(), _passphrase())
    try:
        return LetterKey.from_scalar(recovery_paper.read(text))
    except recovery_paper.PaperRefused as refused:
        raise CommandRefused(f"line {refused.line} of the recovery key is missing or mistyped") from refused


def _passphrase() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Passphrase of the key file", hide_input=True))
    return sys.stdin.readline().rstrip("\n")
