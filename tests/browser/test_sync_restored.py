"""The phone's real storage and sync runner against an archive that was rolled back, has a new key, or erases by law."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from sync.archive import Draft
from sync.backup import back_up
from tests.browser import hostile_site
from tests.browser.hostile_site import HostileSite
from tests.browser.process import until
from tests.browser.test_sync import (
    STREAM,
    _call,
    _jpeg,
    _kept,
    _sealed_entry,
    _sealed_photo,
    _sync,
    _until_safe,
    enrolled,
    phone,
)
from tests.fieldapp.desk_city import project_body

__all__ = ["phone"]
PROJECT = STREAM.partition(":")[2]
TEAM = "01930000-0000-7000-8000-0000000000bb"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HostileSite]:
    site = HostileSite(tmp_path / "archive")
    made_readable(site)
    site.start()
    yield site
    site.stop()


def made_readable(site: HostileSite) -> None:
    """Let the inspector read the project's stream."""
    team = {
        "code": "t1",
        "name": "一组",
        "members": [{"person": hostile_site.PERSON, "part": "leader"}],
        "units": [],
    }
    project = project_body("p1", TEAM, TEAM)
    masters = [
        Draft("team", "commons", team, "d01", id=TEAM),
        Draft("project", STREAM, project, "d01", id=PROJECT),
    ]
    site.services.archive.seal(masters)


def report(month: str) -> Draft:
    body = {"project": PROJECT, "month": month, "reported_on": f"{month}-01", "reported_permille": 500}
    return Draft("progress_report", STREAM, body, "d01")


def notices(phone: Page) -> list[str]:
    return [notice["what"] for notice in _call(phone, "notices")]


def until_notice(phone: Page, *wanted: str) -> None:
    def is_there() -> bool:
        phone.wait_for_timeout(20)
        return notices(phone) == list(wanted)

    until(is_there, f"notices {wanted}", 45)


def pulled_everything(phone: Page, site: HostileSite) -> None:
    """Wait until the phone holds the project's stream as it stands."""

    def is_pulled() -> bool:
        phone.wait_for_timeout(20)
        (head,) = site.services.archive.heads([STREAM])
        return any(
            state["earlier"]["updated_at"] and not state["doing"]
            for state in phone.evaluate("phone.events.slice(-1).map((event) => event.state)")
        ) and bool(head)

    until(is_pulled, "everything pulled", 45)


@pytest.mark.parametrize("is_grown", [False, True], ids=["shorter", "other-history"])
def test_an_archive_rolled_back_in_silence_notices_and_gets_everything_again(
    phone: Page, site: HostileSite, tmp_path: Path, is_grown: bool
) -> None:
    first = _sealed_entry(phone, "备份之前")
    _sync(phone)
    _until_safe(phone, 1)
    services = site.services
    back_up(services.database, services.photos, tmp_path / "backup", services.archive.now())
    later = [_sealed_entry(phone, "备份之后"), _sealed_photo(phone, _jpeg(300))]
    _until_safe(phone, 3)
    _sync(phone, "now")
    pulled_everything(phone, site)

    site.stop()
    site.roll_back(tmp_path / "backup")
    if is_grown:
        site.services.archive.seal([report("2026-09"), report("2026-10")])
    assert _kept(site, *later) == []
    site.start()
    epoch = site.services.archive.epoch
    _sync(phone, "now")
    until(lambda: site.services.archive.epoch > epoch, "a new epoch, opened by the archive itself", 45)
    until_notice(phone, "archive-restored")
    _until_safe(phone, 3)
    rows = _kept(site, first, *later)
    assert len(rows) == 3 and all(row.completed_at for row in rows)
    assert notices(phone) == ["archive-restored"]


def test_an_archive_that_lost_the_enrolment_gets_it_again_with_the_next_login(
    page: Page, site: HostileSite, tmp_path: Path
) -> None:
    services = site.services
    back_up(services.database, services.photos, tmp_path / "backup", services.archive.now())
    phone = enrolled(page, site.origin)
    before = _sealed_entry(phone, "备份之后绑定")
    _sync(phone)
    _until_safe(phone, 1)
    site.stop()
    site.roll_back(tmp_path / "backup")
    site.start()
    after = _sealed_entry(phone, "恢复之后")
    _sync(phone, "now")

    def is_refused() -> bool:
        phone.wait_for_timeout(20)
        return bool(_call(phone, "tally")["refused"] == 2)

    until(is_refused, "nobody knows this phone", 45)
    kid = _call(phone, "identity")["kid"]
    phone.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    _until_safe(phone, 2)
    assert len(_kept(site, before, after)) == 2
    assert _call(phone, "identity")["kid"] == kid


def test_a_new_key_of_the_archive_is_learned_when_the_phone_may_read_again(
    phone: Page, site: HostileSite
) -> None:
    _sealed_entry(phone, "旧密钥")
    _sync(phone)
    _until_safe(phone, 1)
    phone.context.clear_cookies()
    site.stop()
    site.rotate_key()
    site.start()
    second = _sealed_entry(phone, "登录过期")
    _sync(phone, "now")
    until(lambda: _kept(site, second), "the upload without a login", 45)
    until(lambda: site.requests.count("POST /sync/1/receipts") > 0, "receipts asked for", 45)
    # The archive has it, and says so by a key this phone cannot vouch for yet: nothing more is claimed.
    assert _call(phone, "record", hash=second)["state"] == "saved"
    phone.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    _until_safe(phone, 2)
    assert notices(phone) == []


def test_what_the_archive_erases_by_law_leaves_the_phone(phone: Page, site: HostileSite) -> None:
    doomed, kept = _sealed_entry(phone, "张三家庭住址"), _sealed_entry(phone, "围挡破损")
    _sync(phone)
    _until_safe(phone, 2)
    site.services.archive.erase([doomed], STREAM, "个人信息保护法第四十七条", "d01", "d02")
    _sync(phone, "now")
    until_notice(phone, "erased")
    assert {item["hash"]: item["state"] for item in _call(phone, "outbox", safe=True)} == {
        kept: "safe",
        doomed: "erased",
    }
    assert _call(phone, "search", text="家庭住址") == []
