"""Opening the archive of a data folder from the command line, with one clear line when that cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError

from fieldapp.command.refusal import CommandRefused
from fieldapp.services import Services, open_services
from fieldapp.settings import Settings
from sync.photo import StoreBusy


def data_option(command: Any) -> Any:
    """Add `--data` to a command."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Data folder; made when missing. [default: FIELDAPP_DATA or ./fieldapp-data]",
    )(command)


def settings_for(data: Path | None) -> Settings:
    """Return the settings of the environment, the data folder given on the command line before it."""
    return Settings.from_environment() if data is None else Settings.from_environment(data=data)


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    """Open an archive for one command and close its database afterwards."""
    try:
        services = open_services(settings)
    except DatabaseError as error:
        shown = make_url(settings.database_url).render_as_string(hide_password=True)
        raise CommandRefused(f"the database {shown} cannot be opened: {error.orig}") from error
    except StoreBusy as error:
        raise CommandRefused(f"the photos in {settings.photos} cannot be reached: {error}") from error
    try:
        yield services
    finally:
        services.database.close()
