"""A phone's storage with the real kinds, the readers and the recovery key an archive names, and an annex written on it."""

import json
from functools import cache
from typing import Any

from fieldapp.domain.description import describe
from sync.jwe import LetterKey
from tests.browser.store_page import PROJECT, Archive, Phone

COMMONS = "commons"
# Words no file of a browser holds by chance; every stretch of them is looked for.
IDENTITY = "证人甲某某 石材供应商会计 电话一三九零零八八七七六六"
WORDS = "\n".join(
    f"第{n}笔回扣由李某转交，地点在老渡口茶楼{n * 7919 % 1000}号包间，经手人称受到威胁。" for n in range(60)
)


@cache
def kinds() -> dict[str, Any]:
    """Return the description phones get."""
    return json.loads(json.dumps(describe()))  # type: ignore[no-any-return]


class Commons:
    """Stream `commons` of an archive as a phone pulls it, record by record."""

    def __init__(self, phone: Phone, archive: Archive) -> None:
        self.phone, self.archive = phone, archive
        self.records: list[Any] = []

    def say(self, kind: str, body: dict[str, Any], **members: Any) -> Any:
        """Seal a record and have the phone pull it."""
        record = self.archive.seal(kind, body, stream=COMMONS, **members)
        self.records.append(record)
        lines = self.archive.page_of(COMMONS, self.records)
        self.phone.port("applyPage", COMMONS, lines[-1:])
        return record

    def recovery(self, key: LetterKey, **members: Any) -> Any:
        return self.say("recovery_key", {"key": key.kid, "jwk": key.jwk}, **members)

    def reader(self, person: str, key: LetterKey, **members: Any) -> Any:
        body = {"key": key.kid, "jwk": key.jwk, "person": person, "is_withdrawn": False}
        return self.say("reader_key", body, **members)


def written(
    phone: Phone, *, without: tuple[str, ...] = (), words: str = WORDS, visit: str | None = None
) -> dict[str, str]:
    """Write an interview and its annex as drafts, every word saved as it is typed; return their ids."""
    v = {kind: kinds()[kind]["v"] for kind in ("interview", "annex")}
    talk = {
        "visit": visit, "talked_on": "2026-11-12", "code": "A1", "role": "contractor", "relation": "served", "knows": "daily",
        "mode": "individual", "note_taker": None, "is_use_told": True, "asked": [], "notes": "公开部分", "about": "",
    }  # fmt: skip
    interview = phone.call(
        "openDraft", kind="interview", v=v["interview"], stream=PROJECT, body=talk, visit=visit
    )["id"]
    body = {"visit": visit, "interview": interview, "identity": "", "words": "", "without": list(without)}
    annex = phone.call("openDraft", kind="annex", v=v["annex"], stream=PROJECT, body=body, visit=visit)["id"]
    # Typed bit by bit: each save leaves an older page behind.
    for end in range(len(words) // 4, len(words) + 1, max(1, len(words) // 4)):
        phone.call("patchDraft", id=annex, body={"words": words[:end]})
    phone.call("patchDraft", id=annex, body={"identity": IDENTITY, "words": words})
    return {"interview": interview, "annex": annex}
