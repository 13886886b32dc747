"""Synchronising loses nothing: Hypothesis tries to make it, on the real application, with faults on either leg of every exchange.

`make soak` runs many more examples of the same.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sync import fault
from tests.proof.phone import ARCHIVE, STATION
from tests.proof.wire import FAULTS
from tests.proof.world import PHOTOS, SPOILT, Prepared, World, prepare
from tests.store import SORTS

SOAK = int(os.environ.get("SOAK", "0"))
EXAMPLES = {"sqlite": 12, "postgresql": 6}
STEPS = 40

SLOT = st.integers(0, 5)
NUMBER = st.integers(0, 1000)
FAULT = st.sampled_from([*FAULTS, *("none",) * 6])
DEATH = st.sampled_from([f"kill {point}" for point in fault.POINTS])


class Life(RuleBasedStateMachine):
    """What may happen. Every rule is one step; the oracle judges after each."""

    prepared: ClassVar[Prepared]

    @initialize(phones=st.integers(2, 6))
    def begin(self, phones: int) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.prepared.folder))
        self.phones = phones
        self.world = World(self.prepared, self.folder, phones)

    # -- people ---------------------------------------------------------------------------------------------------------------

    @rule(slot=SLOT, project=st.integers(0, 1), photos=st.lists(st.integers(0, len(PHOTOS) - 1), max_size=2))
    def seal(self, slot: int, project: int, photos: list[int]) -> None:
        self.world.seal(slot % self.phones, project, photos)

    @rule(slot=SLOT, project=st.integers(0, 1), spoilt=st.sampled_from(SPOILT))
    def seal_what_is_none(self, slot: int, project: int, spoilt: str) -> None:
        self.world.seal(slot % self.phones, project, [], spoilt)

    @rule(slot=SLOT)
    def switch_user(self, slot: int) -> None:
        self.world.switch(slot % self.phones)

    @rule(slot=SLOT)
    def free_room(self, slot: int) -> None:
        self.world.free(slot % self.phones)

    @rule(slot=SLOT, hours=st.sampled_from([-26_000, -24, 24, 0]))
    def clock_jumps(self, slot: int, hours: int) -> None:
        self.world.jumps[slot % self.phones] = hours

    @rule(number=NUMBER)
    def erase_by_law(self, number: int) -> None:
        self.world.erase(number)

    # -- exchanges ------------------------------------------------------------------------------------------------------------

    @rule(slot=SLOT, route=st.sampled_from([ARCHIVE, ARCHIVE, STATION]), fault=FAULT, at=NUMBER)
    def send(self, slot: int, route: str, fault: str, at: int) -> None:
        self.world.exchange(slot % self.phones, route, fault, at)

    @rule(slot=SLOT, count=st.integers(2, 12))
    def send_on(self, slot: int, count: int) -> None:
        for _ in range(count):
            self.world.exchange(slot % self.phones, ARCHIVE, "none")

    @rule(slot=SLOT, point=DEATH)
    def die_while_answering(self, slot: int, point: str) -> None:
        self.world.exchange(slot % self.phones, ARCHIVE, point)

    @rule(slot=SLOT, fault=FAULT, at=NUMBER)
    def read(self, slot: int, fault: str, at: int) -> None:
        self.world.read(slot % self.phones, fault, at)

    @rule(slot=SLOT, fault=FAULT, at=NUMBER)
    def show_receipts(self, slot: int, fault: str, at: int) -> None:
        self.world.contact(slot % self.phones, fault, at)

    @rule(number=NUMBER)
    def something_comes_late(self, number: int) -> None:
        self.world.deliver_late(number)

    @rule(span_s=st.sampled_from([0, 60, 3600, 90_000]), fault=FAULT, nth=st.integers(0, 4))
    def station_works(self, span_s: int, fault: str, nth: int) -> None:
        self.world.forward(span_s, fault, nth)

    # -- the archive ----------------------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 30, 200]))
    def time_passes(self, hours: int) -> None:
        self.world.pass_by(hours=hours)

    @rule()
    def archive_crashes(self) -> None:
        self.world.home.crash()

    @rule()
    def station_crashes(self) -> None:
        self.world.crash_station()

    @rule()
    def back_up(self) -> None:
        self.world.home.back_up()

    @rule(number=NUMBER, keeps_photos=st.booleans())
    def restore(self, number: int, keeps_photos: bool) -> None:
        self.world.restore(number, keeps_photos)

    @rule()
    def copy_behind_the_back(self) -> None:
        self.world.home.take_snapshot()

    @rule(number=NUMBER)
    def roll_back_behind_the_back(self, number: int) -> None:
        self.world.roll_back(number)

    @rule(trouble=st.sampled_from(["busy", "full"]), calls=st.integers(1, 4))
    def photo_store_fails(self, trouble: str, calls: int) -> None:
        self.world.home.fill_store(trouble, calls)

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "world"):
            self.world.pass_by(seconds=1)
            self.world.check()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.drain()
        finally:
            self.world.end()
            shutil.rmtree(self.folder)


@pytest.fixture(scope="module", params=SORTS)
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    yield request.param, prepare(tmp_path_factory.mktemp("proof"), server)


@pytest.mark.timeout(0 if SOAK else 300)
def test_nothing_is_lost_whatever_happens(prepared: tuple[str, Prepared]) -> None:
    sort, made = prepared
    machine = type("Life", (Life,), {"prepared": made})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SOAK or EXAMPLES[sort],
            stateful_step_count=STEPS,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=True,
        ),
    )
