"""Phones of the benchmark, and the visits they seal: one visit record and eight parts, about 4 KB of bodies in all."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sync import base64url, instant, record
from sync.key import SealingKey
from sync.record import Record
from sync.uuid7 import uuid7

PHOTO_BYTES = 250_000
PHOTOS = 5
# Of a visit: itself and eight parts.
RECORDS = 9
DAY = "2026-11-12"
WORDS = "3号墩承台钢筋保护层厚度不足，局部露筋约两米；现场负责人称已通知班组返工，未见书面整改通知。"
# A photo's bytes: the same noise with another beginning, so that eight clients keep a quarter of a megabyte each.
NOISE = os.urandom(PHOTO_BYTES)


@dataclass(frozen=True)
class Owner:
    """What a process needs to be a phone: whose it is, its key, the newest time token it heard, the projects it visits."""

    person: str
    pem: bytes
    beacon: str
    streams: tuple[str, ...]


@dataclass
class Visit:
    """A sealed visit; `photos` are hash of the record and tag of the bytes."""

    records: list[Record]
    photos: list[tuple[str, bytes]]

    @property
    def lines(self) -> bytes:
        """Return the records as a push carries them."""
        return b"".join(one.token.text.encode("ascii") + b"\n" for one in self.records)


@dataclass
class Phone:
    """A phone that seals visits, counting its records."""

    owner: Owner
    counter: int = 0
    key: SealingKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = SealingKey.from_pem(self.owner.pem)

    def visit(self, number: int, has_photos: bool) -> Visit:
        """Seal the visit of this number. With photos, five of its parts are their records."""
        stream = self.owner.streams[number % len(self.owner.streams)]

        def sealed(kind: str, body: dict[str, Any]) -> Record:
            return self._seal(kind, stream, body)

        visit = sealed("visit", _visit(self.owner.person))
        own = {"visit": visit.payload["id"]}
        tags = [os.urandom(16) for _ in range(PHOTOS)] if has_photos else []
        bodies = [*_PARTS[:2], *(("photo", _photo(tag)) for tag in tags)] if has_photos else _PARTS
        parts = [sealed(kind, own | body) for kind, body in bodies]
        hashes = sorted(one.hash for one in (visit, *parts))
        submission = sealed("submission", own | {"records": hashes, "missing": []})
        photos = [
            (one.hash, tag)
            for one, tag in zip((one for one in parts if one.payload["kind"] == "photo"), tags, strict=True)
        ]
        return Visit([visit, *parts, submission], photos)

    def _seal(self, kind: str, stream: str, body: dict[str, Any]) -> Record:
        self.counter += 1
        now = datetime.now(UTC)
        identity = uuid7(now, os.urandom(10))
        payload = {
            "id": identity,
            "kind": kind,
            "v": 1,
            "stream": stream,
            "entity": identity,
            "supersedes": [],
            "author": self.owner.person,
            "counter": self.counter,
            "captured_at": instant.write(now, 480),
            "clock": {"offset_ms": -320, "checked_at": instant.write(now)},
            "beacon": self.owner.beacon,
            "salt": base64url.encode(os.urandom(16)),
            "body": body,
        }
        return record.seal(self.key, payload)


def bytes_of(tag: bytes) -> bytes:
    """Return the bytes of a photo."""
    return tag + NOISE[len(tag) :]


def named(tag: bytes) -> str:
    """Return the SHA-256 of a photo."""
    return hashlib.sha256(bytes_of(tag)).hexdigest()


def _visit(person: str) -> dict[str, Any]:
    return {
        "purpose": "monthly",
        "manner": "unannounced",
        "team": [person, "i02"],
        "accompanied_by": "业主代表、总监理工程师",
        "arrived_at": f"{DAY}T14:20:00.000+08:00",
        "left_at": f"{DAY}T15:50:00.000+08:00",
        "is_left_late": False,
        "summary": WORDS,
        "next_time": ["查看返工后的保护层", "核对监理日志"],
    }


def _photo(tag: bytes) -> dict[str, Any]:
    return {
        "caption": "3号墩承台露筋处，自东向西",
        "place": "起点",
        "origin": "camera",
        "taken_at": f"{DAY}T14:30:00.000+08:00",
        "fix": {"lat_e7": 264733410, "lon_e7": 1105640190, "accuracy_m": 8, "age_ms": 900},
        "view": {
            "sha256": named(tag),
            "size_bytes": PHOTO_BYTES,
            "media_type": "image/jpeg",
            "width": 2048,
            "height": 1536,
            "required": True,
        },
    }


_ID: Callable[[int], str] = "01930000-0000-7000-8000-{:012x}".format
_PARTS: list[tuple[str, dict[str, Any]]] = [
    (
        "progress",
        {
            "seen_on": DAY,
            "due_permille": 780,
            "reported_permille": 700,
            "observed_permille": 640,
            "physical": "下部结构完成二十二个墩，架梁尚未开始",
            "has_copied_report": False,
        },
    ),
    (
        "entry",
        {
            "list": "problem",
            "what": WORDS * 2,
            "seen_on": DAY,
            "sort": "fault",
            "severity": "major",
            "known_by": "seen",
            "cause": ["subjective"],
            "place": "3号墩",
            "deadline_on": "2026-12-01",
        },
    ),
    ("entry", {"list": "achievement", "what": WORDS, "seen_on": DAY, "cause": []}),
    (
        "interview",
        {
            "talked_on": DAY,
            "code": "B12",
            "role": "resident",
            "relation": "beside",
            "knows": "sometimes",
            "mode": "individual",
            "is_use_told": True,
            "asked": [
                {"question": "how_long", "note": "住在工地旁三年，夜间施工常有，扬尘比去年好转。"},
                {"question": "change", "note": WORDS},
            ],
            "notes": WORDS,
        },
    ),
    (
        "answer",
        {
            "checklist": _ID(1),
            "edition": "2026-01",
            "answers": {f"item_{number:02}": "conforms" for number in range(24)},
            "notes": {"item_03": "安全网破损一处", "item_11": WORDS[:30]},
        },
    ),
    (
        "reconciliation",
        {
            "milestone": _ID(2),
            "state": "partly",
            "observed_on": DAY,
            "observed_quantity": "22",
            "known_by": "seen",
            "reason": "雨季停工两周，模板周转不足",
        },
    ),
    (
        "outcome",
        {"about": _ID(3), "outcome": "partly_true", "known_by": "documented", "what": WORDS[:40]},
    ),
]
