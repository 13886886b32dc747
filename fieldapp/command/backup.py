"""`fieldapp backup`: one state of the archive and its photos in a folder, while others go on writing."""

from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.progress import bar


@click.command("backup")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the backup; made when missing, brought up to date when it holds one.",
)
@data_option
def command(folder: Path, data: Path | None) -> None:
    """Back the archive up. Keys are left out on purpose: keep the folder `key` and `lasting.ndjson` apart, on paper or a stick."""
    from sync.backup import back_up
    from sync.verify import photos

    with opened(settings_for(data)) as services:
        archive = services.archive
        with bar(photos(archive), "Copying photos") as progress:
            held = back_up(services.database, services.photos, folder, archive.now(), progress)
    click.echo(f"{held.records} records and {held.photos} photos of archive {held.archive} in {folder}")
