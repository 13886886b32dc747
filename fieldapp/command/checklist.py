"""`fieldapp checklist`: templates of checklists, from the Excel files in which departments write them (XLSForm)."""

from pathlib import Path

import click

from fieldapp.catalogue import DEFAULT_LANGUAGE, LANGUAGES, load
from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused
from fieldapp.domain.visit import PURPOSES


@click.group("checklist")
def command() -> None:
    """Checklists: take templates in from Excel."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", help="The person who decides it, as named in records. Needed unless --check is given.")
@click.option("--check", is_flag=True, help="Only say whether the form would be taken in.")
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice(PURPOSES),
    help="Purpose of the visits it is for; may be given several times. [default: all]",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="WORD",
    help="Type of the projects it is for; may be given several times. [default: all]",
)
@click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language in which faults are told.",
)
@data_option
def take(
    file: Path,
    by: str | None,
    check: bool,
    purposes: tuple[str, ...],
    types: tuple[str, ...],
    language: str,
    data: Path | None,
) -> None:
    """Take a checklist in from an XLSForm (.xlsx, .xls): docs/checklists.md says what is understood.

    A form with anything else is refused whole, with sheet, row and reason for each. The same form_id again is a new edition of the same
    checklist; visits under way keep the one they began with.
    """
    from fieldapp.edition import EditionTaken, enter
    from fieldapp.xlsform.fault import XlsformRefused
    from fieldapp.xlsform.form import compile_form
    from fieldapp.xlsform.workbook import WorkbookRefused, read
    from sync.archive import Objected
    from sync.error import Refused

    if not check and not by:
        raise click.UsageError("Missing option '--by'.")
    words = load(language)
    try:
        body = compile_form(read(file), file.stem, purposes, types)
    except WorkbookRefused as refused:
        raise CommandRefused(words[f"xlsform.file_{refused.reason}"].format(file=file.name)) from refused
    except XlsformRefused as refused:
        for fault in refused.faults:
            place = words["xlsform.sheet_place" if fault.row == 0 else "xlsform.place"].format(
                sheet=fault.sheet, row=fault.row, column=fault.column
            )
            click.echo(
                place + words[f"xlsform.{fault.reason}"].format(word=fault.word, other=fault.other), err=True
            )
        raise CommandRefused(
            words["xlsform.refused"].format(file=file.name, n=len(refused.faults))
        ) from refused
    told = {"code": body["code"], "edition": body["edition"]}
    if check or by is None:
        click.echo(words["xlsform.fits"].format(**told))
        return
    with opened(settings_for(data)) as services:
        try:
            outcome = enter(services, body, by)
        except EditionTaken as taken:
            raise CommandRefused(words["xlsform.edition_taken"].format(**told)) from taken
        except (Objected, Refused) as objected:
            raise CommandRefused(str(objected)) from objected
    click.echo(words[f"xlsform.taken_{outcome}"].format(**told))
