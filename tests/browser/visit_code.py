"""The code of a visit as `static/js/core/visit_code.js` describes it, written here apart from the phone."""

import base64
import json
import zlib
from typing import Any

MARK = "FA1."
MEMBERS = (
    "archive", "visit", "stream", "name", "name_en", "purpose", "manner", "milestone", "arrived_at", "author", "team",
)  # fmt: skip


def packed(content: bytes, checksum: int | None = None) -> str:
    """Return a code of any content; with another checksum, a damaged one."""
    crc = zlib.crc32(content) if checksum is None else checksum
    return MARK + base64.urlsafe_b64encode(content + crc.to_bytes(4, "big")).decode().rstrip("=")


def written(visit: dict[str, Any]) -> str:
    """Return the code of a visit."""
    return packed(json.dumps([visit[name] for name in MEMBERS], ensure_ascii=False).encode())
