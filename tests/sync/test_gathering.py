"""Work that threads share: nothing is left out, nothing is done twice, and nobody waits for others to come."""

import threading
from collections.abc import Sequence

import pytest

from sync.gathering import Gathering


def test_a_lone_item_is_done_at_once() -> None:
    done: list[Sequence[int]] = []
    assert Gathering[int](lambda items: done.append(items) or ()).do(7, 8) == set()
    assert done == [[7, 8]]


def test_an_item_that_came_to_nothing_is_told_so() -> None:
    assert Gathering[int](lambda items: {7}).do(7, 8) == {7}


def test_what_comes_while_others_work_is_done_together_and_each_once() -> None:
    done: list[list[int]] = []
    first_is_in, may_go_on = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> Sequence[int]:
        done.append(sorted(items))
        if len(done) == 1:
            first_is_in.set()
            may_go_on.wait()
        return ()

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
    def work(items: Sequence[int]) -> Sequence[int]:
        if 1 in items:
            raise OSError("no room")
        return ()

    gathering = Gathering[int](work)
    with pytest.raises(OSError, match="no room"):
        gathering.do(1)
    gathering.do(2)


def test_work_that_was_ended_in_the_middle_is_nobodys_success() -> None:
    first_is_in, may_go_on = threading.Event(), threading.Event()
    heard: list[BaseException] = []

    def work(items: Sequence[int]) -> Sequence[int]:
        if 0 in items:
            first_is_in.set()
            may_go_on.wait()
            return ()
        raise SystemExit

    def bring(item: int) -> None:
        try:
            gathering.do(item)
        except BaseException as error:
            heard.append(error)

    gathering = Gathering[int](work)
    threads = [threading.Thread(target=bring, args=[number]) for number in range(4)]
    threads[0].start()
    first_is_in.wait()
    for thread in threads[1:]:
        thread.start()
    while len(gathering.waiting) < 3:
        pass
    may_go_on.set()
    for thread in threads:
        thread.join()
    assert sorted(type(error).__name__ for error in heard) == ["Interrupted", "Interrupted", "SystemExit"]
