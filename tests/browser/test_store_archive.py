"""What the archive says, on the phone: verdicts, receipts, pulled pages, a new epoch. The port of the sync runner is driven directly."""

from typing import Any

import pytest
from playwright.sync_api import Page

from sync.key import SealingKey
from sync.record import parse, seal
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PROJECT, Archive, Phone, StoreError, enrolled, sealed_visit
from tests.browser.test_store_photo import JPEG, taken


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    return Phone(page, static_server)


@pytest.fixture
def archive() -> Archive:
    return Archive()


def facts(archive: Archive, done: dict[str, Any], is_complete: bool) -> list[dict[str, Any]]:
    return [archive.fact(one["hash"], n, is_complete) for n, one in enumerate(done["records"], 1)]


def states(phone: Phone) -> list[str]:
    return [item["state"] for item in phone.call("outbox", safe=True)]


def test_only_a_proven_receipt_makes_safe(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    hashes = [one["hash"] for one in done["records"]]
    assert [one["hash"] for one in phone.port("unsent")] == hashes
    phone.port(
        "applyVerdicts",
        [{"hash": one, "verdict": "appended", "reason": None, "missing": []} for one in hashes],
    )
    assert states(phone) == ["saved"] * 3
    assert phone.port("unsafe") == hashes

    good = facts(archive, done, True)
    other = Archive()
    forged = [
        other.receipt(good),
        archive.receipt(good)[:-4] + "AAAA",
        archive.receipt(good, archive=other.name),
        archive.statement("fieldapp-time", {"at": archive.now(), "nonce": "x"}),
    ]
    assert phone.port("applyReceipts", forged, {}, []) == {"applied": 0, "rejected": 4}
    stray = archive.receipt([{**fact, "stream": "commons"} for fact in good])
    assert phone.port("applyReceipts", [stray], {}, []) == {"applied": 0, "rejected": 0}
    assert states(phone) == ["saved"] * 3

    assert phone.port("applyReceipts", [archive.receipt(facts(archive, done, False))], {}, [])["applied"] == 3
    assert states(phone) == ["sent"] * 3
    assert phone.port("unsent") == []
    assert phone.port("applyReceipts", [archive.receipt(good)], {}, [])["applied"] == 3
    assert states(phone) == ["safe"] * 3
    assert phone.call("outbox") == []
    assert phone.port("unsafe") == []


def test_two_receipts_that_disagree_are_told(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    phone.port("applyReceipts", [archive.receipt(facts(archive, done, False))], {}, [])
    moved = archive.receipt([archive.fact(done["records"][0]["hash"], 9, True)])
    assert phone.port("applyReceipts", [moved], {}, [])["applied"] == 0
    assert [notice["what"] for notice in phone.call("notices")] == ["archive-changed"]
    assert states(phone) == ["sent"] * 3


def test_refused_and_set_aside_stay_with_their_reason(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    first, second, third = (one["hash"] for one in done["records"])
    phone.port(
        "applyVerdicts",
        [
            {"hash": first, "verdict": "refused", "reason": "unknown-key", "missing": []},
            {
                "hash": second,
                "verdict": "quarantined",
                "reason": "body-invalid",
                "detail": "what: missing",
                "missing": [],
            },
        ],
    )
    found = {item["hash"]: (item["state"], item["reason"]) for item in phone.call("outbox")}
    assert found == {
        first: ("refused", "unknown-key"),
        second: ("held", "body-invalid"),
        third: ("saved", None),
    }
    assert [one["hash"] for one in phone.port("unsent")] == [first, third]
    assert phone.port("unsafe") == [second]
    # The archive does not know a record that it never appended; one set aside there is not sent again.
    phone.port("applyReceipts", [], {}, [second])
    assert [one["hash"] for one in phone.port("unsent")] == [first, third]
    # A new enrolment takes "unknown key" back.
    made = phone.page.evaluate("(person) => phone.newKey(person)", "i05")
    phone.call("enrol", answer=archive.enrolment(made["jwk"]))
    assert phone.call("tally")["refused"] == 0


def test_what_the_archive_does_not_know_is_sent_again(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    hashes = [one["hash"] for one in done["records"]]
    phone.port("applyReceipts", [archive.receipt(facts(archive, done, False))], {}, hashes)
    assert phone.port("unsent") == []
    phone.port("applyReceipts", [archive.receipt(facts(archive, done, False)[:2])], {}, hashes)
    assert [one["hash"] for one in phone.port("unsent")] == hashes[2:]


def test_a_new_epoch_offers_everything_again(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    phone.port(
        "applyPage",
        "commons",
        archive.page_of("commons", [archive.seal("project", {"name": "滨河路"}, "commons")]),
    )
    phone.port("applyReceipts", [archive.receipt(facts(archive, done, True))], {}, [])
    assert states(phone) == ["safe"] * 3
    later = archive.receipt([archive.fact(done["records"][2]["hash"], 1, True)], epoch=2)
    phone.port("applyReceipts", [later], {}, [])
    assert states(phone) == ["saved", "saved", "safe"]
    assert phone.port("streams") == []
    old = archive.receipt(facts(archive, done, True))
    assert phone.port("applyReceipts", [old], {}, [])["applied"] == 0


def test_a_page_is_kept_wholly_or_not_at_all(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    records = [archive.seal("project", {"name": f"项目 {n}"}) for n in range(3)]
    lines = archive.page_of(PROJECT, records)
    foreign = SealingKey.new()
    resealed = [{**lines[0], "record": lines[1]["record"]}, lines[1], lines[2]]
    stranger = Archive()
    stranger.key = foreign
    strange = [stranger.seal("project", {"name": "陌生"})]
    for bad in (lines[1:], [lines[0], lines[2]], resealed, archive.page_of(PROJECT, strange)):
        with pytest.raises(StoreError, match="NotProven"):
            phone.port("applyPage", PROJECT, bad)
    assert phone.call("rows", kind="project") == []
    assert phone.port("applyPage", PROJECT, lines)["position"] == 3
    assert [row["name"] for row in phone.call("rows", kind="project", order="name")] == [
        "项目 0",
        "项目 1",
        "项目 2",
    ]
    assert phone.call("search", text="项目")[0]["kind"] == "project"
    again = archive.page_of(PROJECT, [*records, archive.seal("project", {"name": "项目 3"})])
    assert phone.port("applyPage", PROJECT, again[3:])["position"] == 4


def test_erased_and_ended_streams_leave_the_phone(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    records = [archive.seal("project", {"name": "甲"}), archive.seal("project", {"name": "乙"})]
    lines = archive.page_of(PROJECT, records)
    phone.port("applyPage", PROJECT, lines[:1])
    phone.port("applyPage", PROJECT, [archive.erased(lines[1])])
    assert [row["name"] for row in phone.call("rows", kind="project")] == ["甲"]
    assert phone.call("search", text="乙") == []
    phone.port("dropStream", PROJECT)
    assert phone.call("rows", kind="project") == []
    assert phone.port("streams") == []
    assert phone.call("row", kind="visit", entity=done["visit"]) is not None


def test_the_newest_time_token_goes_into_what_is_sealed_next(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    token = archive.statement("fieldapp-time", {"at": "2026-11-22T08:00:00.000+00:00", "nonce": "n"})
    older = archive.statement("fieldapp-time", {"at": "2026-11-22T07:00:00.000+00:00", "nonce": "n"})
    for heard in (token, older):
        phone.port("saveTime", {"token": heard, "received_at_ms": 1_795_334_399_500, "round_trip_ms": 1000})
    with pytest.raises(StoreError, match="NotProven"):
        phone.port(
            "saveTime",
            {
                "token": Archive().statement("fieldapp-time", {"at": archive.now(), "nonce": "n"}),
                "received_at_ms": 0,
            },
        )
    done = sealed_visit(phone)
    sealed = phone.payload(done["manifest"])
    assert sealed["beacon"] == token
    assert sealed["clock"]["offset_ms"] == -3_599_000


def test_photos_count_only_when_the_archive_has_them(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    draft, added = taken(phone, JPEG)
    done = phone.call("seal", drafts=[draft])
    own = done["records"][0]["hash"]
    assert phone.port("missingPhotos") == []
    phone.port("applyVerdicts", [{"hash": own, "verdict": "appended", "missing": [added["view"]["sha256"]]}])
    missing = phone.port("missingPhotos")
    assert [(one["part"], one["sha256"]) for one in missing] == [
        ("view", added["view"]["sha256"]),
        ("original", added["original"]["sha256"]),
    ]
    view = missing[0]
    phone.port("saveUpload", own, view["sha256"], "/sync/1/photos/abc")
    assert phone.port("missingPhotos")[0]["upload"] == "/sync/1/photos/abc"
    assert len(phone.port("readPhoto", view["sha256"], 10, 110)) == 100
    phone.port("photoSent", own, view["sha256"])
    assert [one["part"] for one in phone.port("missingPhotos")] == ["original"]
    # Sent is not held: only a receipt says that.
    assert phone.call("outbox")[0]["photos"] == {"held": 0, "count": 1}
    held = archive.receipt([archive.fact(own, 1, True, held=[view["sha256"]])])
    phone.port("applyReceipts", [held], {}, [own])
    assert states(phone) == ["safe"]
    assert phone.call("outbox", safe=True)[0]["photos"] == {"held": 1, "count": 1}
    assert phone.port("unsafe") == []
    # The archive read its own store back and found nothing: safe no longer, and sent again.
    phone.port("applyReceipts", [held], {own: [view["sha256"]]}, [own])
    assert states(phone) == ["sent"]
    assert phone.call("outbox")[0]["photos"] == {"held": 0, "count": 1}
    assert [one["part"] for one in phone.port("missingPhotos")] == ["view", "original"]


def test_what_was_sent_is_asked_for_until_it_is_held_and_sent_again_after_a_while(
    phone: Phone, archive: Archive
) -> None:
    enrolled(phone, archive)
    draft, added = taken(phone, JPEG)
    own = phone.call("seal", drafts=[draft])["records"][0]["hash"]
    view, original = added["view"]["sha256"], added["original"]["sha256"]
    for sha256 in (view, original):
        phone.port("photoSent", own, sha256)
    half = archive.receipt([archive.fact(own, 1, True, held=[view])])
    phone.port("applyReceipts", [half], {}, [own])
    assert states(phone) == ["safe"]
    # The original is not required, and yet it is not given up before the archive has it.
    assert phone.port("unsafe") == [own] and phone.port("missingPhotos") == []
    phone.call("clock", days=0.1)
    phone.port("applyReceipts", [half], {}, [own])
    assert [one["sha256"] for one in phone.port("missingPhotos")] == [original]
    phone.port("photoSent", own, original)
    whole = archive.receipt([archive.fact(own, 1, True, held=[view, original])])
    phone.port("applyReceipts", [whole], {}, [own])
    assert phone.port("unsafe") == []


def test_a_record_the_archive_lost_is_no_longer_safe_and_all_of_it_is_sent_again(
    phone: Phone, archive: Archive
) -> None:
    enrolled(phone, archive)
    draft, added = taken(phone, JPEG)
    own = phone.call("seal", drafts=[draft])["records"][0]["hash"]
    view = added["view"]["sha256"]
    phone.port("photoSent", own, view)
    phone.port("applyReceipts", [archive.receipt([archive.fact(own, 1, True, held=[view])])], {}, [own])
    phone.port("applyReceipts", [], {}, [own])
    assert [one["hash"] for one in phone.port("unsent")] == [own]
    assert states(phone) == ["saved"]
    phone.port("applyVerdicts", [{"hash": own, "verdict": "appended", "missing": [view]}])
    assert [one["part"] for one in phone.port("missingPhotos")] == ["view", "original"]


def test_an_erased_record_still_supersedes_and_never_comes_back(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    first = archive.seal("entry", {"what": "初稿"})
    entity = first.payload["id"]
    second = archive.seal("entry", {"what": "改正"}, entity=entity, supersedes=[first.hash])
    third = archive.seal("entry", {"what": "定稿"}, entity=entity, supersedes=[second.hash])
    lines = archive.page_of(PROJECT, [first, second, third])

    def what() -> str | None:
        row = phone.call("row", kind="entry", entity=entity)
        return row and str(row["what"])

    phone.port("applyPage", PROJECT, [archive.erased(lines[0]), lines[1]])
    assert what() == "改正"
    phone.port("applyPage", PROJECT, [archive.erased(lines[2])])
    assert what() is None and phone.call("search", text="改正") == []
    with pytest.raises(StoreError, match="BadArgument"):
        phone.call("revise", entity=entity)
    # From the start again, in an archive that has erased the second, too.
    phone.port("dropStream", PROJECT)
    phone.port("applyPage", PROJECT, [lines[0], archive.erased(lines[1]), lines[2]])
    assert what() == "定稿"
    phone.port("dropStream", PROJECT)
    assert what() is None


def test_a_page_that_tells_wrongly_what_was_erased_is_not_kept(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    (line,) = archive.page_of(PROJECT, [archive.seal("project", {"name": "甲"})])
    for bad in ({**line, "record": None}, {**archive.erased(line), "record": line["record"]}):
        with pytest.raises(StoreError, match="NotProven"):
            phone.port("applyPage", PROJECT, [bad])
    assert phone.port("streams") == []


def test_what_an_archive_vouched_for_has_sealed_is_read_and_its_erasures_hold(
    phone: Phone, archive: Archive
) -> None:
    enrolled(phone, archive)
    outer, key = Archive(), SealingKey.new()
    outer.number = 1000
    theirs = outer.enrolment(key.jwk, "i07")["keys"]
    project = outer.seal("project", {"name": "外网项目"})
    draft = outer.seal("entry", {"what": "外网记录"})
    entry = seal(key, {**draft.payload, "author": "i07", "counter": 1})
    lines = archive.page_of(PROJECT, [project, entry, outer.erasure(entry.hash)])
    with pytest.raises(StoreError, match="NotProven"):
        phone.port("applyPage", PROJECT, lines[:2])
    vouching = archive.seal("vouching", {"archive": outer.name, "records": theirs}, stream="keys")
    keys = [parse(jws.encode("ascii")) for jws in (*archive.keys, *archive.enrolments)]
    phone.port("applyPage", "keys", archive.page_of("keys", [*keys, vouching]))
    phone.port("applyPage", PROJECT, lines[:2])
    assert phone.call("row", kind="project", entity=project.payload["id"])["name"] == "外网项目"
    assert phone.call("row", kind="entry", entity=entry.payload["id"])["what"] == "外网记录"
    phone.port("applyPage", PROJECT, lines[2:])
    assert phone.call("row", kind="entry", entity=entry.payload["id"]) is None
