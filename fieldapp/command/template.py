"""`fieldapp template`: the Word templates of documents, to be changed by a department and tried before they are used."""

from pathlib import Path

import click

from fieldapp.catalogue import DEFAULT_LANGUAGE, LANGUAGES
from fieldapp.command.refusal import CommandRefused


@click.group("template")
def command() -> None:
    """Word templates of documents: write ours to begin with, check your own."""


@command.command("write")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def write(folder: Path) -> None:
    """Write our templates into a folder, to be edited in Word; one that is there already stays as it is."""
    from fieldapp.document.kind import DOCUMENTS, ours

    folder.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        for language in LANGUAGES:
            path = folder / f"{name}.{language}.docx"
            if path.exists():
                click.echo(f"{path.name}: kept")
                continue
            path.write_bytes(ours(name, language))
            click.echo(f"{path.name}: written")


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a template `<document>.<language>.docx`: that it can be filled, and that every placeholder is one we fill."""
    from fieldapp.document.filling import TemplateRefused, placeholders
    from fieldapp.document.kind import DOCUMENTS, ours

    name, _, language = file.stem.partition(".")
    if name not in DOCUMENTS or (language or DEFAULT_LANGUAGE) not in LANGUAGES:
        known = ", ".join(f"{one}.{tag}.docx" for one in DOCUMENTS for tag in LANGUAGES)
        raise CommandRefused(f"{file.name} is not the name of a template; known are {known}")
    try:
        unknown = placeholders(file.read_bytes(), file.name) - placeholders(ours(name, language), name)
    except TemplateRefused as refused:
        raise CommandRefused(str(refused)) from refused
    if unknown:
        raise CommandRefused(f"{file.name}: nothing fills {', '.join(sorted(unknown))}")
    click.echo(f"{file.name}: can be filled")
