"""Sealing into several streams at once: everything is appended, or nothing is. For what a desk takes in as one, like a table."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import Session

from sync.draft import Draft
from sync.error import Objected
from sync.judge import Candidate
from sync.record import Record

if TYPE_CHECKING:
    from sync.archive import Archive

# What an objection says when a draft supersedes what does not stand alone any more.
STALE = "stale"


def seal(archive: "Archive", drafts: Sequence[Draft]) -> list[Record]:
    """Seal and append drafts in one transaction; the streams' rows are locked in the order of their names, as everywhere.

    Raises `Objected`, with nothing written; its reason is `stale` when an entity would not stand as its draft says alone.
    """
    archive.ready()
    candidates = [archive.own_candidate(draft, line) for line, draft in enumerate(drafts, 1)]
    for one in candidates:
        objection = archive.rulebook.objection(one.record.payload, one.certificate)
        if objection:
            raise Objected(*objection)
    ordered = sorted(candidates, key=lambda one: (one.record.payload["stream"], one.line))
    with archive.database.writing() as session:
        for name, group in itertools.groupby(ordered, key=lambda one: str(one.record.payload["stream"])):
            _append(archive, session, name, list(group))
    return [one.record for one in candidates]


def _append(archive: "Archive", session: Session, name: str, candidates: Sequence[Candidate]) -> None:
    appender = archive.appender(session, archive.name)
    for judgement in appender.append(name, candidates):
        if judgement.verdict != "appended":
            raise Objected(judgement.reason or judgement.verdict, judgement.detail)
    written = {one.record.payload["entity"]: one.record.hash for one in candidates}
    for entity, heads in archive.folder.heads_of(session, name, list(written)).items():
        if [head.hash for head in heads] != [written[entity]]:
            raise Objected(STALE, entity)
    archive.fold(session, name, appender)
