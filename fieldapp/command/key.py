"""`fieldapp key`: the archive's own key, and phones' keys that are lost."""

from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for


@click.group("key")
def command() -> None:
    """Keys: show them, replace the archive's own, revoke a phone's."""


@command.command("list")
@data_option
def show(data: Path | None) -> None:
    """List every key: name, person, role, state, what the phone is called."""
    from sqlmodel import select

    from sync.table import CertificateRow

    with opened(settings_for(data)) as services, services.database.reading() as session:
        for row in session.exec(select(CertificateRow).order_by(CertificateRow.enrolled_at)):
            state = f"revoked {row.revoked_at}" if row.revoked_at else "valid"
            role = "archive" if row.is_archive else row.role
            click.echo(f"{row.kid}\t{row.person}\t{role}\t{state}\t{row.label}")


@command.command("rotate")
@click.option("--by", required=True, help="The person who decides it, as named in records.")
@data_option
def rotate(by: str, data: Path | None) -> None:
    """Give the archive a new key, sealed by the present one. A running `serve` takes it up; other machines need the new file.

    The old key file moves to `key/retired`; destroy it there when it was stolen.
    """
    from fieldapp import key_file

    with opened(settings_for(data)) as services:
        fresh = key_file.rotate(services, by)
    click.echo(f"the archive seals with {fresh} from now on")


# The name of a key may begin with a dash.
@command.command("revoke", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid")
@click.option("--reason", required=True, help="Why: lost, stolen, person left.")
@click.option("--by", required=True, help="The person who decides it, as named in records.")
@data_option
def revoke(kid: str, reason: str, by: str, data: Path | None) -> None:
    """Revoke a phone's key: what it seals from now on is set aside until a person decides; what it sealed stays."""
    from fieldapp.command.refusal import CommandRefused
    from sync.archive import Objected
    from sync.table import CertificateRow

    with opened(settings_for(data)) as services:
        with services.database.reading() as session:
            row = session.get(CertificateRow, kid)
        if row is None or row.is_archive:
            raise CommandRefused(f"{kid} is not the key of a phone; `fieldapp key list` shows them")
        if row.revoked_at:
            raise CommandRefused(f"{kid} of {row.person} was revoked already, {row.revoked_at}")
        try:
            services.archive.revoke(kid, reason, by)
        except Objected as objected:
            raise CommandRefused(str(objected)) from objected
    click.echo(f"{kid} of {row.person} revoked")
