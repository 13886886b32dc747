"""`fieldapp settings`: what an installation may set, and what it has set."""

from dataclasses import fields
from pathlib import Path

import click
from sqlalchemy import make_url

from fieldapp.command.archive import data_option, settings_for
from fieldapp.settings import PREFIX


@click.command("settings")
@data_option
def command(data: Path | None) -> None:
    """Show every setting: environment name, present value, meaning."""
    settings = settings_for(data)
    for one in fields(settings):
        value = getattr(settings, one.name)
        if one.name == "database" and value:
            value = make_url(value).render_as_string(hide_password=True)
        click.echo(f"{PREFIX}{one.name.upper()}={value}\n    {one.metadata['meaning']}")
