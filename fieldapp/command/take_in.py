"""`fieldapp import`: packages into an archive, answers into a station. `import` is a word of Python's, so no module has the name."""

from contextlib import ExitStack
from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused
from sync.intake import Intake, Report


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--answer",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write with the receipts that go back.",
)
@click.option(
    "--vouch",
    metavar="NAME",
    help="Vouch for another archive of this name, whose packages are taken in from now on.",
)
@data_option
def command(files: tuple[Path, ...], answer: Path | None, vouch: str | None, data: Path | None) -> None:
    """Take packages in: each record is judged as if its phone had sent it.

    Exit code 1 when something was not taken in; what, is said by name. Everything else is in the archive, and trying again does
    no harm.
    """
    settings = settings_for(data)
    from fieldapp.command.station import is_station, take_answers

    if is_station(settings.data):
        take_answers(settings.data, files)
        return
    with opened(settings) as services, ExitStack() as stack:
        intake = Intake(services.archive, services.decryption, "archive", vouch)
        handles = [(path.name, stack.enter_context(path.open("rb"))) for path in files]
        size = sum(path.stat().st_size for path in files) * 3 // 4
        with click.progressbar(length=size, label="Taking in") as bar:
            report = intake.take(handles, bar.update)
            bar.update(size - bar.pos)
        if answer is not None:
            with answer.open("wb") as file:
                intake.answer(report, file)
    show(report)


def show(report: Report) -> None:
    """Print what became of the packages; raise `CommandRefused` when something was not taken in."""
    words = ", ".join(f"{count} {verdict}" for verdict, count in sorted(report.verdicts.items()))
    click.echo(f"Records: {words or 'none'}")
    click.echo(f"Photos: {len(report.photos)}")
    for one in report.refusals:
        click.echo(f"  {one.verdict}: {one.reason} {one.hash or ''} {one.detail or ''}".rstrip(), err=True)
    for fault in report.faults:
        click.echo(
            f"  not taken in: {fault.file} {fault.member or ''} {fault.reason}".replace("  ", " "), err=True
        )
    if report.faults or report.refusals:
        raise CommandRefused(
            f"{len(report.faults) + len(report.refusals)} not taken in; everything else is in the archive"
        )
