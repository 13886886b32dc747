"""Reading a stream page by page: what a puller gets, in the order of positions (PROTOCOL.md section 9)."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from sync.folding import REST
from sync.table import RecordRow

PAGE = 500
PAGE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class PageLine:
    """One position of a stream. When its bytes were erased by law `record` is None and `erased` says what folding still needs."""

    position: int
    head: str
    appended_at: str
    hash: str
    record: str | None
    erased: dict[str, Any] | None = None


def read(session: Session, name: str, after: int, limit: int = PAGE) -> list[PageLine]:
    """Return what follows a position of a stream, in order: at most `limit` records and, from the second on, about 2 MiB."""
    statement = (
        select(RecordRow)
        .where(RecordRow.stream == name, RecordRow.position > after)
        .order_by(col(RecordRow.position))
        .limit(limit)
    )
    lines: list[PageLine] = []
    left = PAGE_BYTES
    for row in session.exec(statement.execution_options(yield_per=50)):
        line = _line(row)
        left -= len(line.record or "")
        if lines and left < 0:
            break
        lines.append(line)
    return lines


def _line(row: RecordRow) -> PageLine:
    if row.bytes:
        text = bytes(row.bytes).decode("ascii")
        return PageLine(row.position, row.head, row.appended_at, row.hash, text)
    rest: dict[str, Any] = {name: getattr(row, name) for name in REST if name != "stream"}
    return PageLine(row.position, row.head, row.appended_at, row.hash, None, rest)
