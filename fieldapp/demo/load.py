"""Loading the demo city: everything is sealed and appended by the archive as anything else is, photos
painted meanwhile.
"""

import hashlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from datetime import date

from fieldapp.demo.book import data
from fieldapp.demo.canvas import HEIGHT, WIDTH
from fieldapp.demo.city import City
from fieldapp.demo.ledger import Ledger
from fieldapp.demo.photos import jpeg
from fieldapp.demo.review import Desk
from fieldapp.demo.shift import Shift
from fieldapp.demo.stories import tell_all
from fieldapp.demo.visits import Rounds
from sync.archive import Archive
from sync.database import Database
from sync.upload import Uploads

Progress = Callable[[float], object]
Painted = dict[str, Future[bytes]]

PAINTERS = 2
# Work to come after the parts of the visits, against them: submissions, reviews, verifications.
LATER_SHARE = 0.5
PHOTO_WORK = 6


class Meter:
    """Tells how much is done, as a part of 1."""

    def __init__(self, tell: Progress, whole: float) -> None:
        self.tell = tell
        self.whole = whole
        self.done = 0.0

    def add(self, work: float) -> None:
        """Count work as done."""
        self.done = min(self.whole, self.done + work)
        self.tell(self.done / self.whole)


def load(archive: Archive, database: Database, anchor: date, progress: Progress) -> None:
    """Fill an empty archive with the demo city as it stands on `anchor`; `progress` is told the part done,
    0 … 1.

    Two loads for the same day make the same entities and bodies; only seals differ, and what names them.
    The archive's clock must not be before `anchor`.
    """
    if database is not archive.database:
        raise ValueError("the database is not the archive's")
    ledger = Ledger(archive, Shift(anchor))
    city = City(ledger)
    city.enter()
    visits = Rounds(city).write()
    stories, told = tell_all(city)
    meter = Meter(progress, len(ledger.waiting) * (1 + LATER_SHARE) + len(ledger.shots) * PHOTO_WORK)
    # A fresh interpreter each: this process may have threads, and a fork would copy their locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PAINTERS, mp_context=context) as painters:
        painted = _paint(ledger, painters)
        ledger.seal(meter.add)
        _hand_over(ledger, painted, meter)
    _review(Desk(city, [*visits, *stories], told), ledger, meter)
    meter.add(meter.whole)


def logins() -> list[tuple[str, str, str, str, str]]:
    """Return who may log in: username, person, role, name, name in English; supervisors first, then the
    administrator, then teams.
    """
    members = [{**member, "role": "inspector"} for team in data()["teams"] for member in team["members"]]
    people = [(person["id"].lower(), person) for person in (*data()["desk"], *members)]
    return [(name, name, person["role"], person["zh"], person["en"]) for name, person in people]


def _paint(ledger: Ledger, painters: Executor) -> Painted:
    return {identity: painters.submit(jpeg, shot) for identity, shot in ledger.shots.items()}


def _hand_over(ledger: Ledger, painted: Painted, meter: Meter) -> None:
    """Seal the photos and give the archive their bytes, text first."""
    images: dict[str, tuple[str, bytes]] = {}
    for identity, future in painted.items():
        content = future.result()
        sha256 = hashlib.sha256(content).hexdigest()
        images[identity] = (sha256, content)
        ledger.view(identity, _image(sha256, len(content)))
    ledger.seal(meter.add)
    uploads = Uploads(ledger.archive)
    for identity, (sha256, content) in images.items():
        uploads.receive(ledger.hashes[identity], sha256, len(content), [content])
        meter.add(PHOTO_WORK - 1)


def _image(sha256: str, size_bytes: int) -> dict[str, object]:
    measures = {"width": WIDTH, "height": HEIGHT, "required": True}
    return {"sha256": sha256, "size_bytes": size_bytes, "media_type": "image/jpeg", **measures}


def _review(desk: Desk, ledger: Ledger, meter: Meter) -> None:
    # Each round names hashes of the round before.
    for step in (desk.submit, desk.decide, desk.mend, desk.resubmit, desk.decide_again):
        step()
        revised = [draft.entity for draft in ledger.waiting if draft.kind == "photo" and draft.entity]
        ledger.seal(meter.add)
        for identity in revised:
            _hand_over_again(ledger, identity)


def _hand_over_again(ledger: Ledger, identity: str) -> None:
    """Give the bytes to the photo's new record too: having been named before counts for nothing."""
    view = ledger.drafts[identity].body["view"]
    with ledger.archive.photos.open(view["sha256"]) as file:
        content = file.read()
    uploads = Uploads(ledger.archive)
    uploads.receive(ledger.hashes[identity], view["sha256"], view["size_bytes"], [content])
