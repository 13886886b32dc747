"""The marked difference of two wordings."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fieldapp.difference import Run, difference

WORDS = st.text(alphabet="护栏缺失K3+200 abc\n。", max_size=60)


def test_what_went_and_what_came_is_marked_word_by_word() -> None:
    assert difference("护栏缺失约200米，未设标志", "护栏缺失约350米，未设标志") == [
        Run("same", "护栏缺失约"),
        Run("gone", "200"),
        Run("new", "350"),
        Run("same", "米，未设标志"),
    ]
    assert difference("Guard rail missing", "Guard rail broken") == [
        Run("same", "Guard rail "),
        Run("gone", "missing"),
        Run("new", "broken"),
    ]


def test_an_addition_leaves_the_rest_unmarked() -> None:
    assert difference("护栏缺失", "护栏缺失（K3+200）") == [Run("same", "护栏缺失"), Run("new", "（K3+200）")]


def test_two_texts_without_enough_in_common_are_not_marked() -> None:
    assert difference("护栏缺失", "路灯没有通电，夜间无法通行") is None
    assert difference("甲", "乙") is None


@given(WORDS, WORDS)
def test_the_runs_are_both_wordings_and_never_more(before: str, after: str) -> None:
    runs = difference(before, after)
    if runs is not None:
        assert "".join(run.text for run in runs if run.sort != "new") == before
        assert "".join(run.text for run in runs if run.sort != "gone") == after
        assert all(run.text for run in runs)
        assert all(one.sort != other.sort for one, other in pairwise(runs))


def test_long_texts_are_compared_in_bounded_time() -> None:
    before, after = "护栏" * 5_000, "栏护甲" * 5_000
    runs = difference("头" + before + "尾", "头" + after + "尾")
    assert runs is None
