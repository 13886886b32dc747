"""`fieldapp ballot`: the ballots that inspectors hand out on site."""

from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused


@click.group("ballot")
def command() -> None:
    """Ballots of appraisals on site: take them in."""


@command.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="The person who decides it, as named in records.")
@data_option
def take(file: Path | None, by: str, data: Path | None) -> None:
    """Take ballots in from a JSON file; without one, the three standard ones.

    A file with a fault is refused whole. The same id again changes the ballot; what was appraised with it keeps the words it had.
    """
    from fieldapp.ballot import STANDARD, BallotsRefused, enter, read
    from sync.archive import Objected
    from sync.error import Refused

    try:
        bodies = read(file or STANDARD)
    except BallotsRefused as refused:
        raise CommandRefused(f"{(file or STANDARD).name}: {refused}") from refused
    with opened(settings_for(data)) as services:
        try:
            changed = enter(services, bodies, by)
        except (Objected, Refused) as objected:
            raise CommandRefused(str(objected)) from objected
    click.echo(f"{len(bodies)} ballots, {changed} of them new or changed.")
