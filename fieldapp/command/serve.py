"""`fieldapp serve`: the archive behind a production server, on http for this machine or https for phones."""

import multiprocessing
import os
import socket
from pathlib import Path
from typing import Any

import click
from sqlmodel import col, select

from fieldapp import tls
from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused
from fieldapp.services import Services
from fieldapp.settings import Settings
from sync.table import Media

# A phone on a weak network may take minutes to send its body, and holds a thread meanwhile.
THREADS = 64
# So many may have been erased by law just now; all of them being away is another matter.
NEWEST_PHOTOS = 5
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PHONE_NEEDS = """\
What a phone needs:
  - https. Over plain http a phone's browser gives no storage that lasts, no camera position, no app without a network;
    only this machine itself may use http.
  - one address for ever. What a phone has stored belongs to exactly this name and port; under another one it starts empty.
"""


def server_options(command: Any) -> Any:
    """Add the options of a server: address, port, https."""
    for option in (
        click.option(
            "--key",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Private key (PEM) of --cert.",
        ),
        click.option(
            "--cert",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Certificate chain (PEM).",
        ),
        click.option(
            "--name", "names", multiple=True, help="Name or address phones will use; may be repeated."
        ),
        click.option(
            "--https", "is_https", is_flag=True, help="Serve https; without --cert a local authority is made."
        ),
        click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535)),
        click.option(
            "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all."
        ),
    ):
        command = option(command)
    return command


@click.command("serve")
@data_option
@click.option(
    "--photos-lost", is_flag=True, help="Serve although the photos are gone; phones send what they have."
)
@server_options
def command(
    data: Path | None,
    photos_lost: bool,
    host: str,
    port: int,
    is_https: bool,
    names: tuple[str, ...],
    cert: Path | None,
    key: Path | None,
) -> None:
    """Serve the archive of a data folder until Ctrl-C or SIGTERM."""
    require_sense(names, is_https, cert, key)
    settings = settings_for(data)
    require_free(host, port)
    # Opened here first, so that what is wrong is said here and not by a worker; uploads nobody went on with are forgotten.
    with opened(settings) as services:
        if not photos_lost:
            require_photos(services)
        services.uploads.sweep()
    certificate = certificate_for(settings, host, names, is_https, cert, key)
    click.echo(f"Archive in {settings.data.resolve()}")
    announce(settings, host, port, names, certificate)
    run(settings, host, port, certificate)


def require_photos(services: Services) -> None:
    """Raise `CommandRefused` when the newest photos of the database are not in the photo store: it is another machine's, or lost."""
    with services.database.reading() as session:
        newest = session.exec(
            select(Media.sha256).order_by(col(Media.stored_at).desc()).limit(NEWEST_PHOTOS)
        ).all()
    if newest and not any(services.photos.has(sha256) for sha256 in newest):
        place = services.settings.photos or services.settings.data / "photo"
        raise CommandRefused(
            f"the newest photos of this archive are not in {place}: every machine that serves it needs the same photo store "
            "(FIELDAPP_PHOTOS). If they are lost, serve with --photos-lost"
        )


def require_sense(names: tuple[str, ...], is_https: bool, cert: Path | None, key: Path | None) -> None:
    """Raise `UsageError` for options that do not go together, before anything is opened or made."""
    if (cert is None) != (key is None):
        raise click.UsageError("--cert and --key belong together")
    if not is_https and (cert or names):
        raise click.UsageError("--cert, --key and --name are for --https")


def certificate_for(
    settings: Settings, host: str, names: tuple[str, ...], is_https: bool, cert: Path | None, key: Path | None
) -> tuple[Path, Path] | None:
    """Return certificate and key to serve with: those given, or made by the local authority; None for http."""
    if cert and key:
        return cert, key
    if not is_https:
        return None
    return tls.certificate(settings.data / tls.FOLDER, names_of(host, names))


def names_of(host: str, names: tuple[str, ...]) -> list[str]:
    """Return the names a certificate must cover: those given, else this machine's own; loopback always."""
    own = list(names) or [socket.gethostname(), *addresses(host)]
    return list(dict.fromkeys([*own, "localhost", "127.0.0.1"]))


def addresses(host: str) -> list[str]:
    """Return the addresses under which others in the network reach this machine, the most likely first."""
    if host not in ("0.0.0.0", "::"):
        return [host]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only says which of its addresses would be used.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]


def origin_of(host: str, port: int, names: tuple[str, ...], is_https: bool) -> str:
    """Return the address a person opens."""
    found = names[0] if names else next(iter(addresses(host)), "localhost")
    default = 443 if is_https else 80
    shown = f"[{found}]" if ":" in found else found
    return f"{'https' if is_https else 'http'}://{shown}" + ("" if port == default else f":{port}")


def announce(
    settings: Settings, host: str, port: int, names: tuple[str, ...], certificate: tuple[Path, Path] | None
) -> None:
    """Say where the archive is served and, when others can reach it, what their phones need."""
    origin = origin_of(host, port, names, certificate is not None)
    click.echo(f"Open {origin}/")
    if certificate is None and host in LOOPBACK:
        click.echo("Only this machine can open that address; phones need --host 0.0.0.0 --https.")
        return
    click.echo(PHONE_NEEDS, nl=False)
    if certificate is None:
        click.echo("This server speaks http: phones will refuse it. Start again with --https.")
    elif certificate[0].parent == settings.data / tls.FOLDER:
        click.echo(
            f"  - trust in this server's own authority: open {origin}/certificate on the phone, install the file, and allow it\n"
            "    (iOS: Settings > General > About > Certificate Trust Settings; Android: Security > Install a certificate > CA)."
        )


def run(
    settings: Settings,
    host: str,
    port: int,
    certificate: tuple[Path, Path] | None,
    target: str = "fieldapp.wsgi:app",
    has_threads: bool = False,
) -> None:
    """Serve until told to stop; returns after a clean stop. `has_threads`: this process does something else meanwhile."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ.update(settings.environment())
    if settings.photos or has_threads:
        # A fork would copy the locks that other threads hold, for ever; the S3 client has threads too.
        multiprocessing.set_start_method("spawn", force=True)
    cert, key = certificate or (None, None)
    # One process: SQLite has one writer, and its waiting is short. Threads answer while others wait for disk or password hashes.
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        log_level=LogLevels.error,
        ssl_cert=cert,
        ssl_key=key,
    )
    server.serve()


def require_free(host: str, port: int) -> None:
    """Raise `CommandRefused` unless this address and port can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandRefused(
                f"{host} port {port} cannot be used: {error.strerror}; choose another --port"
            ) from error
