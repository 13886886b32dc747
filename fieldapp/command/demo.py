"""`fieldapp demo`: a fictional city to try everything on, filled once through the same append path as everything else."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
import segno

from fieldapp import account
from fieldapp.command.archive import opened
from fieldapp.command.progress import told
from fieldapp.command.refusal import CommandRefused
from fieldapp.command.serve import (
    LOOPBACK,
    addresses,
    announce,
    certificate_for,
    origin_of,
    require_free,
    require_sense,
    run,
    server_options,
)
from fieldapp.password import new_password
from fieldapp.services import Services
from fieldapp.settings import Settings

# The city's own department; everything else is as in any installation.
DEPARTMENT, NUMBER_PREFIX = "云岭市走访档案中心", "云一线走"
LOGINS = "demo-logins.json"


@click.command("demo")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fieldapp-demo"),
    show_default=True,
    help="Folder of the demo; filled when it is not there.",
)
@click.option("--fill-only", is_flag=True, help="Fill the folder and end, without serving.")
@click.option("--here-only", is_flag=True, help="Serve this machine only, no phones in its network.")
@click.option(
    "--phone-port", default=8443, show_default=True, type=click.IntRange(1, 65535), help="Port for phones."
)
@server_options
def command(
    data: Path,
    fill_only: bool,
    here_only: bool,
    phone_port: int,
    host: str,
    port: int,
    is_https: bool,
    names: tuple[str, ...],
    cert: Path | None,
    key: Path | None,
) -> None:
    """Fill the demo city the first time, print how to log in, and serve it."""
    is_shared = is_https or host not in LOOPBACK
    # On http for this machine only, the names are those of the server for phones.
    require_sense(names if is_shared else (), is_https, cert, key)
    settings = Settings.from_environment(data=data, department=DEPARTMENT, number_prefix=NUMBER_PREFIX)
    if not fill_only:
        require_free(host, port)
    if not (data / LOGINS).exists():
        fill(settings)
    if fill_only:
        show_logins(data)
        return
    certificate = certificate_for(settings, host, names, is_https, cert, key)
    if is_shared:
        announce(settings, host, port, names, certificate)
        show_logins(data)
        show_code(origin_of(host, port, names, certificate is not None), certificate is not None)
        run(settings, host, port, certificate)
        return
    click.echo(f"Open {origin_of(host, port, (), is_https=False)}/")
    show_logins(data)
    with served_to_phones(data, phone_port, names, here_only):
        run(settings, host, port, certificate)


@contextmanager
def served_to_phones(data: Path, port: int, names: tuple[str, ...], here_only: bool) -> Iterator[None]:
    """Serve the same folder to phones in the network over https, beside the server of this machine, as long as that one runs."""
    own = list(names) or addresses("0.0.0.0")
    if here_only or not own:
        click.echo(
            "Phones: not served. "
            + ("Started with --here-only." if here_only else "This machine has no network.")
        )
        yield
        return
    try:
        require_free("0.0.0.0", port)
    except CommandRefused as refused:
        click.echo(f"Phones: not served. {refused}; choose another --phone-port.")
        yield
        return
    words = ["serve", "--data", str(data), "--host", "0.0.0.0", "--port", str(port), "--https"]
    words += [word for name in names for word in ("--name", name)]
    child = subprocess.Popen([sys.executable, "-m", "fieldapp", *words], stdout=subprocess.DEVNULL)
    try:
        show_code(origin_of("0.0.0.0", port, names, is_https=True), is_https=True)
        yield
    finally:
        child.terminate()
        child.wait(15)


def fill(settings: Settings) -> None:
    """Load the city beside the folder and move it into place when it is whole: an interrupted load leaves nothing half-filled."""
    from dataclasses import replace

    from fieldapp import demo

    part = settings.data.with_name(settings.data.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    began = time.monotonic()
    with opened(replace(settings, data=part)) as services:
        with told("Filling the demo city") as tell:
            demo.load(services.archive, services.database, date.today(), tell)
        logins = add_accounts(services, demo.logins())
    _write_private(part / LOGINS, json.dumps(logins, ensure_ascii=False, indent=1))
    part.rename(settings.data)
    click.echo(f"Filled in {time.monotonic() - began:.0f} s")


def add_accounts(services: Services, people: list[tuple[str, str, str, str, str]]) -> list[dict[str, str]]:
    """Make an account for every person, one password for each role; return what is to be printed, one line for each role."""
    passwords = {role: new_password() for _, _, role, _, _ in people}
    shown: dict[str, dict[str, str]] = {}
    with services.database.writing() as session:
        for username, person, role, name, _ in people:
            account.add(
                session,
                username=username,
                password=passwords[role],
                person=person,
                role=role,
                name=name,
                at=services.clock(),
            )
            entry = shown.setdefault(role, {"role": role, "password": passwords[role], "usernames": ""})
            entry["usernames"] = f"{entry['usernames']} {username}".strip()
    return list(shown.values())


def show_logins(data: Path) -> None:
    """Print the demo's logins."""
    for one in json.loads((data / LOGINS).read_text("utf-8")):
        names = one["usernames"].split()
        many = f"{names[0]} … {names[-1]}" if len(names) > 3 else ", ".join(names)
        click.echo(f"  {one['role']:<14} {many:<12} password {one['password']}")


def show_code(origin: str, is_https: bool) -> None:
    """Print a code for a phone's camera and what the phone needs first, or what is missing for one."""
    if not is_https:
        click.echo(
            "Phones can open this address, but not work with it: http gives them no storage. Use --https."
        )
        return
    click.echo(f"Phones in this network: {origin}/phone/")
    click.echo(
        f"  once before: open {origin}/certificate on the phone and install it, so that it trusts this server."
    )
    segno.make(f"{origin}/phone/", error="m").terminal(compact=True)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text + "\n")
