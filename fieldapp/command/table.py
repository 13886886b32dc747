"""`fieldapp table`: an office's tables taken in and written, as the desk's page does it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fieldapp import shifted
from fieldapp.catalogue import DEFAULT_LANGUAGE, LANGUAGES, load
from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused
from fieldapp.sheet.column import TABLES

if TYPE_CHECKING:
    from fieldapp.sheet.layout import Layout

kind_argument = click.argument("kind", type=click.Choice(list(TABLES)))
by_option = click.option("--by", required=True, help="The administrator who does it, as named in records.")
language_option = click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language of what is told.",
)


@click.group("table")
def command() -> None:
    """Tables of projects, units and people, the monthly progress table first of all."""


@command.command("import")
@kind_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
@click.option("--check", is_flag=True, help="Only say what would be written.")
@click.option("--sheet", help="Sheet of the file. [default: the first with a table in it]")
@click.option("--month", default="", help="Month, YYYY-MM, where the table does not say it.")
@click.option(
    "--system", type=click.Choice(shifted.SYSTEMS), default="wgs84", show_default=True, help="Of coordinates."
)
@click.option("--percent", type=click.Choice(["auto", "percent", "fraction"]), default="auto", show_default=True,
              help="Whether 35 or 0.35 is thirty-five percent.")  # fmt: skip
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEADING=NAME",
    help="What a column is; may be given several times.",
)
@language_option
@data_option
def take_in(
    kind: str,
    file: Path,
    by: str,
    check: bool,
    sheet: str | None,
    month: str,
    system: str,
    percent: str,
    columns: tuple[str, ...],
    language: str,
    data: Path | None,
) -> None:
    """Take a table in from .xlsx, .xls or .csv: all of it, or with any row that is wrong nothing, and every such row is named."""
    from fieldapp.sheet.heading import known, mapped
    from fieldapp.sheet.preview import look, take
    from fieldapp.sheet.row import Asked
    from fieldapp.sheet.told import fault_words

    words, table = load(language), TABLES[kind]
    chosen = _layout(file, sheet, known(table), words)
    asked = Asked(
        tuple(_named(chosen.headings, mapped(chosen.headings, known(table)), columns)),
        month or chosen.month,
        system,
        percent,
    )
    with opened(settings_for(data)) as services:
        with services.database.reading() as session:
            preview = look(services, session, table, chosen, asked, by, language)
        for fault in preview.faults:
            told = fault_words(fault, table, language)
            click.echo(f"{words['sheet.row']} {fault.row} {fault.heading} {fault.text}: {told}", err=True)
        counts = {state: preview.count(state) for state in ("new", "changed", "same")}
        click.echo(words["sheet.counts"].format(**counts, faults=len(preview.faults)))
        if preview.faults:
            raise CommandRefused(words["sheet.faulty"])
        if not check:
            done = take(services, table, chosen, asked, by, preview.digest)
            click.echo(words["sheet.done_words"].format(file=file.name, n=len(done.drafts)))


def _layout(file: Path, sheet: str | None, known: Mapping[str, str], words: Mapping[str, str]) -> "Layout":
    """Return where the table of a file is."""
    from fieldapp.sheet import layout, source
    from fieldapp.xlsform.workbook import MAX_FILE_BYTES, WorkbookRefused

    with file.open("rb") as opened_file:
        content = opened_file.read(MAX_FILE_BYTES + 1)
    try:
        sheets = source.read(content)
    except WorkbookRefused as refused:
        raise CommandRefused(words[f"sheet.file_{refused.reason}"].format(file=file.name)) from refused
    found = (layout.find(rows, known) for name, rows in sheets.items() if sheet in (None, name))
    chosen = next((one for one in found if one), None)
    if chosen is None:
        raise CommandRefused(words["sheet.no_table"])
    return chosen


def _named(headings: list[str], found: list[str], given: tuple[str, ...]) -> list[str]:
    """Return the columns with those a person names in place of what was found."""
    said = dict(one.rpartition("=")[::2] for one in given)
    unknown = [heading for heading in said if heading not in headings]
    if unknown:
        raise CommandRefused(
            f"the table has no column {unknown[0]!r}; it has {', '.join(filter(None, headings))}"
        )
    taken = set(said.values())
    return [
        said.get(heading, "" if name in taken else name)
        for heading, name in zip(headings, found, strict=True)
    ]


@command.command("export")
@kind_argument
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@by_option
@click.option("--month", default="", help="Of the monthly table one month only, YYYY-MM.")
@language_option
@data_option
def write(kind: str, file: Path, by: str, month: str, language: str, data: Path | None) -> None:
    """Write a table as .xlsx or .csv, in the columns in which it is taken in; the act is registered."""
    from fieldapp import register
    from fieldapp.sheet import export
    from fieldapp.sheet.file import Facts, write_csv, write_xlsx

    writers = {".xlsx": write_xlsx, ".csv": write_csv}
    if file.suffix not in writers:
        raise click.UsageError("FILE ends with .xlsx or .csv")
    words, table = load(language), TABLES[kind]
    title = f"{words[f'sheet.table.{kind}']} {month}".strip()
    with opened(settings_for(data)) as services:
        at = services.clock().astimezone(services.settings.zone)
        lines = [
            (words["export.of"], title),
            (words["export.by"], by),
            (words["export.at"], f"{at:%Y-%m-%d %H:%M}"),
        ]
        with services.database.writing() as session:
            register.add(services, session, by, register.EXPORTED, f"table?kind={kind}", register.COMMAND)
        with services.database.reading() as session, file.open("wb") as target:
            facts = Facts(title, words["export.about"], by, lines)
            writers[file.suffix](
                target,
                facts,
                export.headings(table, language),
                export.rows(session, table, None, language, month),
            )
    click.echo(str(file))
