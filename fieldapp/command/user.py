"""`fieldapp user`: accounts of an archive. Passwords are asked for, or read from standard input; never given as arguments."""

import sys
from pathlib import Path

import click
from sqlmodel import Session

from fieldapp import account, register, second_factor
from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused
from fieldapp.login import end_logins
from fieldapp.password import AT_LEAST, AT_MOST, PasswordRefused
from fieldapp.services import Services
from sync.rule import ROLES

WHY = {
    "short": f"the password needs at least {AT_LEAST} characters",
    "long": f"the password may have at most {AT_MOST} characters",
    "common": "the password is one that is tried first; take a longer or less usual one",
}


@click.group("user")
def command() -> None:
    """Accounts: who may log in, as which person, in which role."""


@command.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)), help="What the account may do.")
@click.option("--person", help="The person its records name as author. [default: the user name]")
@click.option("--name", default="", help="The name shown on screens. [default: the user name]")
@data_option
def add(username: str, role: str, person: str | None, name: str, data: Path | None) -> None:
    """Make an account. The password is asked for twice, or read as one line from a pipe."""
    settings = settings_for(data)
    password = ask_password()
    with opened(settings) as services, services.database.writing() as session:
        try:
            account.add(
                session,
                username=username,
                password=password,
                person=person or username.lower(),
                role=role,
                name=name,
                at=services.clock(),
            )
            _note(services, session, "account_made", username, role)
        except PasswordRefused as refused:
            raise CommandRefused(WHY[refused.reason]) from refused
    click.echo(f"{username}: account made")


@command.command("list")
@data_option
def show(data: Path | None) -> None:
    """List all accounts: user name, person, role, state, name."""
    with opened(settings_for(data)) as services, services.database.reading() as session:
        for one in account.everybody(session):
            state = "active" if one.is_active else "closed"
            click.echo(f"{one.username}\t{one.person}\t{one.role}\t{state}\t{one.name}")


@command.command("password")
@click.argument("username")
@data_option
def password(username: str, data: Path | None) -> None:
    """Give an account a new password and end its logins."""
    new = ask_password()
    with opened(settings_for(data)) as services, services.database.writing() as session:
        try:
            account.set_password(session, username, new, end_logins)
            _note(services, session, "password_given", username)
        except PasswordRefused as refused:
            raise CommandRefused(WHY[refused.reason]) from refused
    click.echo(f"{username}: password changed, logins ended")


@command.command("deactivate")
@click.argument("username")
@data_option
def deactivate(username: str, data: Path | None) -> None:
    """Close an account at once. Its records stay, and its phones may still hand over what they hold."""
    with opened(settings_for(data)) as services, services.database.writing() as session:
        account.deactivate(session, username, end_logins)
        _note(services, session, "account_closed", username)
    click.echo(f"{username}: account closed, logins ended")


@command.command("reset")
@click.argument("username")
@data_option
def reset(username: str, data: Path | None) -> None:
    """Remove the second factor of an account that lost it, and end its logins. For an archive whose only administrator is locked out."""
    with opened(settings_for(data)) as services, services.database.writing() as session:
        found = account.find(session, username)
        if not second_factor.remove(session, found.username):
            raise CommandRefused(f"{username}: there is no second factor")
        end_logins(session, found.username)
        _note(services, session, "factor_reset", username)
    click.echo(f"{username}: second factor removed, logins ended")


def _note(services: Services, session: Session, act: str, username: str, words: str = "") -> None:
    register.add(services, session, register.COMMAND, act, f"account:{username.lower()}", words)


def ask_password() -> str:
    """Return a new password: asked for twice at a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise CommandRefused("no password on standard input")
    return line
