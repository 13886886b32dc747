"""What the archive has, by the codes and names that tables use for it; read once for each table. All its queries stand here."""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, select

from fieldapp.domain import TABLES as FOLDED
from fieldapp.domain import table_of
from fieldapp.domain.body import Body
from fieldapp.sheet.cell import Unreadable, plain

CHUNK = 400
MOST_NAMED = 5


class Book:
    """Everything a table may name, by kind."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._rows: dict[str, dict[str, Any]] = {}
        self._words: dict[str, dict[str, list[Any]]] = {}

    def rows(self, kind: str) -> dict[str, Any]:
        """Return all rows of a kind by entity, in the order of their codes."""
        if kind not in self._rows:
            table: Any = table_of(kind)
            found = self.session.exec(select(table)).all()
            self._rows[kind] = {
                row.entity: row for row in sorted(found, key=lambda row: (_code(row), row.entity))
            }
        return self._rows[kind]

    def within(self, body: type[Body], streams: Iterable[str]) -> list[Any]:
        """Return the rows of a kind that stand in these streams, in the order in which they came."""
        table: Any = FOLDED[body]
        wanted = sorted(set(streams))
        found: list[Any] = []
        for start in range(0, len(wanted), CHUNK):
            some = table.stream.in_(wanted[start : start + CHUNK])
            found += self.session.exec(select(table).where(some).order_by(table.captured_at, table.entity))
        return found

    def find(self, kind: str, text: str) -> Any:
        """Return the row a cell names by its code or its name; raise `Unreadable` when none or several are meant."""
        words = self._by_word(kind)
        told = plain(text)
        found = words.get(told, [])
        own = [row for row in found if plain(_code(row)) == told]
        if len(own or found) == 1:
            return (own or found)[0]
        if found:
            some = "、".join(f"{_code(row)} {row.name}" for row in found[:MOST_NAMED])
            raise Unreadable("many_named", some=some)
        near = difflib.get_close_matches(told, words, 1, 0.6)
        if near:
            raise Unreadable("unknown_near", near=words[near[0]][0].name)
        raise Unreadable("unknown")

    def name(self, kind: str, row: Any) -> str:
        """Return what a cell says to name a row: its name, or its code where others have the same."""
        meant = self._by_word(kind).get(plain(row.name), [])
        return str(row.name) if [one.entity for one in meant] == [row.entity] else _code(row)

    def _by_word(self, kind: str) -> dict[str, list[Any]]:
        if kind not in self._words:
            words: dict[str, dict[str, Any]] = defaultdict(dict)
            for row in self.rows(kind).values():
                for word in (_code(row), row.name, row.name_en):
                    if word:
                        words[plain(word)][row.entity] = row
            self._words[kind] = {word: [*rows.values()] for word, rows in words.items()}
        return self._words[kind]


def _code(row: Any) -> str:
    """Return what a row is called in records: people by their own name, the rest by a code, where it has one."""
    return str(getattr(row, "person", None) or getattr(row, "code", ""))
