"""`fieldapp restore`: an archive made again from a backup, in a data folder that holds none."""

from dataclasses import replace
from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.progress import bar
from fieldapp.command.refusal import CommandRefused


@click.command("restore")
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the backup.",
)
@data_option
def command(folder: Path, data: Path | None) -> None:
    """Fill an empty archive from a backup. Its key (`key/archive.pem`) and `lasting.ndjson` must be in the data folder before.

    The archive opens a new epoch, so that phones offer again what came after the backup; then everything is verified.
    """
    from fieldapp.services import database_of, photo_store
    from sync import rollback
    from sync.backup import check, restore
    from sync.verify import size, verify

    settings = settings_for(data)
    settings = replace(settings, data=settings.data.absolute())
    held = check(folder)
    _require_what_is_kept_apart(settings.data, folder, held.archive)
    database = database_of(settings)
    try:
        with bar(held.photos, "Copying photos") as progress:
            _, lacking = restore(folder, database, photo_store(settings), progress)
    finally:
        database.close()
    with opened(settings) as services:
        if not services.archive.is_rolled_back:
            rollback.open_epoch(services.archive, "restored")
        with bar(size(services.archive), "Checking") as progress:
            report = verify(services.archive, (), progress)
    click.echo(
        f"{report.records} records and {report.photos} photos restored; phones will offer again what came later"
    )
    for sha256 in lacking:
        click.echo(f"photo {sha256} is not in the backup: phones that still have it send it again", err=True)
    # A photo known to be lacking is said above; anything else is damage.
    damages = [one for one in report.damages if not any(sha256 in one.where for sha256 in lacking)]
    for damage in damages:
        click.echo(f"damaged: {damage}", err=True)
    if damages:
        raise CommandRefused(f"{len(damages)} damaged")


def _require_what_is_kept_apart(data: Path, backup: Path, archive: str) -> None:
    """Refuse before anything is written: a folder that could not be opened afterwards, or that would undo an erasure by law."""
    from fieldapp.lasting import Lasting
    from sync.backup import archive_keys
    from sync.key import SealingKey

    key, lasting = data / "key" / "archive.pem", data / "lasting.ndjson"
    if not key.is_file():
        raise CommandRefused(
            f"{key} is missing: put the archive's key there first; without it nothing can be restored"
        )
    if not lasting.is_file():
        raise CommandRefused(
            f"{lasting} is missing: without it what was erased by law since the backup comes back;"
            " put it there, or an empty file if it is lost"
        )
    if SealingKey.from_pem(key.read_bytes()).kid not in archive_keys(backup, Lasting(lasting).lines()):
        raise CommandRefused(f"{key} is not a key of archive {archive}")
