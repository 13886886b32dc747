"""What becomes of images that are broken, lie about what they are, or mean harm. Nothing is mocked: the
process runs.
"""

import hashlib
import io
import os
import struct
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from fieldapp.picture import PAGE_PX, TILE_PX, Pictures, derive
from sync.photo import FolderStore


def picture(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    image = Image.linear_gradient("L").resize(size).convert(mode)
    image.paste((200, 30, 30) if mode == "RGB" else 255, (0, 0, size[0] // 4, size[1] // 4))
    return image


def encoded(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(side: int) -> bytes:
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(bytes(1 << 20)) for _ in range(64)) + rows.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    content = bytearray(encoded(picture(), "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def made(tmp_path: Path, content: bytes, longest_px: int = TILE_PX) -> Image.Image | None:
    path = tmp_path / "original"
    path.write_bytes(content)
    with path.open("rb") as original:
        result = derive(original, longest_px)
    assert path.read_bytes() == content, "the original is kept as it came"
    return Image.open(io.BytesIO(result)) if result is not None else None


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_each_format_becomes_a_jpeg_of_the_asked_size(tmp_path: Path, name: str) -> None:
    if name == "HEIF":
        pillow_heif.register_heif_opener()
    result = made(tmp_path, encoded(picture((1200, 900)), name))
    assert result is not None
    assert (result.format, result.size, result.mode) == ("JPEG", (480, 360), "RGB")


def test_a_small_image_is_not_blown_up(tmp_path: Path) -> None:
    result = made(tmp_path, encoded(picture((100, 60)), "PNG"), PAGE_PX)
    assert result is not None
    assert result.size == (100, 60)


def test_orientation_is_applied_and_metadata_dropped(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a maker"
    exif.get_ifd(0x8825)[1] = "N"
    result = made(tmp_path, encoded(picture(), "JPEG", exif=exif, icc_profile=b"x" * 200, comment=b"secret"))
    assert result is not None
    assert result.size == (300, 400)
    assert len(result.getexif()) == 0
    assert not {"exif", "icc_profile", "comment"} & set(result.info)


def test_transparency_becomes_white(tmp_path: Path) -> None:
    result = made(tmp_path, encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))
    assert result is not None
    assert result.getpixel((20, 20)) == (255, 255, 255)


def test_what_a_file_is_called_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpeg"
    path.write_bytes(encoded(picture(), "PNG"))
    with path.open("rb") as original:
        assert derive(original, TILE_PX) is not None


def test_a_polyglot_loses_its_other_half(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(encoded(picture(), "JPEG") + b"<script>alert(1)</script>PK\x03\x04")
    with path.open("rb") as original:
        result = derive(original, TILE_PX)
    assert result is not None
    assert b"script" not in result


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"<!doctype html><title>not a photo</title>",
        encoded(picture((1600, 1200)), "JPEG")[:9_000],
        encoded(picture((1600, 1200)), "PNG")[:-600],
        png_bomb(65_535),
        png_bomb(12_000),
        jpeg_claiming(65_000, 65_000),
        encoded(picture(), "GIF"),
        encoded(picture(), "TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\x00\x00\x00\x18ftypheic" + os.urandom(4_000),
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + os.urandom(4_000),
    ],
    ids=[
        "nothing",
        "three-bytes",
        "html",
        "jpeg-cut-off",
        "png-cut-off",
        "png-of-four-gigapixels",
        "png-of-144-megapixels",
        "jpeg-claiming-four-gigapixels",
        "gif",
        "tiff",
        "postscript",
        "heic-of-noise",
        "webp-of-noise",
    ],
)
def test_what_is_no_picture_has_none(tmp_path: Path, content: bytes) -> None:
    assert made(tmp_path, content) is None


def test_a_png_within_the_pixel_limit_that_needs_too_much_memory_has_none(tmp_path: Path) -> None:
    # 16 bits and alpha: 70 megapixels that do not fit beside their copies.
    head = struct.pack(">IIBBBBB", 8_900, 8_900, 16, 6, 0, 0, 0)
    rows = zlib.compressobj(1)
    body = b"".join(rows.compress(bytes(8_900 * 8 + 1)) for _ in range(8_900)) + rows.flush()
    content = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body)
    before = max_child_bytes()
    made(tmp_path, content + png_chunk(b"IEND", b""))
    assert max_child_bytes() <= max(before, 1100 * 1024 * 1024)


def max_child_bytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def test_the_process_inherits_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDAPP_SECRET_OF_TEST", "x")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "PIL.py").write_text("raise SystemExit(3)")
    assert made(tmp_path, encoded(picture(), "JPEG")) is not None


def kept(tmp_path: Path, content: bytes) -> tuple[Pictures, str]:
    store = FolderStore(tmp_path / "photo")
    sha256 = hashlib.sha256(content).hexdigest()
    store.take(sha256, [content], len(content))
    return Pictures(tmp_path / "picture", store), sha256


def test_a_missing_picture_is_coming_and_then_ready(tmp_path: Path) -> None:
    pictures, sha256 = kept(tmp_path, encoded(picture((900, 600)), "JPEG"))
    assert pictures.find(sha256, TILE_PX) == ("coming", None)
    assert pictures.wait(60)
    state, path = pictures.find(sha256, TILE_PX)
    assert state == "ready"
    assert path is not None
    assert Image.open(path).size == (480, 320)


def test_what_cannot_be_decoded_is_said_to_have_none_and_is_not_tried_at_every_look(tmp_path: Path) -> None:
    pictures, sha256 = kept(tmp_path, b"<html>")
    assert pictures.find(sha256, TILE_PX)[0] == "coming"
    assert pictures.wait(60)
    assert pictures.find(sha256, TILE_PX) == ("none", None)
    mark = next((tmp_path / "picture").rglob("*.none"))
    os.utime(mark, (0, 0))
    assert pictures.find(sha256, TILE_PX)[0] == "coming", "after a day it is tried again"
    assert pictures.wait(60)


def test_sizes_and_names_are_checked_before_any_path_is_made(tmp_path: Path) -> None:
    pictures, sha256 = kept(tmp_path, b"x")
    with pytest.raises(ValueError, match="size"):
        pictures.find(sha256, 12_345)
    with pytest.raises(ValueError, match="SHA-256"):
        pictures.find("../../etc/passwd", TILE_PX)


def test_a_page_shows_the_placeholder_until_the_picture_is_there(tmp_path: Path) -> None:
    pictures, sha256 = kept(tmp_path, encoded(picture(), "PNG"))
    shown = pictures.display(sha256, TILE_PX)
    assert (shown.media_type, shown.is_pending) == ("image/svg+xml", True)
    assert pictures.wait(60)
    shown = pictures.display(sha256, TILE_PX)
    assert (shown.media_type, shown.is_pending, shown.content[:3]) == ("image/jpeg", False, b"\xff\xd8\xff")
