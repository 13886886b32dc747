"""The report of a visit with twenty photos as a Word file: from the request to the whole file, its pictures made before."""

import io
import time
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from bench.result import Results
from sync.record import Record
from tests.fieldapp.desk_city import (
    City,
    Sent,
    build,
    hand_over,
    logged_in,
    make_app,
    photo_body,
    services,
    submit,
)
from tests.fieldapp.test_document import stated
from tests.sync.factory import sent

PHOTOS, TIMES = 20, 5
SIZE = (2048, 1536)


def measure(folder: Path, results: Results) -> None:
    """Measure the report of one visit."""
    app = make_app(folder / "document")
    city = build(app)
    path = f"/document/visit/{_visit(city).entity}"
    desk = logged_in(app, "d01")
    stated(desk, path)
    desk.get(path)
    if not services(app).pictures.wait(120):
        raise RuntimeError("the pictures were not made in time")
    took_s, size = [], 0
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = desk.get(path)
        took_s.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"no report: {answer.status_code}")
        size = len(answer.data)
    results.add("report_ms", median(took_s) * 1000, "ms", "≤ 1500")
    results.add("report_kb", size / 1024, "KB")
    services(app).database.close()


def _visit(city: City) -> Sent:
    """Submit a visit and add photos to it until it has twenty."""
    visit = submit(city)
    phone, archive = city.phone("i05"), services(city.app).archive
    for number in range(PHOTOS - 1):
        picture = _picture(number)
        body: dict[str, Any] = {"visit": visit.entity} | photo_body("2026-11-12", picture)
        record: Record = phone.seal(
            body, kind="photo", stream=str(visit.visit.payload["stream"]), id=archive.new_id()
        )
        archive.push(sent(record))
        hand_over(city, record, picture)
    return visit


def _picture(number: int) -> bytes:
    """Return a picture as large as a phone's display image and about as hard to encode."""
    rough = Image.effect_noise((SIZE[0] // 8, SIZE[1] // 8), 40 + number)
    target = io.BytesIO()
    rough.resize(SIZE, Image.Resampling.BICUBIC).convert("RGB").save(target, "JPEG", quality=85)
    return target.getvalue()
