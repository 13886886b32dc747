"""`fieldapp rebuild`: folds the tables that pages read anew from the records."""

from pathlib import Path

import click
from sqlmodel import select

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.progress import bar


@click.command("rebuild")
@data_option
def command(data: Path | None) -> None:
    """Make every folded table again from the sealed records. Harmless at any time; nothing sealed changes."""
    from sync.rebuild import rebuild
    from sync.table import Unfolded
    from sync.verify import records

    with opened(settings_for(data)) as services:
        with bar(records(services.archive), "Folding") as progress:
            count = rebuild(services.archive, progress)
        with services.database.reading() as session:
            unfolded = session.exec(select(Unfolded).order_by(Unfolded.entity)).all()
    click.echo(f"{count} records folded")
    for one in unfolded:
        click.echo(f"not folded: {one.entity} in {one.stream}: {one.error}", err=True)
