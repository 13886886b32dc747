import itertools

from hypothesis import given
from hypothesis import strategies as st

from sync.fold import Leaf, fold, provenance
from tests.sync.factory import STREAM

ROOT = "01930000-0000-7000-8000-000000000001"
MEMBERS = {"stream": STREAM, "entity": ROOT, "kind": "note", "captured_at": "2026-11-22T14:54:15.120+08:00"}


def leaf(number: int, author: str = "i05", supersedes: tuple[int, ...] = (), is_root: bool = False) -> Leaf:
    identity = ROOT if is_root else f"01930000-0000-7000-8000-1{number:011x}"
    payload = {
        **MEMBERS,
        "id": identity,
        "author": author,
        "supersedes": [name(one) for one in supersedes],
        "body": {},
    }
    return Leaf(name(number), "k", payload)


def name(number: int) -> str:
    return f"{number:064x}"


@st.composite
def histories(draw: st.DrawFn) -> list[Leaf]:
    size = draw(st.integers(1, 7))
    leaves = [leaf(draw(st.integers(1, 9)) * 1000, is_root=True)]
    for number in range(10, 10 + size):
        known = [int(one.hash, 16) for one in leaves]
        names = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        leaves.append(
            leaf(draw(st.integers(1, 9)) * 1000 + number, draw(st.sampled_from(["i05", "i06"])), tuple(names))
        )
    return leaves


@given(histories(), st.randoms(use_true_random=False), st.booleans())
def test_order_and_repetition_of_arrival_never_matter(
    leaves: list[Leaf], random: object, is_shared: bool
) -> None:
    shuffled = [*leaves, *leaves[:2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled, is_shared) == fold(leaves, is_shared)


@given(histories())
def test_a_stranger_never_changes_what_the_owner_said(leaves: list[Leaf]) -> None:
    own = [one for one in leaves if one.payload["author"] == "i05"]
    assert fold(leaves, is_shared=False) == fold(own, is_shared=False)


def test_two_revisions_of_one_are_a_conflict_until_a_third_names_both() -> None:
    first, left, right = leaf(1, is_root=True), leaf(2, supersedes=(1,)), leaf(3, supersedes=(1,))
    state = fold([first, left, right], is_shared=False)
    assert state is not None
    assert (state.winner.hash, provenance(state)["is_conflict"]) == (name(3), True)
    for order in itertools.permutations([first, left, right, leaf(4, supersedes=(2, 3))]):
        settled = fold(order, is_shared=False)
        assert settled is not None
        assert (settled.winner.hash, len(settled.heads), settled.revisions) == (name(4), 1, 4)


def test_without_the_first_record_there_is_no_row() -> None:
    assert fold([leaf(2, supersedes=(1,))], is_shared=False) is None


def test_a_row_says_where_it_comes_from() -> None:
    state = fold([leaf(1, is_root=True)], is_shared=False)
    assert state is not None
    assert provenance(state) == {
        "entity": ROOT,
        "stream": STREAM,
        "record": name(1),
        "author": "i05",
        "kid": "k",
        "captured_at": "2026-11-22T06:54:15.120Z",
        "captured_offset_min": 480,
        "revisions": 1,
        "is_conflict": False,
    }
