"""`fieldapp station`: a relay on a laptop at a site. Keeps what phones send, hands it on when there is a way, brings receipts back."""

import io
import random
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from fieldapp.command.archive import data_option, settings_for
from fieldapp.command.refusal import CommandRefused
from fieldapp.command.serve import (
    certificate_for,
    origin_of,
    require_free,
    require_sense,
    run,
    server_options,
)
from fieldapp.services import now
from sync.client import Client, NotTheArchive
from sync.error import PackageRefused, SyncError
from sync.forward import Forwarder
from sync.package import KEYS, RECEIPTS, Item, Package
from sync.ring import Ring
from sync.station import FILE, Station
from sync.wire import HttpTransport, Unreachable

LEAST_S = 0.05
STOPPING_S = 5


@click.command("station")
@click.option("--upstream", required=True, metavar="URL", help="Address of the archive, as phones use it.")
@click.option("--archive", "name", metavar="NAME", help="Name of the archive; asked of it the first time.")
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate (PEM) of the authority the archive's certificate is from.",
)
@click.option("--login", metavar="USER", help="Account to mirror streams with; the password is asked for.")
@data_option
@server_options
def command(
    upstream: str,
    name: str | None,
    authority: Path | None,
    login: str | None,
    data: Path | None,
    host: str,
    port: int,
    is_https: bool,
    names: tuple[str, ...],
    cert: Path | None,
    key: Path | None,
) -> None:
    """Keep and forward what phones send, until Ctrl-C or SIGTERM. A station frees nothing; phones wait for the archive's receipts."""
    require_sense(names, is_https, cert, key)
    settings = settings_for(data)
    require_free(host, port)
    if (settings.data / "archive.db").exists():
        raise CommandRefused(f"{settings.data} holds an archive; a station needs a folder of its own")
    transport = _transport(upstream, authority)
    given = (login, _password()) if login else None
    with opened(settings.data, name, transport) as station:
        station.sweep()
        certificate = certificate_for(settings, host, names, is_https, cert, key)
        click.echo(f"Station in {settings.data.resolve()} for archive {station.archive}")
        click.echo(f"Phones: {origin_of(host, port, names, certificate is not None)}")
        forwarder = Forwarder(
            station, Client(transport, station.archive), time.monotonic, random.random, given
        )
        stop = threading.Event()
        # What it has not finished when the station ends, it finds again.
        thread = threading.Thread(target=_forward, args=(forwarder, stop), daemon=True)
        thread.start()
        try:
            run(settings, host, port, certificate, "fieldapp.station_wsgi:app", has_threads=True)
        finally:
            stop.set()
            thread.join(STOPPING_S)


def _forward(forwarder: Forwarder, stop: threading.Event) -> None:
    """Forward until told to stop; what goes wrong is said once, not at every try."""
    said = None
    while not stop.is_set():
        wait = forwarder.step()
        if forwarder.trouble != said:
            said = forwarder.trouble
            click.echo(f"Forwarding: {said or 'goes on'}", err=True)
        stop.wait(max(LEAST_S if wait else 0, wait))


def _transport(upstream: str, authority: Path | None) -> HttpTransport:
    try:
        return HttpTransport(upstream, authority)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")


@contextmanager
def opened(folder: Path, name: str | None, transport: HttpTransport | None = None) -> Iterator[Station]:
    """Open a station's folder; the first time its archive must be named, or answer."""
    if name is None and transport is not None and not is_station(folder):
        client = Client(transport)
        try:
            client.time()
        except (Unreachable, NotTheArchive) as error:
            raise CommandRefused(
                f"the archive does not answer ({error}); the first time it must, or be named by --archive"
            ) from error
        name = client.archive
    try:
        station = Station(folder, now, secrets.token_bytes, name)
    except SyncError as error:
        raise CommandRefused(str(error)) from error
    with closing(station):
        yield station


def is_station(folder: Path) -> bool:
    """Tell whether a data folder is a station's."""
    return (folder / FILE).exists()


class StationSource:
    """What a station has not handed over: the source of its packages."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.held = {str(one["hash"]): bytes(one["bytes"]) for one in station.held()}

    def items(self) -> Iterator[Item]:
        """Yield records not decided by the archive, or with photos to forward."""
        for record, data in self.held.items():
            yield Item(record, len(data), tuple(self.station.photos_of(record)))

    def load(self, record: str) -> bytes:
        """Return the bytes of a record."""
        return self.held[record]

    def photo(self, sha256: str) -> BinaryIO:
        """Open the bytes of a photo."""
        return self.station.photos.open(sha256)

    def keys(self) -> list[bytes]:
        """Return nothing: the archive knows its own keys."""
        return []

    def receipts(self, _records: object) -> list[bytes]:
        """Return nothing: what is unsent has no receipts."""
        return []


def export_unsent(folder: Path, target: Path, key_file: Path | None, part_mb: int) -> None:
    """Write what a station has not handed over as a package for its archive."""
    from fieldapp.command.export import head_of, recipient_of, ring_of, write

    if not is_station(folder):
        raise CommandRefused(f"{folder} is no station's folder")
    with opened(folder, None) as station:
        ring = ring_of(key_file) if key_file else station.ring()
        if ring is None:
            raise CommandRefused("the archive's keys are not known here: give them with --for")
        if ring.archive != station.archive:
            raise CommandRefused(f"{key_file} holds the keys of another archive than this station's")
        write(
            target,
            StationSource(station),
            head_of(ring, station.archive, "station"),
            recipient_of(ring),
            part_mb,
        )


def take_answers(folder: Path, files: tuple[Path, ...]) -> None:
    """Take the archive's receipts out of answers; only those that its keys prove."""
    count = 0
    with opened(folder, None) as station:
        for path in files:
            try:
                package = Package(io.BytesIO(path.read_bytes()))
                if package.head.archive != station.archive:
                    raise PackageRefused("other-archive")
                ring = Ring(station.archive, package.lines(KEYS))
                tokens = [line.decode("ascii", "replace") for line in package.lines(RECEIPTS)]
                count += len(station.keep_receipts(tokens, ring))
            except SyncError as error:
                raise CommandRefused(f"{path}: {error}") from error
    click.echo(f"Receipts for {count} records")
