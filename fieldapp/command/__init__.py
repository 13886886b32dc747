"""The command `fieldapp`. Exit codes: 0 done, 1 refused with one clear line, 2 wrong usage.

Subcommands import what they need when they run, so that `--help` answers at once.
"""

import importlib
from typing import Any

import click

# name of a command, and of its module; the line `--help` shows for it.
COMMANDS = {
    "serve": "Serve the archive of a data folder.",
    "demo": "Fill a demo city, once, and serve it.",
    "user": "Accounts: add, list, password, deactivate.",
    "key": "Keys: list, rotate the archive's own, revoke a phone's.",
    "annex": "Confidential annexes: recovery key, readers, opening one offline.",
    "verify": "Check every seal, chain and photo.",
    "rebuild": "Make the folded tables again from the records.",
    "backup": "Back the archive up while it is used.",
    "restore": "Make an archive again from a backup.",
    "export": "Write packages to carry: projects, what a station holds, keys.",
    "import": "Take packages in, write the answer that goes back.",
    "table": "Take tables of projects, units and people in, and write them.",
    "checklist": "Take checklists in from Excel (XLSForm).",
    "ballot": "Take in the ballots of appraisals on site.",
    "template": "Word templates of documents: write ours, check your own.",
    "station": "Serve a relay that keeps and forwards what phones send.",
    "settings": "Show every setting with its present value.",
}
# `import` is a word of Python's.
MODULES = {"import": "take_in"}


class Lazy(click.Group):
    """Loads a subcommand when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order people need them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a subcommand; None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        module = MODULES.get(cmd_name, cmd_name)
        command: click.Command = importlib.import_module(f"fieldapp.command.{module}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; what a person can mend becomes one line on stderr and exit code 1, a bug stays loud."""
        from fieldapp.command.refusal import refusals

        try:
            return super().invoke(ctx)
        except refusals() as refusal:
            raise click.ClickException(str(refusal)) from refusal

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fieldapp")
def group() -> None:
    """Offline field inspection: visits recorded on a phone, sealed, and kept in an archive."""


def main() -> None:
    """Run the command."""
    group(prog_name="fieldapp")
