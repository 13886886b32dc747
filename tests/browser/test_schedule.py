"""The phone's schedule against a simulated world (`page/schedule.js`): seeded faults, then liveness and order.

A failing seed is repeated by its number. Times are of the simulated clock.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


@pytest.fixture(scope="module")
def world(browser: Browser) -> Iterator[Page]:
    server = StaticServer()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.origin}/page/schedule.html")
    until_true(page, "typeof globalThis.simulate === 'function'")
    yield page
    context.close()
    server.stop()


def _simulate(world: Page, **options: Any) -> Any:
    found = world.evaluate("(options) => simulate(options)", {"seed": 1, **options})
    assert found["broken"] == []
    return found


def _pushes(found: Any) -> list[Any]:
    return [one for one in found["requests"] if one["do"] == "push"]


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_outbox_drains_after_the_faults_without_a_new_save(world: Page, first: int) -> None:
    for seed in range(first, first + 20):
        found = _simulate(world, seed=seed, faults_until_ms=4 * HOUR_MS, until_ms=12 * HOUR_MS)
        assert found["drained_at"] is not None, seed
        assert found["drained_at"] < 6 * HOUR_MS, seed


def test_an_idle_phone_is_quiet(world: Page) -> None:
    found = _simulate(world, until_ms=24 * HOUR_MS)
    assert found["drained_at"] < 2 * MINUTE_MS
    assert 0 < found["idle_per_hour"] <= 12


def test_text_goes_before_views_and_views_before_originals(world: Page) -> None:
    found = _simulate(world, records=300, photos=4)
    kinds = [_size_class(one) for one in found["requests"]]
    kinds = [kind for kind in kinds if kind in ("push", "view", "original")]
    assert kinds == sorted(kinds, key=["push", "view", "original"].index)
    assert set(kinds) == {"push", "view", "original"}


def _size_class(request: Any) -> str:
    """Tell an original from a view by its pieces: the world's views are at most 400 KB in one piece."""
    if request["step"] == "patch":
        return "view" if request["bytes"] < 400_000 else "original"
    return "view" if request["do"] == "whole" else str(request["do"])


def test_photos_go_whole_and_together_where_much_more_gets_through(world: Page) -> None:
    found = _simulate(world, records=6, photos=6)
    wholes = [one["sizes"] for one in found["requests"] if one["do"] == "whole"]
    # Of one piece the schedule expects 512 KB to get through at first, a megabyte at most later.
    assert max(size for sizes in wholes for size in sizes) <= 512 * 1024
    assert max(map(len, wholes)) > 1
    assert max(map(sum, wholes)) <= 4 * 1024 * 1024
    assert any(one["step"] == "patch" for one in found["requests"])


def test_a_photo_that_failed_with_others_goes_alone_and_in_pieces(world: Page) -> None:
    found = _simulate(world, records=4, photos=4, script=[None, {"kind": "unreachable"}])
    asked = [one for one in found["requests"] if one["do"] in ("whole", "receipts", "upload")]
    steps = [one["step"] or one["do"] for one in asked]
    assert steps[0] == "whole"
    assert "receipts" in steps[1:3], "what was taken before the cut is not asked for"
    assert "whole" not in steps[1:]
    assert found["drained_at"] is not None


@pytest.mark.parametrize("place", [0, 7, 199])
def test_a_poisoned_record_never_holds_another(world: Page, place: int) -> None:
    poison = f"record-{place}"
    found = _simulate(world, records=200, photos=1, poison=[poison])
    assert found["drained_at"] < 2 * MINUTE_MS
    later = [one["hashes"] for one in _pushes(found) if one["at"] > found["drained_at"]]
    assert later, "the poisoned record is never given up"
    assert all(hashes == [poison] for hashes in later)


def test_a_poisoned_record_is_never_again_sent_with_others(world: Page) -> None:
    found = _simulate(world, records=500, photos=0, every_ms=300, poison=["record-2"])
    last_sealed_at = 499 * 300
    assert last_sealed_at < found["drained_at"] < last_sealed_at + MINUTE_MS
    companies = [one["hashes"] for one in _pushes(found) if "record-2" in one["hashes"]]
    first_alone = next(at for at, hashes in enumerate(companies) if len(hashes) == 1)
    assert first_alone < 4
    assert len(companies) > 2
    assert all(hashes == ["record-2"] for hashes in companies[first_alone:])


def test_refused_records_wait_and_hold_nobody(world: Page) -> None:
    refused = ["0 bad-signature", "3 unknown-key", "5 quarantine-full"]
    found = _simulate(world, records=10, photos=1, refused=refused, until_ms=24 * HOUR_MS)
    assert found["drained_at"] < MINUTE_MS
    tries = [sum(f"record-{number}" in one["hashes"] for one in _pushes(found)) for number in (0, 3, 5)]
    assert 2 <= tries[0] <= 8
    assert all(5 <= count <= 30 for count in tries[1:])


@pytest.mark.parametrize("is_archive_limit", [False, True])
@pytest.mark.parametrize("limit_bytes", [20_000, 70_000, 600_000])
def test_bodies_shrink_until_they_are_let_through(
    world: Page, limit_bytes: int, is_archive_limit: bool
) -> None:
    limit = {"limit_bytes": limit_bytes, "is_archive_limit": is_archive_limit}
    found = _simulate(world, records=60, photos=2, **limit)
    assert found["drained_at"] is not None and found["drained_at"] < 3 * HOUR_MS
    sent = sum(one["bytes"] for one in found["requests"] if one["bytes"] <= limit_bytes)
    assert sent < 60 * 4_000 + 2 * 3_400_000 + 100_000
    # What was found too large is not tried again and again.
    refused = [one["bytes"] for one in found["requests"] if one["bytes"] > limit_bytes]
    assert len(refused) <= 12 and sum(refused) < 3_000_000


def test_a_record_too_large_for_a_proxy_holds_nobody(world: Page) -> None:
    found = _simulate(world, records=30, photos=1, large="record-0", limit_bytes=150_000)
    assert found["drained_at"] < 2 * MINUTE_MS


def test_a_portal_is_told_apart_and_tried_with_a_lookup_before_anything_else(world: Page) -> None:
    portal = {"kind": "portal"}
    found = _simulate(world, script=[portal, portal, portal])
    assert [one["do"] for one in found["requests"][:5]] == ["push", "time", "time", "time", "push"]
    during = _simulate(world, script=[portal] * 50, until_ms=4_000)
    assert during["summary"]["trouble"] == "portal" and not during["summary"]["is_reachable"]
    assert found["drained_at"] is not None and found["summary"]["trouble"] is None


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        ({"kind": "unreachable"}, "network"),
        ({"kind": "unreachable", "status": 502}, "archive"),
        ({"kind": "problem", "status": 503}, "archive"),
    ],
)
def test_the_trouble_is_called_by_its_cause(world: Page, failure: dict[str, Any], trouble: str) -> None:
    during = _simulate(world, script=[failure] * 50, until_ms=4_000)
    assert (during["summary"]["is_reachable"], during["summary"]["trouble"]) == (False, trouble)


@pytest.mark.parametrize("status", [429, 503, 507])
def test_retry_after_is_obeyed(world: Page, status: int) -> None:
    found = _simulate(world, script=[{"kind": "problem", "status": status, "retry_after_ms": 120_000}])
    first, second = found["requests"][:2]
    assert 120_000 <= second["at"] - first["at"] <= 180_000
    assert found["drained_at"] is not None


def test_an_absurd_retry_after_does_not_put_the_phone_to_sleep(world: Page) -> None:
    year_ms = 365 * 24 * HOUR_MS
    found = _simulate(world, script=[{"kind": "problem", "status": 503, "retry_after_ms": year_ms}])
    assert found["drained_at"] < 2 * HOUR_MS


def test_waits_grow_while_there_is_no_network(world: Page) -> None:
    found = _simulate(world, script=[{"kind": "unreachable"}] * 500, until_ms=24 * HOUR_MS)
    times = [one["at"] for one in found["requests"]]
    assert len(times) < 300
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps[0] < 10_000 and max(gaps) <= 16 * MINUTE_MS


def test_without_a_login_everything_is_sent_all_the_same(world: Page) -> None:
    found = _simulate(world, is_logged_in=False)
    assert found["drained_at"] < 2 * MINUTE_MS
    assert found["summary"]["is_login_needed"]


def test_pictures_of_earlier_photos_come_last_and_all(world: Page) -> None:
    found = _simulate(world, records=40, photos=3, earlier=45, until_ms=4 * HOUR_MS)
    kinds = [one["do"] for one in found["requests"] if one["do"] in ("push", "upload", "streams", "earlier")]
    first = kinds.index("earlier")
    assert {"push", "upload", "streams"} == set(kinds[:first])
    assert set(kinds[first:]) <= {"earlier", "streams"}
    # Each once, and every third once more: it had to be made first.
    assert kinds.count("earlier") == 45 + 15
    assert found["summary"]["earlier"] == {"wanted": 45, "here": 45, "updated_at": None}


def test_what_is_sealed_meanwhile_overtakes_the_pictures(world: Page) -> None:
    found = _simulate(world, records=60, photos=0, earlier=200, every_ms=20_000, until_ms=4 * HOUR_MS)
    sealed_at = {f"record-{number}": number * 20_000 for number in range(60)}
    pushed_at = {name: one["at"] for one in reversed(_pushes(found)) for name in one["hashes"]}
    # The answer of a request under way takes up to two seconds; a picture is not waited for at all.
    assert all(pushed_at[name] - at < 5_000 for name, at in sealed_at.items())
    assert found["summary"]["earlier"]["here"] == 200


@pytest.mark.parametrize("first", range(0, 20, 10))
def test_pictures_come_through_faults_and_hold_nothing_up(world: Page, first: int) -> None:
    for seed in range(first, first + 10):
        options = {"earlier": 30, "faults_until_ms": 2 * HOUR_MS, "until_ms": 14 * HOUR_MS}
        found = _simulate(world, seed=seed, **options)
        assert found["drained_at"] is not None and found["drained_at"] < 4 * HOUR_MS, seed
        assert found["summary"]["earlier"]["here"] == 30, seed


def test_without_a_login_no_picture_is_asked_for(world: Page) -> None:
    found = _simulate(world, is_logged_in=False, earlier=5, until_ms=4 * HOUR_MS)
    assert [one for one in found["requests"] if one["do"] == "earlier"] == []


def test_a_full_phone_asks_for_no_more_pictures_for_a_while(world: Page) -> None:
    found = _simulate(world, records=0, photos=0, earlier=3, is_full=True, until_ms=24 * HOUR_MS)
    asked = [one["at"] for one in found["requests"] if one["do"] == "earlier"]
    assert 3 <= len(asked) < 30
    assert asked[1] - asked[0] > 5 * MINUTE_MS
