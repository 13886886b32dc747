"""Editions of checklists: a new one is a revision of the same entity, and what was answered keeps the one it began with."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from sqlmodel import Session, col, select

from fieldapp.domain.checklist import Checklist, ChecklistBody
from sync.draft import Draft
from sync.record import parse
from sync.table import RecordRow

if TYPE_CHECKING:
    from fieldapp.services import Services

STREAM = "commons"
MEMBERS = tuple(ChecklistBody.model_fields)


class EditionTaken(Exception):
    """An edition of that name is there already and says something else."""

    def __init__(self, code: str, edition: str) -> None:
        super().__init__(f"{code} {edition}")
        self.code = code
        self.edition = edition


class Editions(Mapping[str, Checklist]):
    """Checklists by entity as they stand; `of` returns an earlier edition."""

    def __init__(self, session: Session | None = None) -> None:
        rows = session.exec(select(Checklist)).all() if session else ()
        self._rows = {one.entity: one for one in rows}
        revised = [one.entity for one in rows if one.revisions > 1]
        earlier = _earlier(session, revised) if session and revised else ()
        self._earlier = {(row.entity, row.edition): row for row in earlier}

    def __getitem__(self, entity: str) -> Checklist:
        return self._rows[entity]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, entity: str, edition: str) -> Checklist | None:
        """Return the edition an answer names; the standing one when that is not there, None for an unknown entity."""
        standing = self._rows.get(entity)
        if standing is None or standing.edition == edition:
            return standing
        return self._earlier.get((entity, edition), standing)


def editions_of(session: Session, row: Checklist) -> list[Checklist]:
    """Return every edition of a checklist, the one that stands first, then the newest."""
    others = {one.edition: one for one in _earlier(session, [row.entity]) if one.edition != row.edition}
    return [row, *reversed(others.values())]


def _earlier(session: Session, entities: Iterable[str]) -> Iterable[Checklist]:
    """Yield every edition that was sealed of some entities, as rows that stand in no table."""
    of_these = (col(RecordRow.entity).in_(list(entities)), col(RecordRow.kind) == ChecklistBody.kind)
    for row in session.exec(select(RecordRow).where(*of_these).order_by(col(RecordRow.position))):
        if row.bytes:
            yield Checklist(entity=row.entity, **parse(bytes(row.bytes)).payload["body"])


def enter(services: "Services", body: Mapping[str, Any], by: str) -> Literal["new", "revised", "same"]:
    """Seal a checklist (newest version of its body) under its code; raises `EditionTaken`, `sync.archive.Objected`."""
    # Two imports at once would be two wordings, or two checklists of one code.
    with services.database.alone():
        with services.database.reading() as session:
            row = session.exec(select(Checklist).where(Checklist.code == body["code"])).first()
            editions = Editions(session)
            heads = services.archive.folder.heads(session, STREAM, row.entity) if row else ()
        entity = row.entity if row else None
        if row is not None:
            if len(heads) == 1 and heads[0].payload["body"] == body:
                return "same"
            if editions.of(row.entity, body["edition"]).edition == body["edition"]:  # type: ignore[union-attr]
                raise EditionTaken(body["code"], body["edition"])
        supersedes = tuple(sorted(head.hash for head in heads))
        draft = Draft(
            ChecklistBody.kind,
            STREAM,
            body,
            by,
            entity=entity,
            supersedes=supersedes,
            v=ChecklistBody.version,
        )
        services.archive.seal([draft])
    return "revised" if row else "new"
