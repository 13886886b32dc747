"""`fieldapp verify`: checks every seal, chain, statement and photo of an archive; names what is damaged, changes nothing."""

import time
from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.progress import bar


@click.command("verify")
@click.option(
    "--receipts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with receipts somebody holds, one JWS a line, to check against the archive.",
)
@data_option
def command(receipts: Path | None, data: Path | None) -> None:
    """Check the archive of a data folder. Exit code 0: whole; 1: damaged, with a line for each damage."""
    from sync.verify import size, verify

    held = receipts.read_text("ascii").split() if receipts else []
    with opened(settings_for(data)) as services:
        began = time.monotonic()
        with bar(size(services.archive), "Checking") as progress:
            report = verify(services.archive, held, progress)
        took_s = max(time.monotonic() - began, 0.001)
    for damage in report.damages:
        click.echo(f"damaged: {damage}", err=True)
    click.echo(
        f"{report.records} records, {report.photos} photos ({report.photo_bytes / 1e6:.1f} MB), {report.receipts} receipts"
        f" in {took_s:.1f} s ({report.records / took_s:.0f} records/s)"
    )
    if report.erased:
        click.echo(f"{report.erased} records erased by law: their bytes can no longer be checked")
    if not report.is_whole:
        raise click.ClickException(f"{len(report.damages)} damaged")
    click.echo("every seal, chain and photo that can be checked is as it was sealed")
