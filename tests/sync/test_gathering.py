"""Work that threads share: nothing is left out, nothing is done twice, and nobody waits for others to come."""

import threading
from collections.abc import Sequence

import pytest

from sync.gathering import Gathering


def test_a_lone_item_is_done_at_once() -> None:
    done: list[Sequence[int]] = []
    Gathering[int](done.append).do(7)
    assert done == [[7]]


def test_what_comes_while_others_work_is_done_together_and_each_once() -> None:
    done: list[list[int]] = []
    first_is_in, may_go_on = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> None:
        done.append(sorted(items))
        if len(done) == 1:
            first_is_in.set()
            may_go_on.wait()

    gathering = Gathering[int](work)
    first = threading.Thread(target=gathering.do, args=[0])
    first.start()
    first_is_in.wait()
    others = [threading.Thread(target=gathering.do, args=[number]) for number in range(1, 9)]
    for other in others:
        other.start()
    while len(gathering.waiting) < len(others):
        pass
    may_go_on.set()
    for thread in (first, *others):
        thread.join()
    assert done == [[0], [1, 2, 3, 4, 5, 6, 7, 8]]


def test_everybody_whose_work_failed_hears_why_and_the_next_is_done() -> None:
    def work(items: Sequence[int]) -> None:
        if 1 in items:
            raise OSError("no room")

    gathering = Gathering[int](work)
    with pytest.raises(OSError, match="no room"):
        gathering.do(1)
    gathering.do(2)
