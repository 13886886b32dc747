"""Full-text search at the desk: what people wrote, as it stands now, newest first. All its queries stand here.

The index follows every fold; what is erased by law leaves it at once. It holds terms, never texts: what a hit shows is read from its row.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, bindparam, delete, select, text
from sqlmodel import Field, Session, SQLModel, col

from fieldapp import domain
from fieldapp.domain import TABLES
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Unit
from fieldapp.grams import IS_HAN, grams, runs, wanted
from fieldapp.reach import within
from fieldapp.subject import places_of
from fieldapp.visit_line import VisitLine
from sync import fulltext
from sync.follower import REMADE, Gone, Rows
from sync.prepared import Prepared, among, insert_new

# What is read of each kind, in the order shown. Assignments are not among them: an unannounced one shows nowhere but to its team.
WORDS: dict[str, tuple[str, ...]] = {
    "unit": ("name", "name_en"),
    "project": ("name", "name_en", "contractor", "supervision", "state_reason"),
    "milestone": ("name", "name_en", "key_part"),
    "claim": ("what", "what_en", "claimed_by", "figure"),
    "question": ("what", "what_en"),
    "source": ("what", "what_en"),
    "visit": ("summary", "next_time", "accompanied_by"),
    "progress": ("physical",),
    "reconciliation": ("reason",),
    "outcome": ("what",),
    "meeting": ("title", "chair", "matter", "decided"),
    "day_log": ("what",),
    "photo": ("caption", "place", "marks"),
    "interview": ("code", "asked", "notes", "about"),
    "answer": ("notes",),
    "confirmation": ("by", "said"),
    "entry": ("what", "place", "wanted", "raised_by"),
    "recheck": ("what",),
    "look_back": ("what",),
    "submission": ("reason",),
    "verification": ("note",),
    "reply": ("what", "what_en"),
    "review": ("reason", "items"),
}
# Members inside lists that name something instead of saying it.
SILENT = frozenset({"question", "entity", "record", "shape", "by_on"})
LONGEST = 200
# Before the first word found and after it, as much is shown of a long text.
LEAD, TRAIL = 30, 120
# Of one hit, so many of its texts that have a word in them.
MOST_TEXTS = 3
LAST = 2**63 - 1


class SearchRow(SQLModel, table=True):
    """What is indexed, by the number that orders it: the instant of its entity."""

    __tablename__ = "search_row"
    __table_args__ = {"info": REMADE}

    id: int = Field(
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
        sa_column_kwargs={"autoincrement": False},
    )
    entity: str = Field(index=True)
    kind: str
    stream: str = Field(index=True)
    visit: str | None = None


@dataclass(frozen=True)
class Run:
    """A piece of a text; `is_hit`: it is what was searched for."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Hit:
    """Something found: its row, the visit and the place it belongs to, and its texts with what was found in them."""

    key: int
    kind: str
    row: Any
    visit: str | None
    is_submitted: bool
    place: Project | Unit | None
    texts: tuple[tuple[Run, ...], ...]


class SearchIndex:
    """Keeps the index in step with what is folded."""

    name = "search"
    version = 1
    sources = tuple(table for body, table in TABLES.items() if body.kind in WORDS)

    def create(self, connection: Connection) -> None:
        """Make the tables, empty."""
        table = SearchRow.__table__  # type: ignore[attr-defined]
        table.drop(connection, checkfirst=True)
        table.create(connection)
        fulltext.create(connection)

    def follow(self, session: Session, _stream: str, rows: Rows, gone: Gone) -> None:
        """Index what rows say now, and forget what they said before."""
        fresh = [(_KINDS[table], row) for table, some in rows.items() if table in _KINDS for row in some]
        old = {entity for table, entities in gone.items() if table in _KINDS for entity in entities}
        _forget(session, sorted(old | {row["entity"] for _, row in fresh}))
        terms: dict[int, Iterable[str]] = {}
        for kind, row in fresh:
            said = dict.fromkeys(gram for words in said_in(kind, row) for gram in grams(words))
            if said:
                terms[_place(session, kind, row)] = said
        fulltext.add(session, terms)

    def leave(self, session: Session, stream: str) -> None:
        """Forget what a stream says."""
        fulltext.remove(session, [number for (number,) in _OF_STREAM.rows(session, of=stream)])
        _EMPTYING.count(session, of=stream)

    def erase(self, session: Session) -> None:
        """Leave no trace of what was forgotten."""
        fulltext.wipe(session)


def said_in(kind: str, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text of a row that is searched."""
    for name in WORDS[kind]:
        yield from _texts(row[name])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name not in SILENT:
                yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _place(session: Session, kind: str, row: Mapping[str, Any]) -> int:
    """Take the number of an entity's instant, or the next that is free; one that was made in the same millisecond may have it."""
    entity = row["entity"]
    number = number_of(entity)
    given = {"entity": entity, "kind": kind, "stream": row["stream"]}
    given["visit"] = entity if kind == "visit" else row.get("visit")
    while not insert_new(session, SearchRow, {"id": number, **given}):
        number = (number + 1) % LAST
    return number


def number_of(entity: str) -> int:
    """Return the number of an entity, a UUID of version 7: its 48 bits of milliseconds, then 15 of its chance."""
    digits = entity.replace("-", "")
    return int(digits[:12], 16) << 15 | int(digits[-4:], 16) & 0x7FFF


def _forget(session: Session, entities: Sequence[str]) -> None:
    if entities:
        fulltext.remove(session, [number for (number,) in _OF_ENTITIES.rows(session, entities=entities)])
        _REMOVAL.count(session, entities=entities)


def is_searchable(asked: str) -> bool:
    """Tell whether anything can be searched for in what a person typed."""
    return bool(wanted(asked[:LONGEST]))


def page(
    session: Session, streams: Iterable[str], asked: str, before: int, size: int
) -> tuple[list[Hit], int]:
    """Return at most `size` hits before a key (`LAST`: from the newest on) and the key of the next page, 0 at the end.

    Every word must be found, the last one as a beginning; a text without anything to search for has no hits.
    """
    terms = [(one.term, one.is_prefix) for one in wanted(asked[:LONGEST])]
    if not terms:
        return [], 0
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query, number = fulltext.query(is_sqlite, terms), col(SearchRow.id)
    statement = select(SearchRow).where(*within(SearchRow.stream, streams)).limit(size + 1)
    few = fulltext.few(session, query, before)
    if few is None:
        some = text(fulltext.found(is_sqlite)).columns(SearchRow.__table__.c.id).subquery("some")  # type: ignore[attr-defined]
        statement = statement.join(some, some.c.id == number).order_by(some.c.id.desc())
        rows = session.scalars(statement, {"query": query, "before": before}).all()
    else:
        rows = session.scalars(statement.where(number.in_(few)).order_by(number.desc())).all()
    hits = _hits(session, rows[:size], asked)
    return hits, rows[size - 1].id if len(rows) > size else 0


def _hits(session: Session, found: Sequence[SearchRow], asked: str) -> list[Hit]:
    kinds: dict[str, list[str]] = {}
    for one in found:
        kinds.setdefault(one.kind, []).append(one.entity)
    rows: dict[str, Any] = {}
    for kind, entities in kinds.items():
        table: Any = domain.table_of(kind)
        rows |= {row.entity: row for row in session.scalars(select(table).where(table.entity.in_(entities)))}
    places = places_of(session, {one.stream for one in found})
    visits = {one.visit for one in found}
    submitted = set(session.scalars(select(col(VisitLine.visit)).where(col(VisitLine.visit).in_(visits))))
    return [
        Hit(
            key=one.id,
            kind=one.kind,
            row=rows[one.entity],
            visit=one.visit,
            is_submitted=one.visit in submitted,
            place=places.get(one.stream),
            texts=_marked_texts(said_in(one.kind, vars(rows[one.entity])), asked),
        )
        for one in found
    ]


def _marked_texts(texts: Iterable[str], asked: str) -> tuple[tuple[Run, ...], ...]:
    """Return the texts in which something was found; the first ones where nothing shows it."""
    every = [marked(one, asked) for one in texts]
    found = [one for one in every if any(run.is_hit for run in one)]
    return tuple((found or every)[:MOST_TEXTS])


def marked(said: str, asked: str) -> tuple[Run, ...]:
    """Return a text in pieces, what was asked for marked; of a long one what stands around the first."""
    plain, places = _plain(said)
    is_hit = [False] * len(said)
    for pattern in _patterns(asked):
        for match in pattern.finditer(plain):
            for at in places[match.start() : match.end()]:
                is_hit[at] = True
    first = next((at for at, one in enumerate(is_hit) if one), 0)
    start = max(0, first - LEAD) if len(said) > LEAD + TRAIL else 0
    end = min(len(said), start + LEAD + TRAIL)
    pieces: list[Run] = []
    for at in range(start, end):
        if pieces and pieces[-1].is_hit == is_hit[at]:
            pieces[-1] = Run(pieces[-1].text + said[at], is_hit[at])
        else:
            pieces.append(Run(said[at], is_hit[at]))
    around = [Run("…", False)] if start else []
    return (*around, *pieces, *([Run("…", False)] if end < len(said) else []))


def _patterns(asked: str) -> list[re.Pattern[str]]:
    """Return what finds the words asked for: Han anywhere, whole or by its pairs; other words from their beginning."""
    found = []
    for run in runs(asked[:LONGEST]):
        if IS_HAN.match(run):
            pairs = [run[at : at + 2] for at in range(len(run) - 1)] or [run]
            found.append("|".join(map(re.escape, (run, *pairs))))
        else:
            found.append(rf"(?<![^\W_]){re.escape(run)}")
    return [re.compile(one) for one in found]


def _plain(said: str) -> tuple[str, list[int]]:
    """Return a text as it is searched, and for each of its characters which one of the text it came from."""
    pieces = [unicodedata.normalize("NFKC", one).lower() for one in said]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


_KINDS = {table: body.kind for body, table in TABLES.items() if body.kind in WORDS}
_OF_ENTITIES = Prepared(
    lambda is_sqlite: select(col(SearchRow.id)).where(among(col(SearchRow.entity), "entities", is_sqlite))
)
_REMOVAL = Prepared(
    lambda is_sqlite: delete(SearchRow).where(among(col(SearchRow.entity), "entities", is_sqlite))
)
_OF_STREAM = Prepared(
    lambda _is_sqlite: select(col(SearchRow.id)).where(col(SearchRow.stream) == bindparam("of"))
)
_EMPTYING = Prepared(lambda _is_sqlite: delete(SearchRow).where(col(SearchRow.stream) == bindparam("of")))
