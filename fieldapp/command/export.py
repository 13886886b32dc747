"""`fieldapp export`: an archive's projects, a station's unsent records, or an archive's keys, as files to carry."""

from pathlib import Path

import click

from fieldapp.command.archive import data_option, opened, settings_for
from fieldapp.command.refusal import CommandRefused
from sync import base64url, instant, key, packing, record
from sync.error import SyncError
from sync.package import Head, Part, plan
from sync.ring import Ring


@click.command("export")
@click.option("--project", "projects", multiple=True, help="Id of a project to pack; may be repeated.")
@click.option("--commons", "has_commons", is_flag=True, help="Pack what all projects share, too.")
@click.option("--unsent", "is_unsent", is_flag=True, help="Pack what a station has not handed over yet.")
@click.option("--keys", "is_keys", is_flag=True, help="Write the archive's key records, for --for elsewhere.")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; FILE.1of3 and so on when one is not enough.",
)
@click.option(
    "--for",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Key records of the archive that is to open the package. [default: this archive]",
)
@click.option(
    "--part-mb", default=512, show_default=True, type=click.IntRange(1, 1900), help="Size of one file."
)
@data_option
def command(
    projects: tuple[str, ...],
    has_commons: bool,
    is_unsent: bool,
    is_keys: bool,
    target: Path,
    key_file: Path | None,
    part_mb: int,
    data: Path | None,
) -> None:
    """Write a package that only one archive can open, or that archive's keys.

    The package is encrypted; it may be carried by anybody, on anything. Take it in with `fieldapp import`.
    """
    if [bool(projects or has_commons), is_unsent, is_keys].count(True) != 1:
        raise click.UsageError("one of --project/--commons, --unsent, --keys")
    if is_unsent:
        from fieldapp.command.station import export_unsent

        export_unsent(settings_for(data).data, target, key_file, part_mb)
        return
    with opened(settings_for(data)) as services:
        archive = services.archive
        if is_keys:
            target.write_bytes(b"".join(line + b"\n" for line in packing.keys_of(archive)))
            click.echo(f"Keys of archive {archive.name}")
            return
        streams = [*(["commons"] if has_commons else []), *(f"project:{one}" for one in projects)]
        for name in streams:
            if not record.STREAM.fullmatch(name) or not archive.heads([name]):
                raise CommandRefused(f"there is nothing in {name}")
        source = packing.ArchiveSource(archive, streams)
        ring = Ring(archive.name, packing.keys_of(archive)) if key_file is None else ring_of(key_file)
        head = head_of(ring, archive.name, "command")
        write(target, source, head, recipient_of(ring), part_mb)


def head_of(ring: Ring, keys_of: str, written_by: str) -> Head:
    """Return the head of a package for the archive of a ring, written now."""
    import secrets

    from fieldapp.services import now

    return Head(
        archive=ring.archive,
        keys_of=keys_of,
        written_by="station" if written_by == "station" else "command",
        written_at=instant.write(now()),
        package=base64url.encode(secrets.token_bytes(16)),
        encrypted_to=key.kid_of(recipient_of(ring)),
    )


def write(target: Path, source: packing.Source, head: Head, recipient: key.Jwk, part_mb: int) -> None:
    """Write the files with a progress bar, and say what they hold and who can open them."""
    parts = plan(source.items(), part_mb * 1024 * 1024)
    with click.progressbar(length=packing.size_of(parts), label="Packing") as bar:
        files = packing.write(target, source, head, recipient, parts, bar.update)
    for file in files:
        click.echo(f"{file}  {file.stat().st_size:,} bytes")
    records, photos = (sum(len(each) for each in kind) for kind in zip(*_counted(parts), strict=True))
    click.echo(f"{records} records, {photos} photos, for archive {head.archive}")


def _counted(parts: list[Part]) -> list[tuple[list[str], dict[str, int]]]:
    return [(part.hashes, part.photos) for part in parts]


def ring_of(path: Path) -> Ring:
    """Return the keys in a file of key records; raise `CommandRefused` when they are not an archive's."""
    lines = path.read_bytes().splitlines()
    try:
        first = record.parse(lines[0])
        return Ring(key.kid_of(first.body["jwk"]), lines)
    except (IndexError, KeyError, TypeError, SyncError) as error:
        raise CommandRefused(f"{path} holds no key records of an archive: {error}") from error


def recipient_of(ring: Ring) -> key.Jwk:
    """Return the key to encrypt to; raise `CommandRefused` when that archive has announced none."""
    if ring.encryption is None:
        raise CommandRefused(f"archive {ring.archive} has announced no key for packages")
    return ring.encryption
