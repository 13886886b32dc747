"""A phone as PROTOCOL.md describes it, much simpler than the real one and written apart from it: it asks, and takes answers.

It reaches no network: `next` says what to ask, `take` takes an answer whenever it comes. One `Owner` is one person's enrolment.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync import chain, statement
from sync.chain import Place
from sync.error import ChainBroken, SyncError
from sync.record import Record, parse
from sync.ring import Ring
from sync.wire import Answer
from tests.sync.factory import Phone

PREFIX = "/sync/1"
TUS = {"Tus-Resumable": "1.0.0"}
BATCH, PIECE_BYTES, PRESENTED, TOGETHER = 4, 700, 4, 5
ARCHIVE, STATION = "archive", "station"
OURS = ("fieldapp-archive", "fieldapp-protocol")
# An answer in which the archive sets a record aside: it has it, but issues no receipt.
ASIDE = "quarantined"


@dataclass(frozen=True)
class Ask:
    """One request, and what is needed to understand its answer."""

    do: str
    route: str
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hashes: tuple[str, ...] = ()
    sha256: str = ""
    stream: str = ""


@dataclass
class Own:
    """A record of one's own. Bytes are None once they were freed."""

    hash: str
    text: bytes | None
    photos: dict[str, bytes | None]
    # By route: what was said of it last, and which photos are missing there.
    verdict: dict[str, str] = field(default_factory=dict)
    missing: dict[str, set[str]] = field(default_factory=dict)
    uploads: dict[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict)
    receipt: str | None = None
    is_complete: bool = False
    held: set[str] = field(default_factory=set)
    is_asked: bool = False

    def forget(self) -> None:
        """Take the record as never sent."""
        self.verdict, self.missing, self.uploads, self.held = {}, {}, {}, set()
        self.receipt, self.is_complete, self.is_asked = None, False, False

    def erase(self) -> None:
        """Drop what was erased by law."""
        self.text, self.photos, self.is_complete = None, dict.fromkeys(self.photos), True


@dataclass
class Owner:
    """One person on one phone: a key, an outbox, and what was pulled."""

    phone: Phone
    ring: Ring
    cookie: str
    epoch: int = 1
    token: str = ""
    own: dict[str, Own] = field(default_factory=dict)
    listed: dict[str, int] | None = None
    places: dict[str, Place] = field(default_factory=dict)
    pulled: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    presented: int = 0
    is_stranger: bool = False
    # Facts of verified receipts in the order they were believed, for whoever checks this phone.
    believed: list[tuple[dict[str, Any], str, list[str]]] = field(default_factory=list)

    def keep(self, record: Record, photos: list[bytes]) -> None:
        named: dict[str, bytes | None] = {hashlib.sha256(one).hexdigest(): one for one in photos}
        self.own[record.hash] = Own(record.hash, record.token.text.encode("ascii"), named)

    # -- what to ask ----------------------------------------------------------------------------------------------------------

    def next(self, route: str) -> Ask | None:
        """Return the next request: text, then photos, then receipts; None when nothing is to be done on this route."""
        return self._push(route) or self._whole(route) or self._upload(route) or self._receipts(route)

    def _push(self, route: str) -> Ask | None:
        unsent = [one for one in self.own.values() if route not in one.verdict and not one.is_complete]
        batch = [one for one in unsent if one.text is not None][:BATCH]
        if not batch:
            return None
        body = b"".join(one.text + b"\n" for one in batch if one.text is not None)
        return Ask("push", route, "POST", "/records", body, hashes=tuple(one.hash for one in batch))

    def _whole(self, route: str) -> Ask | None:
        """Send several photos in one request, unless an upload of one is under way; stations take them one by one."""
        lacking = [
            (one.hash, sha256, data)
            for one in self.own.values()
            for sha256 in sorted(one.missing.get(route, ()))
            if (data := one.photos.get(sha256)) is not None and (route, sha256) not in one.uploads
        ]
        if route == STATION or len(lacking) < 2:
            return None
        listed = ", ".join(f"{known} {sha256} {len(data)}" for known, sha256, data in lacking[:TOGETHER])
        body = b"".join(data for _, _, data in lacking[:TOGETHER])
        hashes = tuple(dict.fromkeys(known for known, _, _ in lacking[:TOGETHER]))
        return Ask("whole", route, "POST", "/photos/whole", body, {"Fieldapp-Photos": listed}, hashes)

    def _upload(self, route: str) -> Ask | None:
        for one in self.own.values():
            for sha256 in sorted(one.missing.get(route, ())):
                data = one.photos.get(sha256)
                if data is not None:
                    return self._upload_step(route, one, sha256, data)
        return None

    def _upload_step(self, route: str, one: Own, sha256: str, data: bytes) -> Ask:
        where, offset = one.uploads.get((route, sha256), ("", None))
        named = {"hashes": (one.hash,), "sha256": sha256}
        if not where:
            words = {"record": one.hash, "sha256": sha256}
            pairs = (f"{name} {base64.b64encode(word.encode()).decode()}" for name, word in words.items())
            headers = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": ",".join(pairs)}
            return Ask("create", route, "POST", "/photos", b"", headers, **named)  # type: ignore[arg-type]
        if offset is None:
            return Ask("head", route, "HEAD", where, b"", TUS, **named)  # type: ignore[arg-type]
        kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        piece = data[offset : offset + PIECE_BYTES]
        return Ask("patch", route, "PATCH", where, piece, {**TUS, **kind}, **named)  # type: ignore[arg-type]

    def _receipts(self, route: str) -> Ask | None:
        waiting = [
            one.hash
            for one in self.own.values()
            if not one.is_complete
            and one.verdict.get(route) in ("appended", "known", "held")
            and not one.missing.get(route)
            and not one.is_asked
        ]
        return self.ask_receipts(route, waiting[:BATCH]) if waiting else None

    def ask_receipts(self, route: str, hashes: list[str]) -> Ask:
        """Ask for receipts; an archive is shown some of those held, in turn."""
        body: dict[str, Any] = {"hashes": hashes}
        if route == ARCHIVE:
            kept = list(dict.fromkeys(one.receipt for one in self.own.values() if one.receipt))
            kept += [self.token] if self.token else []
            turned = kept[self.presented % len(kept) :] + kept[: self.presented % len(kept)] if kept else []
            body["presented"] = turned[:PRESENTED]
        return Ask("receipts", route, "POST", "/receipts", json.dumps(body).encode(), hashes=tuple(hashes))

    def ask_streams(self) -> Ask:
        return Ask("streams", ARCHIVE, "GET", "/streams")

    def ask_page(self) -> Ask | None:
        """Ask for the first page that is known to be there and is not here."""
        for stream, position in (self.listed or {}).items():
            here = self.places[stream].position if stream in self.places else 0
            if here < position and stream not in self.broken:
                path = f"/streams/{stream}/records?after={here}"
                return Ask("page", ARCHIVE, "GET", path, stream=stream)
        return None

    # -- what comes back ------------------------------------------------------------------------------------------------------

    def take(self, ask: Ask, answer: Answer) -> None:
        """Take an answer, in time or very late. What is not the archive's, or was cut, says nothing."""
        is_named = answer.headers.get(OURS[0]) == self.ring.archive and OURS[1] in answer.headers
        if not is_named:
            return
        if ask.route == ARCHIVE:
            is_past = self._hear(answer.headers.get("fieldapp-time", ""))
            if is_past and ask.do in ("page", "streams"):
                return
        if ask.do in ("create", "head", "patch"):
            self._uploaded(ask, answer)
            return
        if answer.status >= 400:
            return
        if ask.do == "page":
            self._page(ask, answer.body)
            return
        try:
            said = json.loads(answer.body)
        except ValueError:
            return
        if ask.do == "push":
            self._pushed(ask, said)
        if ask.do in ("receipts", "whole"):
            self._told(ask, said)
        if ask.do == "streams" and said["person"] == self.phone.person:
            self.listed = {row["stream"]: row["position"] for row in said["streams"]}

    def _hear(self, token: str) -> bool:
        """Learn of a greater epoch from a time token; tell whether the answer is of an epoch that is over."""
        try:
            epoch: int = statement.read_any(token, statement.TIME, self.ring.jwks)["epoch"]
        except SyncError:
            return False
        if epoch >= self.epoch:
            self.token = token
            self._enter(epoch)
        return epoch < self.epoch

    def _enter(self, epoch: int) -> None:
        if epoch <= self.epoch:
            return
        self.epoch, self.listed = epoch, None
        self.places.clear()
        self.pulled.clear()
        self.broken.clear()
        for one in self.own.values():
            one.forget()

    def _pushed(self, ask: Ask, said: Mapping[str, Any]) -> None:
        missing = {found["hash"]: found["missing"] for found in said["verdicts"] if found["hash"]}
        for found in said["verdicts"]:
            one = self.own.get(found["hash"])
            if one is None:
                continue
            one.verdict[ask.route] = found["verdict"]
            if found["reason"] == "unknown-key":
                self.is_stranger = True
            if found["reason"] == "erased":
                one.erase()
            if found["verdict"] != "refused":
                one.missing[ask.route] = set(found["missing"])
        self._believe(said["receipts"], missing, ask.route)

    def _told(self, ask: Ask, said: Mapping[str, Any]) -> None:
        named = self._believe(said["receipts"], said["missing"], ask.route)
        self.presented += PRESENTED
        for known in ask.hashes:
            one = self.own.get(known)
            if one is None:
                continue
            one.is_asked = True
            one.missing[ask.route] = set(said["missing"].get(known, ()))
            if ask.route == ARCHIVE and known not in named and known not in said["missing"]:
                one.forget()

    def _believe(self, tokens: list[str], missing: Mapping[str, list[str]], route: str) -> set[str]:
        """Take up receipts whose seal, archive and epoch hold; return the records they speak of."""
        named: set[str] = set()
        for token in tokens:
            try:
                payload = self.ring.receipt(token)
            except SyncError:
                continue
            self._enter(payload["epoch"])
            for fact in payload["facts"]:
                named.add(fact["hash"])
                one = self.own.get(fact["hash"])
                if one is None or payload["epoch"] < self.epoch:
                    continue
                lacking = list(missing.get(fact["hash"], ())) if route == ARCHIVE else []
                one.receipt, one.held = token, set(fact["held"])
                one.is_complete = (
                    fact["completed_at"] is not None and not lacking and set(one.photos) <= one.held
                )
                self.believed.append((fact, payload["issued_at"], lacking))
        return named

    def _uploaded(self, ask: Ask, answer: Answer) -> None:
        one = self.own.get(ask.hashes[0])
        if one is None or one.photos.get(ask.sha256) is None:
            return
        key = (ask.route, ask.sha256)
        where = one.uploads.get(key, ("", None))[0]
        if answer.status == 409:
            one.uploads[key] = (where, None)
        elif answer.status >= 500 or answer.status in (413, 429):
            one.uploads.pop(key, None) if ask.do == "create" else one.uploads.update({key: (where, None)})
        elif answer.status >= 400:
            # 404 and 410: the upload is gone; 460: other bytes arrived. Begin anew, and ask whether the text is there.
            one.uploads.pop(key, None)
            if ask.do == "create":
                one.verdict.pop(ask.route, None)
        else:
            location = answer.headers.get("location", "").removeprefix(PREFIX) or where
            offset = int(answer.headers.get("upload-offset", "0"))
            one.uploads[key] = (location, offset)
            if offset == len(one.photos[ask.sha256] or b""):
                one.missing.get(ask.route, set()).discard(ask.sha256)
                one.uploads.pop(key)
                one.is_asked = False

    def failed(self, ask: Ask) -> None:
        """No answer: of an upload the archive is asked where it stands."""
        one = self.own.get(ask.hashes[0]) if ask.sha256 else None
        if one is not None and (ask.route, ask.sha256) in one.uploads:
            where, _ = one.uploads[(ask.route, ask.sha256)]
            one.uploads[(ask.route, ask.sha256)] = (where, None)

    def _page(self, ask: Ask, body: bytes) -> None:
        """Follow a stream; what does not follow from what is here is not taken."""
        place = self.places.get(ask.stream) or Place.start(self.ring.archive, ask.stream)
        for text in body.splitlines():
            line = json.loads(text)
            if line["position"] <= place.position:
                continue
            try:
                place = chain.advance(ask.stream, place, line)
            except ChainBroken:
                # Another history: what was read stays until the archive says that a new epoch began.
                self.broken.add(ask.stream)
                return
            self.places[ask.stream] = place
            self.pulled.setdefault(ask.stream, []).append(line)
            self._drop_erased(line["record"])

    def _drop_erased(self, jws: str | None) -> None:
        found = parse(jws.encode("ascii")) if jws else None
        if found is None or found.payload["kind"] != "erasure":
            return
        for known in found.body["hashes"]:
            if known in self.own:
                self.own[known].erase()

    # -- room -----------------------------------------------------------------------------------------------------------------

    def free(self) -> None:
        """Free what a verified receipt allows: photo bytes that are held, text that is complete."""
        for one in self.own.values():
            one.photos = {name: None if name in one.held else data for name, data in one.photos.items()}
            if one.is_complete:
                one.text = None
