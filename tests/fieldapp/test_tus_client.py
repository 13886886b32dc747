"""tuspy, a tus client that others wrote, uploads to a running server: cut, killed, with checksums, and after an upload expired."""

import hashlib
import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from tests.browser.app_server import AppServer
from tests.fieldapp.wanted_photo import WantedPhoto, wanted_photo

PICTURE = os.urandom(300_000)
PIECE = 40_000


@pytest.fixture
def wanted(tmp_path: Path) -> WantedPhoto:
    return wanted_photo(tmp_path / "data", PICTURE)


@pytest.fixture
def server(wanted: WantedPhoto) -> Iterator[AppServer]:
    server = AppServer(wanted.data)
    server.start()
    yield server
    server.kill()


def uploader(server: AppServer, wanted: WantedPhoto, url: str | None = None, **options: Any) -> Any:
    client = TusClient(f"{server.origin}/sync/1/photos")
    given = {"metadata": wanted.metadata, "chunk_size": PIECE, "url": url, **options}
    return client.uploader(file_stream=io.BytesIO(wanted.picture), **given)


def test_an_upload_goes_on_after_the_server_was_killed(server: AppServer, wanted: WantedPhoto) -> None:
    first = uploader(server, wanted)
    first.upload_chunk()
    first.upload_chunk()
    server.kill()
    with pytest.raises(TusUploadFailed):
        first.upload_chunk()
    server.start()
    again = uploader(server, wanted, first.url)
    assert again.offset == 2 * PIECE
    again.upload()
    server.kill()
    assert wanted.is_safe()


def test_what_came_of_a_cut_piece_is_kept(server: AppServer, wanted: WantedPhoto) -> None:
    first = uploader(server, wanted)
    first.upload_chunk()
    path = first.url.removeprefix(server.origin)
    head = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {PIECE}\r\n"
    head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {PIECE}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as cut:
        cut.sendall(head.encode() + PICTURE[PIECE : PIECE + 1000])
    # The server may still be writing what came: then the client asks again where the upload stands.
    again = uploader(server, wanted, first.url, retries=20, retry_delay=1)
    assert PIECE <= again.offset <= PIECE + 1000
    again.upload()
    server.kill()
    assert wanted.is_safe()


def test_a_checksum_is_checked(
    server: AppServer, wanted: WantedPhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = uploader(server, wanted, upload_checksum=True)
    first.upload_chunk()
    with monkeypatch.context() as change:
        spoiling = property(lambda _self: lambda data: hashlib.sha1(data + b"x"))
        change.setattr(type(first), "checksum_algorithm", spoiling)
        with pytest.raises(TusCommunicationError) as refused:
            first.upload_chunk()
        assert refused.value.status_code == 460
    again = uploader(server, wanted, first.url, upload_checksum=True)
    assert again.offset == PIECE
    again.upload()
    server.kill()
    assert wanted.is_safe()


def test_an_expired_upload_is_begun_anew(server: AppServer, wanted: WantedPhoto) -> None:
    first = uploader(server, wanted)
    first.upload_chunk()
    server.kill()
    wanted.expire_uploads()
    server.start()
    with pytest.raises(TusCommunicationError) as gone:
        uploader(server, wanted, first.url)
    assert gone.value.status_code == 404
    uploader(server, wanted).upload()
    server.kill()
    assert wanted.is_safe()
