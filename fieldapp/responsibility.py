"""Who is tied to a project or a unit on a day, in which role, and how far they answer: posts and links with their dates. Pure.

It places people beside facts, no more. What a person wrote of an entry (`responsible`, `share`) stands before what is worked out here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from fieldapp.domain.project import Link
from fieldapp.domain.unit import Leadership, Tenure

Role = Literal["lead", "owner", "patron", "local", "support", "head", "post"]
Share = Literal["own", "shared", "inherited"]

# Who answers first, first; the roles of links come with `link.role`, a unit's `head` and a `post` in it from the tenures.
ROLES: tuple[Role, ...] = ("lead", "head", "owner", "patron", "local", "support", "post")
FIRST: frozenset[Role] = frozenset({"lead", "head"})
OPEN_END = "9999-12-31"


@dataclass(frozen=True)
class Tie:
    """An official tied to a stream from a day until before another (`OPEN_END`: it lasts). `inherits`: somebody held it before."""

    official: str
    stream: str
    role: Role
    from_on: str
    until_on: str
    inherits: bool = False

    def holds(self, on: str) -> bool:
        """Tell whether the tie holds on a day. On the day of a handing over, the one who takes over answers."""
        return self.from_on <= on < self.until_on

    def share(self, began_on: str) -> Share:
        """Return how far the official answers for what began on a day: what began before the office was taken over was handed down."""
        if self.role not in FIRST:
            return "shared"
        return "inherited" if self.inherits and began_on < self.from_on else "own"


class Responsibility:
    """Everybody's ties, by stream and by official. `units` gives the lead unit of each project, by the project's entity."""

    def __init__(
        self,
        tenures: Iterable[Tenure],
        links: Iterable[Link],
        leaderships: Iterable[Leadership],
        units: Mapping[str, str],
    ) -> None:
        self.by_stream: dict[str, list[Tie]] = defaultdict(list)
        self.by_official: dict[str, list[Tie]] = defaultdict(list)
        posts: dict[str, list[Tie]] = defaultdict(list)
        heads: dict[str, list[Leadership]] = defaultdict(list)
        for team in leaderships:
            heads[team.unit].append(team)
        projects: dict[str, list[str]] = defaultdict(list)
        for project, unit in units.items():
            projects[unit].append(project)
        for tenure in tenures:
            if tenure.unit:
                posts[tenure.unit] += _in_unit(tenure, heads[tenure.unit])
        for unit, held in posts.items():
            self._add(held)
            for project in projects[unit]:
                self._add(_through(held, f"project:{project}", "post", "", OPEN_END))
        for link in links:
            until = link.to_on or OPEN_END
            stream = f"project:{link.project}"
            if link.official:
                took_over = link.inherits_from is not None
                self._add([Tie(link.official, stream, link.role, link.from_on, until, took_over)])
            elif link.unit:
                self._add(_through(posts[link.unit], stream, link.role, link.from_on, until))

    def _add(self, ties: Iterable[Tie]) -> None:
        for tie in ties:
            self.by_stream[tie.stream].append(tie)
            self.by_official[tie.official].append(tie)

    def on(self, stream: str, on: str) -> list[Tie]:
        """Return who is tied to a project or unit on a day, each official once by the role that answers first, in that order."""
        found: dict[str, Tie] = {}
        held = (tie for tie in self.by_stream.get(stream, ()) if tie.holds(on))
        for tie in sorted(held, key=lambda one: (ROLES.index(one.role), one.from_on, one.official)):
            found.setdefault(tie.official, tie)
        return list(found.values())

    def first(self, stream: str, on: str) -> list[Tie]:
        """Return who answers first for a project or unit on a day: its lead, or the head of the unit."""
        return [tie for tie in self.on(stream, on) if tie.role in FIRST]

    def of(self, official: str) -> list[Tie]:
        """Return everything an official was tied to, the earliest first."""
        return sorted(self.by_official.get(official, ()), key=lambda one: (one.from_on, one.stream, one.role))


def _in_unit(tenure: Tenure, teams: Iterable[Leadership]) -> Iterable[Tie]:
    """A post in a unit; while the unit's leadership has its holder as head, that of its head."""
    stream, until = f"unit:{tenure.unit}", tenure.to_on or OPEN_END
    yield Tie(tenure.official, stream, "post", tenure.from_on, until)
    teams = list(teams)
    for team in teams:
        from_on, until_on = max(tenure.from_on, team.from_on), min(until, team.to_on or OPEN_END)
        if team.head == tenure.official and from_on < until_on:
            took_over = any(other.head != team.head and other.from_on < team.from_on for other in teams)
            yield Tie(tenure.official, stream, "head", from_on, until_on, took_over)


def _through(held: Iterable[Tie], stream: str, role: Role, since: str, until: str) -> Iterable[Tie]:
    """Ties of a unit's people to what the unit is tied to, for the days both hold."""
    for tie in held:
        from_on, until_on = max(tie.from_on, since), min(tie.until_on, until)
        if tie.role == "post" and from_on < until_on:
            yield Tie(tie.official, stream, role, from_on, until_on)
