"""Handing on what a station holds: text first, then photos, then receipts back, then the mirror. One step is one call or one photo.

A failed step always names the next; nothing is remembered here that the station's database could not tell again after a kill.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from sync.chain import Place
from sync.client import Client, NotTheArchive, Photo, Rejected
from sync.error import ChainBroken
from sync.retry import ITEM, LINK, RECEIPT, SLOW, Pace, delay_s, obeyed_s
from sync.station import Station
from sync.station_erasure import ERASED
from sync.wire import Unreachable

BATCH_LINES = 200
ASKED = 1000
# How often to look for what came meanwhile.
LOOK_S = 2.0
PULL_EVERY_S = 600.0
# Refusals that pass when somebody at the archive acts.
PASSING = ("unknown-key", "quarantine-full", "stream-damaged")


class _NewText(Exception):
    """Text came while a photo was under way: the photo waits where it is."""


@dataclass
class _Turn:
    due_at: float = 0.0
    tries: int = 0


class Forwarder:
    """Forwards for one station. `monotonic` is seconds of a clock that only runs forward, `chance` gives numbers from 0 up to 1.

    `login` is a user name and a password; without it nothing is mirrored.
    """

    def __init__(
        self,
        station: Station,
        client: Client,
        monotonic: Callable[[], float],
        chance: Callable[[], float],
        login: tuple[str, str] | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self.look_s = look_s
        self.station = station
        self.client = client
        self.monotonic = monotonic
        self.chance = chance
        self.login = login
        self.batch = BATCH_LINES
        self.link = _Turn()
        self.asking = _Turn()
        self.pulling = _Turn()
        self.turns: dict[Any, _Turn] = {}
        self.trouble: str | None = None
        self.heard = ""

    def step(self) -> float:
        """Do the next thing that is due; return how many seconds nothing will be."""
        now = self.monotonic()
        if self.link.due_at > now:
            return min(self.look_s, self.link.due_at - now)
        self._hear()
        for action in (self._push, self._photo, self._ask, self._pull):
            try:
                if action():
                    self.link, self.trouble = _Turn(), None
                    return 0.0
            except (Unreachable, NotTheArchive) as error:
                self._down(error, getattr(error, "retry_after_s", None))
                return self.look_s
            except Rejected as error:
                # Its own item has got its turn already; the way is open.
                self.trouble = str(error)
                if error.status in (429, 503, 507) or error.retry_after_s is not None:
                    self._down(error, error.retry_after_s)
                    return self.look_s
            except (OSError, SQLAlchemyError, ChainBroken) as error:
                # A full disk, a broken mirror: later; nothing was lost.
                self._down(error, None)
                return self.look_s
        return self.look_s

    def _hear(self) -> None:
        """Begin anew with an archive that speaks in another epoch than before: it was rolled back."""
        token = self.client.token
        if token and token != self.heard and self.station.hear(token):
            self.turns, self.asking, self.pulling = {}, _Turn(), _Turn()
        self.heard = token

    def _down(self, error: Exception, retry_after_s: float | None) -> None:
        self.trouble = str(error)
        self._later(self.link, LINK, retry_after_s)

    def _later(self, turn: _Turn, pace: Pace, retry_after_s: float | None = None) -> None:
        turn.tries += 1
        asked = retry_after_s is not None
        wait = (
            obeyed_s(retry_after_s or 0, self.chance()) if asked else delay_s(pace, turn.tries, self.chance())
        )
        turn.due_at = self.monotonic() + wait

    def _is_due(self, item: Any) -> bool:
        return self.turns.get(item, _Turn()).due_at <= self.monotonic()

    def _delay(self, item: Any, pace: Pace) -> None:
        self._later(self.turns.setdefault(item, _Turn()), pace)

    # -- text ---------------------------------------------------------------------------------------------------------------

    def _due_records(self) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        after = 0
        while len(found) < self.batch:
            page = self.station.unsent(BATCH_LINES, after)
            if not page:
                break
            found += [one for one in page if self._is_due(one[0])]
            after = page[-1][0]
        return found[: self.batch]

    def _push(self) -> bool:
        batch = self._due_records()
        if not batch:
            return False
        try:
            pushed = self.client.push([data for _, data in batch])
        except Rejected:
            # One record may be what the archive cannot take: the batch shrinks until it stands alone and waits alone.
            if len(batch) == 1:
                self._delay(batch[0][0], ITEM)
            self.batch = max(1, len(batch) // 2)
            raise
        self.batch = min(BATCH_LINES, self.batch * 2)
        for (number, _), found in zip(batch, pushed.verdicts, strict=True):
            self._learn(number, found)
        self.station.keep_receipts(pushed.receipts)
        return True

    def _learn(self, number: int, found: dict[str, Any]) -> None:
        verdict, reason = found.get("verdict"), found.get("reason")
        if verdict not in ("appended", "known", "quarantined", "refused"):
            # Another station on the way keeps it, and says nothing for the archive.
            self._delay(number, RECEIPT)
            return
        if reason == ERASED:
            self.station.drop_erased([found["hash"]])
            return
        is_final = verdict != "refused" or reason not in PASSING
        self.station.answered(number, verdict, reason, found.get("detail"), is_final)
        if not is_final:
            self._delay(number, SLOW)

    # -- photos -------------------------------------------------------------------------------------------------------------

    def _photo(self) -> bool:
        for row in self.station.photos_to_forward():
            item = (row["record"], row["sha256"])
            if self._is_due(item):
                return self._upload(item, row)
        return False

    def _upload(self, item: tuple[str, str], row: Any) -> bool:
        photo = Photo(*item, row["size_bytes"])
        try:
            with self.station.photos.open(photo.sha256) as file:
                self.client.upload(
                    photo, file, self._make_way, row["upload"], lambda at: self._begun(item, at)
                )
        except _NewText:
            return True
        except Rejected:
            self._begun(item, None)
            self._delay(item, ITEM)
            raise
        except OSError:
            self._delay(item, ITEM)
            raise
        self.station.set_photo(*item, forwarded_at=self.station.now(), upload=None)
        self.asking = _Turn()
        return True

    def _begun(self, item: tuple[str, str], at: str | None) -> None:
        self.station.set_photo(*item, upload=at)

    def _make_way(self, _bytes: int) -> None:
        if any(self._is_due(number) for number, _ in self.station.unsent(BATCH_LINES)):
            raise _NewText

    # -- receipts -----------------------------------------------------------------------------------------------------------

    def _ask(self) -> bool:
        if self.asking.due_at > self.monotonic():
            return False
        hashes = self.station.unsafe()
        # Every answer moves on; those asked longest ago come first.
        hashes.sort(key=lambda one: self.turns.get(("asked", one), _Turn()).due_at)
        asked = hashes[:ASKED]
        self._later(self.asking, RECEIPT)
        if not asked:
            return False
        receipts, missing = self.client.receipts(asked)
        self.station.keep_receipts(receipts)
        for one in asked:
            self.turns[("asked", one)] = _Turn(self.monotonic())
            for sha256 in missing.get(one, []):
                # The archive asks for it (again): what is here is handed over (again).
                self.station.set_photo(one, sha256, forwarded_at=None)
        if len(hashes) > ASKED:
            self.asking.due_at = self.monotonic()
        return True

    # -- the mirror ---------------------------------------------------------------------------------------------------------

    def _pull(self) -> bool:
        if self.login is None or self.pulling.due_at > self.monotonic():
            return False
        self._later(self.pulling, SLOW)
        try:
            streams = self.client.streams()
        except Rejected as rejected:
            if rejected.status != 401:
                raise
            self.client.log_in(*self.login)
            streams = self.client.streams()
        for one in streams:
            self._mirror(str(one["stream"]), int(one["position"]))
        self.pulling = _Turn(self.monotonic() + PULL_EVERY_S * (0.75 + self.chance() / 2))
        return True

    def _mirror(self, stream: str, position: int) -> None:
        place = Place(
            *(self.station.mirrored(stream) or vars(Place.start(self.station.archive, stream)).values())
        )
        if place.position >= position:
            return
        lines = []
        for line, _ in self.client.pull(stream, place):
            lines.append(line)
            if len(lines) == BATCH_LINES:
                self.station.mirror(stream, lines)
                lines = []
        self.station.mirror(stream, lines)
