"""An index of terms by number, newest first: FTS5 on SQLite, `tsvector` with GIN on PostgreSQL. It cuts no text: terms are given.

Terms go into a `tsvector` as they are, which is what configuration `simple` makes of words; its own parser would cut them by the server's
locale. FTS5 gets them parted by blanks, which `unicode61` leaves as they are.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text
from sqlmodel import Session

# Term and whether it may go on: all of them must be found.
Query = Sequence[tuple[str, bool]]
TABLE = "search_text"
# So many characters are searched as the beginning of a term; fewer are a term. Han's are shorter, and cost nothing here.
BEGINNINGS = range(3, 9)
# So much is put in order by itself; of more, the newest are met soon.
FEW = 2_000


def create(connection: Connection) -> None:
    """Make the index, empty; what was there goes."""
    connection.execute(text(f"DROP TABLE IF EXISTS {TABLE}"))
    if connection.dialect.name == "sqlite":
        # Where in a text a term stands is never asked, nor how often. Without an index of beginnings FTS5 reads all that begin so.
        beginnings = " ".join(map(str, BEGINNINGS))
        options = f"tokenize = 'unicode61', detail = none, columnsize = 0, prefix = '{beginnings}'"
        connection.execute(text(f"CREATE VIRTUAL TABLE {TABLE} USING fts5 (terms, {options})"))
        return
    connection.execute(text(f"CREATE TABLE {TABLE} (id BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL)"))
    connection.execute(text(f"CREATE INDEX ix_{TABLE} ON {TABLE} USING gin (terms)"))


def add(session: Session, rows: Mapping[int, Iterable[str]]) -> None:
    """Index terms under numbers that are not in use."""
    if _is_sqlite(session):
        # FTS5 begins a new piece of its index at every step back.
        given = [{"id": number, "terms": " ".join(rows[number])} for number in sorted(rows)]
        statement = f"INSERT INTO {TABLE} (rowid, terms) VALUES (:id, :terms)"
    else:
        given = [{"id": number, "terms": list(terms)} for number, terms in rows.items()]
        statement = f"INSERT INTO {TABLE} (id, terms) VALUES (:id, array_to_tsvector(CAST(:terms AS text[])))"
    if given:
        session.connection().execute(text(statement), given)


def remove(session: Session, numbers: Iterable[int]) -> None:
    """Forget what is indexed under numbers."""
    given = [{"id": number} for number in sorted(numbers)]
    key = "rowid" if _is_sqlite(session) else "id"
    if given:
        session.connection().execute(text(f"DELETE FROM {TABLE} WHERE {key} = :id"), given)


def wipe(session: Session) -> None:
    """Leave nothing of what was forgotten. FTS5 only marks it so, until its pieces are written anew."""
    if _is_sqlite(session):
        session.connection().execute(text(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')"))


def found(is_sqlite: bool) -> str:
    """Return SQL for the numbers of what has all terms of `:query`, below `:before`: a table with the column `id`.

    Whoever asks orders it, and is given `few` first.
    """
    if is_sqlite:
        return f"SELECT rowid AS id FROM {TABLE} WHERE {TABLE} MATCH :query AND rowid < :before ORDER BY rowid DESC"
    return f"SELECT id FROM {TABLE} WHERE terms @@ CAST(:query AS tsquery) AND id < :before"


def few(session: Session, wanted: str, before: int) -> list[int] | None:
    """Return the numbers of all that is found where it is not much, in no order; None where it is, or the database need not be asked.

    PostgreSQL does not know how often a rare term occurs, and would look for it from the newest row to the oldest.
    """
    if _is_sqlite(session):
        return None
    # Planned as if all were read, and read no further than this.
    every = text(f"WITH every AS MATERIALIZED ({found(False)}) SELECT id FROM every LIMIT {FEW + 1}")
    numbers = session.connection().execute(every, {"query": wanted, "before": before}).scalars().all()
    return list(numbers) if len(numbers) <= FEW else None


def query(is_sqlite: bool, wanted: Query) -> str:
    """Write what `:query` is. Terms hold no marks."""
    asked = [(term, goes_on and len(term) >= BEGINNINGS[0]) for term, goes_on in wanted]
    if is_sqlite:
        return " AND ".join(f'"{term}"{"*" if goes_on else ""}' for term, goes_on in asked)
    return " & ".join(f"'{term}'{':*' if goes_on else ''}" for term, goes_on in asked)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
