"""A kind's second version beside its first: what old phones send is checked by its own rules and folds into the newest table."""

import os
from typing import ClassVar, Literal

import pytest
from sqlmodel import Field, select

from fieldapp.domain.body import Body, Folded, Line, Ref, choice, kind_of
from sync.archive import Archive
from sync.key import SealingKey
from sync.rebuild import rebuild
from sync.rule import Role, Rulebook
from tests.store import Store
from tests.sync.factory import STREAM, Phone, StandingClock, enrolled, sent


class SightingBody1(Body):
    """The first version: `where` was asked for by this name, and `sort` had two words."""

    kind: ClassVar[str] = "test_sighting"
    nouns: ClassVar[frozenset[str]] = frozenset({"project"})
    writers: ClassVar[frozenset[Role]] = frozenset({"inspector"})

    what: Line
    sort: Literal["fault", "other"] = choice()


class SightingBody(SightingBody1):
    """The second: one more word, one more member, which was not asked for before."""

    version: ClassVar[int] = 2

    what: Line
    sort: Literal["fault", "other", "hazard"] = choice()
    place: Line = ""
    about: Ref | None = Field(default=None)


class Sighting(SightingBody, Folded, table=True):
    """Where both fold."""

    __tablename__ = "test_sighting"


KIND = kind_of(SightingBody, older=[(1, SightingBody1)])


def archive(store: Store, *kinds: object) -> Archive:
    database = store.database()
    database.create_tables()
    key = SealingKey.kept_at(store.folder / "key" / "archive.pem")
    return Archive(
        database,
        Rulebook(kinds),  # type: ignore[arg-type]
        {"test_sighting": Sighting},
        store.photos,
        key,
        StandingClock(),
        os.urandom,
    )


def seal(phone: Phone, v: int, body: dict[str, object], **more: object) -> object:
    return phone.seal(body, kind="test_sighting", v=v, stream=STREAM, **more)


def verdicts(home: Archive, *records: object) -> list[tuple[str, str | None]]:
    return [(one.verdict, one.reason) for one in home.push(sent(*records)).judgements]  # type: ignore[arg-type]


def rows(home: Archive) -> dict[str, tuple[str, str, str | None]]:
    with home.database.reading() as session:
        return {one.what: (one.sort, one.place, one.about) for one in session.exec(select(Sighting))}


def test_a_phone_that_has_not_learned_the_second_version_goes_on_sending(store: Store) -> None:
    home = archive(store, KIND)
    phone = enrolled(home)
    old = seal(phone, 1, {"what": "old", "sort": "fault"})
    new = seal(phone, 2, {"what": "new", "sort": "hazard", "place": "pier 3"})
    assert verdicts(home, old, new) == [("appended", None)] * 2
    assert rows(home) == {"old": ("fault", "", None), "new": ("hazard", "pier 3", None)}
    rebuild(home)
    assert rows(home) == {"old": ("fault", "", None), "new": ("hazard", "pier 3", None)}


@pytest.mark.parametrize(
    ("v", "body"),
    [
        (1, {"what": "x", "sort": "hazard"}),
        (1, {"what": "x", "sort": "fault", "place": "pier 3"}),
        (2, {"what": "x", "sort": "unheard"}),
    ],
)
def test_each_version_is_checked_by_its_own_rules(store: Store, v: int, body: dict[str, object]) -> None:
    home = archive(store, KIND)
    assert verdicts(home, seal(enrolled(home), v, body)) == [("quarantined", "body-invalid")]


def test_an_old_wording_may_be_corrected_by_a_new_phone_and_the_other_way_round(store: Store) -> None:
    home = archive(store, KIND)
    phone = enrolled(home)
    for first, then in ((1, 2), (2, 1)):
        before = seal(phone, first, {"what": f"{first} first", "sort": "fault"})
        links = {"entity": before.payload["id"], "supersedes": [before.hash]}  # type: ignore[attr-defined]
        after = seal(phone, then, {"what": f"{then} then", "sort": "other"}, **links)
        assert verdicts(home, before, after) == [("appended", None)] * 2
    assert set(rows(home)) == {"2 then", "1 then"}


def test_what_came_before_the_archive_knew_its_version_joins_when_it_does(store: Store) -> None:
    phone_first = archive(store, kind_of(SightingBody1))
    phone = enrolled(phone_first)
    early = seal(phone, 2, {"what": "early", "sort": "hazard"})
    assert verdicts(phone_first, early) == [("quarantined", "unknown-version")]
    updated = archive(store, KIND)
    assert verdicts(updated, early) == [("appended", None)]
    assert rows(updated) == {"early": ("hazard", "", None)}
