"""Master data (基础资料): what administrators keep of projects, units and people. Its kinds, queries and acts stand here.

Every change is a record that supersedes; nothing is deleted, only retired (`retirement`). Any administrator may change what another wrote.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from fieldapp import master_check, retirement
from fieldapp.domain import TABLES
from fieldapp.domain.body import Body, Folded
from fieldapp.domain.checklist import ChecklistBody
from fieldapp.domain.project import ClaimBody, LinkBody, MilestoneBody, ProjectBody, ProjectTypeBody
from fieldapp.domain.retirement import Retirement, RetirementBody
from fieldapp.domain.unit import LeadershipBody, OfficialBody, PersonBody, TeamBody, TenureBody, UnitBody
from fieldapp.master_check import Fault
from fieldapp.problem import Problem
from fieldapp.revision import Revision, in_order
from sync.archive import Draft
from sync.table import RecordRow

if TYPE_CHECKING:
    from fieldapp.services import Services

COMMONS = "commons"
# How many of what belongs to a page are listed on it.
MOST_BELOW = 200

CODED = ("code", "name", "name_en")


@dataclass(frozen=True)
class Sort:
    """One kind of master data. `shown` are the members a list shows beside the title, `asked` those of the form.

    `refs` says what a member names, by path: a kind and which of its members is the name. `words` are the words a list of choices begins
    with. `within` are the nouns of the streams it stands in, none for `commons`; `below` says what its page lists: kinds, and the member
    that names it (`stream` for what stands in its stream).
    """

    body: type[Body]
    order: str = "code"
    searched: tuple[str, ...] = CODED
    shown: tuple[str, ...] = ()
    unasked: frozenset[str] = frozenset()
    refs: Mapping[str, tuple[type[Body], str]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    below: tuple[tuple[str, str], ...] = ()
    can_add: bool = True

    @property
    def kind(self) -> str:
        """Return the kind's name."""
        return self.body.kind

    @property
    def table(self) -> Any:
        """Return the table it folds into."""
        return TABLES[self.body]

    @property
    def asked(self) -> list[str]:
        """Return the members of its form, in the kind's order."""
        return [name for name in self.body.model_fields if name not in self.unasked]


FRONTS = ("project", "rural", "livelihood", "front_line")
UNIT, OFFICIAL = (UnitBody, "entity"), (OfficialBody, "entity")
SORTS: dict[str, Sort] = {
    one.kind: one
    for one in (
        Sort(
            ProjectBody,
            shown=("unit", "state"),
            refs={
                "type": (ProjectTypeBody, "code"),
                "unit": UNIT,
                "team": (TeamBody, "entity"),
                "support": UNIT,
            },
            words={"front": FRONTS, "level": ("county", "city", "province", "national")},
            below=(("milestone", "stream"), ("link", "stream"), ("claim", "stream")),
        ),
        Sort(
            MilestoneBody,
            order="planned_on",
            searched=("name", "name_en"),
            shown=("planned_on", "reported_on", "project"),
            unasked=frozenset({"project"}),
            within=("project",),
        ),
        Sort(
            LinkBody,
            order="from_on",
            searched=(),
            shown=("role", "from_on", "to_on", "project"),
            unasked=frozenset({"project"}),
            refs={"official": OFFICIAL, "unit": UNIT, "inherits_from": OFFICIAL},
            within=("project",),
        ),
        Sort(
            ClaimBody,
            order="claimed_on",
            searched=("what", "what_en"),
            shown=("claimed_by", "claimed_on"),
            unasked=frozenset({"visit"}),
            within=("project", "unit"),
        ),
        Sort(
            UnitBody,
            shown=("sort", "district"),
            words={"sort": ("territory", "zone", "department", "enterprise", "support")},
            below=(("leadership", "unit"), ("tenure", "unit"), ("project", "unit"), ("claim", "stream")),
        ),
        Sort(
            LeadershipBody,
            order="from_on",
            searched=("name", "name_en"),
            shown=("unit", "head", "from_on", "to_on"),
            refs={"unit": UNIT, "head": OFFICIAL},
        ),
        Sort(
            OfficialBody,
            below=(("tenure", "official"), ("link", "official")),
        ),
        Sort(
            TenureBody,
            order="from_on",
            searched=("post", "post_en"),
            shown=("unit", "from_on", "to_on"),
            refs={"official": OFFICIAL, "unit": UNIT},
        ),
        Sort(
            TeamBody,
            shown=("members",),
            refs={"members.person": (PersonBody, "person"), "units": UNIT},
            below=(("project", "team"),),
        ),
        Sort(
            PersonBody,
            order="person",
            searched=("person", "name", "name_en"),
            shown=("person", "role", "home_unit"),
            # Who may log in as what is the accounts' matter.
            unasked=frozenset({"person", "role"}),
            refs={"home_unit": UNIT},
            can_add=False,
        ),
        Sort(
            ProjectTypeBody,
            shown=("front", "measure"),
            words={"front": FRONTS},
        ),
        # New ones and new editions come from Excel files; here they are looked up and retired.
        Sort(ChecklistBody, shown=("edition",), unasked=frozenset(ChecklistBody.model_fields), can_add=False),
    )
}


class Changed(Exception):
    """Somebody changed it after it was put on screen."""


class Refused(Exception):
    """What was filled in cannot be, or `is_doubtful` and nobody said yet that it is meant so."""

    def __init__(self, faults: Sequence[Fault], is_doubtful: bool = False) -> None:
        super().__init__(f"{len(faults)} faults, first {faults[0]}")
        self.faults = faults
        self.is_doubtful = is_doubtful


@dataclass(frozen=True)
class Wanted:
    """What a link to a list asks for; empty is no condition. `state` is `retired`, else what is in use; `within` a stream."""

    q: str = ""
    state: str = ""
    within: str = ""

    def query(self, **changes: str) -> dict[str, str]:
        """Return the members of a link's query string that say something, `changes` made."""
        return {name: value for name, value in {**vars(self), **changes}.items() if value}


@dataclass(frozen=True)
class Event:
    """Something in the history of one thing: a wording, or that it was retired or taken into use again (`retirement`)."""

    at: str
    author: str
    revision: Revision | None = None
    retirement: Mapping[str, Any] | None = None


def page(session: Session, sort: Sort, wanted: Wanted, after: str, size: int) -> tuple[list[Any], str]:
    """Return at most `size` rows after a key, in the kind's order, and the key of the next page, empty at the end."""
    column, entity = getattr(sort.table, sort.order), sort.table.entity
    conditions = [_is_found(sort, wanted.q)] if wanted.q else []
    unused = ~retirement.in_use(sort.table)
    conditions.append(unused if wanted.state == "retired" else ~unused)
    if wanted.within:
        conditions.append(sort.table.stream == wanted.within)
    key, _, last = after.rpartition("~")
    if last:
        conditions.append(or_(column > key, and_(column == key, entity > last)))
    found = select(sort.table).where(*conditions).order_by(column, entity).limit(size + 1)
    rows = list(session.exec(found))
    more = len(rows) > size
    return rows[:size], f"{getattr(rows[size - 1], sort.order)}~{rows[size - 1].entity}" if more else ""


def _is_found(sort: Sort, q: str) -> Any:
    """The words stand in one of the searched members, or in the name of something the row names."""

    def has(column: Any) -> Any:
        return func.lower(column).contains(q.lower(), autoescape=True)

    tests = [has(getattr(sort.table, name)) for name in sort.searched]
    for name, (body, by) in sort.refs.items():
        named = TABLES[body]
        if by == "entity" and _is_single(sort, name):
            of_name = select(named.entity).where(or_(has(named.name), has(named.name_en)))  # type: ignore[attr-defined]
            tests.append(getattr(sort.table, name).in_(of_name))
    return or_(*tests)


def _is_single(sort: Sort, name: str) -> bool:
    return "." not in name and "list" not in str(sort.body.model_fields[name].annotation)


def find(session: Session, sort: Sort, entity: str) -> Any:
    """Return one row; raise problem `not-found`."""
    row = session.get(sort.table, entity)
    if row is None:
        raise Problem("not-found")
    return row


def body_of(sort: Sort, row: Any) -> dict[str, Any]:
    """Return what a row says, without where it comes from."""
    return {name: getattr(row, name) for name in sort.body.model_fields if name not in Folded.model_fields}


def seen(services: "Services", session: Session, row: Any) -> str:
    """Return what a form carries, so that a change by somebody else meanwhile is noticed."""
    return " ".join(
        sorted(head.hash for head in services.archive.folder.heads(session, row.stream, row.entity))
    )


def history(session: Session, row: Any) -> list[Event]:
    """Return everything that was said of a thing, the newest first."""
    records = session.exec(
        select(RecordRow).where(RecordRow.entity == row.entity, RecordRow.stream == row.stream)
    )
    told = in_order(sorted(records, key=lambda one: one.position), row.record)
    events = [Event(one.at, one.author, revision=one) for one in told]
    said = select(Retirement.entity).where(Retirement.about == row.entity)
    of_retirement = (col(RecordRow.entity).in_(said), RecordRow.kind == RetirementBody.kind)
    retired = sorted(session.exec(select(RecordRow).where(*of_retirement)), key=lambda one: one.position)
    events += [
        Event(one.at, one.author, retirement=one.body)
        for one in in_order(retired, "")
        if one.body is not None
    ]
    return sorted(events, key=lambda one: one.at, reverse=True)


def below(session: Session, sort: Sort, row: Any) -> list[tuple[Sort, str, list[Any]]]:
    """Return what belongs to a thing and is in use: the kind, the member that says so, and the rows, at most `MOST_BELOW` of each."""
    found = []
    for kind, name in sort.below:
        of = SORTS[kind]
        value = row.entity if name != "stream" else _own_stream(sort, row.entity)
        rows = select(of.table).where(getattr(of.table, name) == value, retirement.in_use(of.table))
        listed = rows.order_by(getattr(of.table, of.order), of.table.entity).limit(MOST_BELOW)
        found.append((of, name, list(session.exec(listed))))
    return found


def _own_stream(sort: Sort, entity: str) -> str:
    return f"{sort.kind}:{entity}"


def offered(session: Session, sort: Sort, body: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what each reference may name, by path: everything in use, and what `body` names already though it is retired."""
    found: dict[str, list[Any]] = {}
    for path, (kind, by) in sort.refs.items():
        table, name = TABLES[kind], getattr(TABLES[kind], by)
        present = _present(body, path)
        usable = or_(retirement.in_use(table), name.in_(present)) if present else retirement.in_use(table)
        found[path] = list(session.exec(select(table).where(usable).order_by(name)))
        if by == "entity":
            found[path].sort(key=lambda row: row.code)
    return found


def _present(body: Mapping[str, Any], path: str) -> list[str]:
    name, _, inner = path.partition(".")
    value = body.get(name)
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    return [one for one in ((each or {}).get(inner) if inner else each for each in values) if one]


def known_words(session: Session, sort: Sort) -> dict[str, list[str]]:
    """Return the words of each member that has a list: those of the product, then those in use here."""
    found = {}
    for name, words in sort.words.items():
        used = session.exec(select(getattr(sort.table, name)).distinct())
        found[name] = [*words, *sorted(set(used) - set(words))]
    return found


def save(
    services: "Services",
    sort: Sort,
    who: str,
    body: Mapping[str, Any],
    row: Any = None,
    was_seen: str = "",
    stream: str = "",
    is_meant: bool = False,
) -> str:
    """Seal a new thing, or a change of one; return its entity. `body` is checked by the kind's rules already.

    Raises `Refused`, and `Changed` when it does not stand any more as it `was_seen`.
    """
    with services.database.alone():
        with services.database.reading() as session:
            if row is not None and seen(services, session, row) != was_seen:
                raise Changed
            faults, doubts = master_check.look(session, sort.table, body, row.entity if row else "")
        if faults:
            raise Refused(faults)
        if doubts and not is_meant:
            raise Refused(doubts, is_doubtful=True)
        draft = _draft(services, sort, who, body, row, was_seen, stream)
        return str(services.archive.seal([draft])[0].payload["entity"])


def _draft(
    services: "Services",
    sort: Sort,
    who: str,
    body: Mapping[str, Any],
    row: Any,
    was_seen: str,
    stream: str,
) -> Draft:
    if row is not None:
        return Draft(
            sort.kind,
            row.stream,
            body,
            who,
            entity=row.entity,
            supersedes=tuple(was_seen.split()),
            v=sort.body.version,
        )
    identity = services.archive.new_id()
    # A project's stream is named after its first record.
    own = _own_stream(sort, identity) if sort.body is ProjectBody else stream or COMMONS
    return Draft(sort.kind, own, body, who, id=identity, v=sort.body.version)


def place_of(session: Session, sort: Sort, stream: str) -> Any:
    """Return the project or unit in whose stream something new is to stand; raise problem `not-found`."""
    noun, _, entity = stream.partition(":")
    if noun not in sort.within:
        raise Problem("not-found")
    return find(session, SORTS[noun], entity)
