"""Fact sheets (事实确认单): verified facts released to whom they concern, without sources, and what is answered. Their queries.

A sheet is of one project or unit, so that whoever may read it may read its facts, and for one official or the unit. Nothing is told
before a desk releases it. No answer by the day asked is *not answered*, and never consent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from fieldapp import ledger, scan
from fieldapp.domain.entry import Entry, Reply, ReplyBody
from fieldapp.domain.fact_sheet import FactSheet, FactSheetBody
from fieldapp.domain.interview import Interview
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Link, Project
from fieldapp.domain.unit import Leadership, Official, Person, Tenure, Unit
from fieldapp.problem import Problem
from fieldapp.reach import within
from fieldapp.responsibility import Responsibility, Tie
from fieldapp.subject import places_of
from sync.archive import Draft

if TYPE_CHECKING:
    from fieldapp.services import Services

MOST_FACTS = 40
WORKING_DAYS = 3
SATURDAY = 5
# How a fact is known, where saying so names no person.
TOLD_BASIS = frozenset({"seen", "measured", "documented"})
ANSWERS = ("agree", "remark", "dispute", "refused")


class Unfit(ValueError):
    """A sheet or an answer that cannot be taken: `slug` says why, `number` at which fact (from 1; 0: the whole), `word` what for."""

    def __init__(self, slug: str, number: int = 0, word: str = "") -> None:
        super().__init__(f"{slug} {number} {word}")
        self.slug, self.number, self.word = slug, number, word


@dataclass(frozen=True)
class Candidate:
    """A verified fact that may be told. `told_on` is when it was last told to anybody, empty if never."""

    row: Entry
    photos: int
    is_named: bool
    told_on: str


@dataclass(frozen=True)
class Line:
    """One fact of a sheet and what was answered to it, oldest first. `is_corrected`: its wording was corrected since."""

    fact: Mapping[str, Any]
    replies: tuple[Reply, ...]
    state: str
    is_corrected: bool


@dataclass(frozen=True)
class Sheet:
    """One sheet, whole. `post` is what the official was on the day of the release."""

    row: FactSheet
    place: Project | Unit | None
    receiver: Official | Unit | None
    post: Tenure | None
    lines: tuple[Line, ...]
    papers: tuple[Photo, ...]

    @property
    def key(self) -> str:
        """Return where the list goes on after this sheet."""
        return f"{self.row.released_on}~{self.row.entity}"

    @property
    def open(self) -> int:
        """Return how many facts have no answer."""
        return sum(not line.replies for line in self.lines)


def answer_by(today: date) -> date:
    """Return the day an answer is asked by: so many working days on, holidays not counted."""
    days = WORKING_DAYS
    while days:
        today += timedelta(days=1)
        days -= today.weekday() < SATURDAY
    return today


def state_of(answer_by_on: str, replies: Sequence[Reply], today: date) -> str:
    """Return what was answered last, else `pending` until the day asked and `unanswered` after it."""
    if replies:
        return replies[-1].reply
    return "pending" if today.isoformat() <= answer_by_on else "unanswered"


def people_of(session: Session, stream: str) -> Responsibility:
    """Return everybody's ties to one project or unit."""
    noun, _, entity = stream.partition(":")
    project = session.get(Project, entity) if noun == "project" else None
    units = [entity] if project is None else [project.unit]
    links = session.exec(select(Link).where(col(Link.stream) == stream)).all()
    units += [link.unit for link in links if link.unit]
    tenures = session.exec(select(Tenure).where(col(Tenure.unit).in_(units))).all()
    teams = session.exec(select(Leadership).where(col(Leadership.unit).in_(units))).all()
    return Responsibility(tenures, links, teams, {project.entity: project.unit} if project else {})


def receivers(session: Session, stream: str, today: date) -> list[tuple[Official, Tie | None]]:
    """Return whom facts of a project or unit may be told: who is tied to it today with the tie, then who was before."""
    people = people_of(session, stream)
    now = {tie.official: tie for tie in people.on(stream, today.isoformat())}
    before = {tie.official for tie in people.by_stream[stream]} - set(now)
    rows = session.exec(select(Official).where(col(Official.entity).in_([*now, *before]))).all()
    named = {one.entity: one for one in rows}
    ordered = [*now, *sorted(before, key=lambda one: named[one].code if one in named else "")]
    return [(named[one], now.get(one)) for one in ordered if one in named]


def candidates(session: Session, stream: str, official: str | None) -> list[Candidate]:
    """Return the newest verified facts of a project or unit that concern an official (None: the unit), those naming the official first."""
    found = select(Entry).where(col(Entry.stream) == stream, ledger.is_verified())
    if official is not None:
        held = [tie for tie in people_of(session, stream).of(official) if tie.stream == stream]
        spans = [and_(col(Entry.seen_on) >= tie.from_on, col(Entry.seen_on) < tie.until_on) for tie in held]
        found = found.where(or_(col(Entry.responsible) == official, *spans))
    newest = found.order_by(col(Entry.seen_on).desc(), col(Entry.entity).desc()).limit(MOST_FACTS)
    rows = session.exec(newest).all()
    counted = select(col(Photo.about), func.count()).where(col(Photo.about).in_([one.entity for one in rows]))
    photos: dict[str | None, int] = dict(session.execute(counted.group_by(col(Photo.about))).all())
    told: dict[str, str] = {}
    for sheet in session.exec(
        select(FactSheet).where(col(FactSheet.stream) == stream).order_by(col(FactSheet.released_on))
    ):
        told |= {fact["entity"]: sheet.released_on for fact in _facts(sheet)}
    lines = [
        Candidate(
            row,
            photos.get(row.entity, 0),
            bool(official) and row.responsible == official,
            told.get(row.entity, ""),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda one: not one.is_named)


def compose(
    session: Session,
    stream: str,
    to: Mapping[str, str | None],
    words: Mapping[str, str],
    on: Mapping[str, str],
) -> dict[str, Any]:
    """Return the body of a sheet as it will be sealed. `words` are what is told of each entry; `on` has the days.

    Raise `Unfit` where a text names an interviewee's code or somebody of the archive, or an entry is no verified fact of the receiver's;
    `pydantic.ValidationError` for the rest.
    """
    known = {one.row.entity: one for one in candidates(session, stream, to.get("official"))}
    if not words:
        raise Unfit("nothing")
    facts = []
    for number, (entity, text) in enumerate(words.items(), 1):
        if entity not in known:
            raise Unfit("not_verified", number)
        if not text.strip():
            raise Unfit("empty", number)
        row = known[entity].row
        facts.append(
            {
                "entity": entity,
                "record": row.record,
                "seen_on": row.seen_on,
                "place": row.place,
                "words": text.strip(),
                "basis": row.known_by if row.known_by in TOLD_BASIS else None,
                "photos": known[entity].photos,
            }
        )
    _name_nobody(session, stream, facts)
    return FactSheetBody.model_validate({**to, **on, "facts": facts}).model_dump(mode="json")


def _name_nobody(session: Session, stream: str, facts: Sequence[Mapping[str, Any]]) -> None:
    codes = session.exec(select(Interview.code).where(col(Interview.stream) == stream).distinct()).all()
    people = session.exec(select(Person)).all()
    names = {name for one in people for name in (one.name, one.name_en) if name}
    for number, fact in enumerate(facts, 1):
        said = f"{fact['place']} {fact['words']}"
        for code in codes:
            if re.search(rf"(?<![A-Za-z0-9]){re.escape(code)}(?![A-Za-z0-9])", said):
                raise Unfit("names_source", number, code)
        for name in names:
            if name in said:
                raise Unfit("names_person", number, name)


def release(services: "Services", stream: str, who: str, body: dict[str, Any]) -> str:
    """Seal a sheet; return its entity. From here it may be shown and printed."""
    draft = Draft(FactSheetBody.kind, stream, body, who, v=FactSheetBody.version)
    return str(services.archive.seal([draft])[0].payload["entity"])


def page(
    session: Session, streams: Iterable[str], after: str, size: int, today: date
) -> tuple[list[Sheet], str]:
    """Return at most `size` sheets after a key, the last released first, and the key of the next page, empty at the end."""
    on, _, entity = after.partition("~")
    found = select(FactSheet).where(*within(FactSheet.stream, streams))
    if entity:
        same = and_(col(FactSheet.released_on) == on, col(FactSheet.entity) < entity)
        found = found.where(or_(col(FactSheet.released_on) < on, same))
    newest = found.order_by(col(FactSheet.released_on).desc(), col(FactSheet.entity).desc())
    rows = session.exec(newest.limit(size + 1)).all()
    sheets = _sheets(session, rows[:size], today)
    return sheets, sheets[-1].key if len(rows) > size else ""


def find(session: Session, streams: Iterable[str], entity: str, today: date) -> Sheet:
    """Return one sheet of these streams; raise problem `not-found`."""
    row = session.get(FactSheet, entity)
    if row is None or row.stream not in set(streams):
        raise Problem("not-found")
    return _sheets(session, [row], today)[0]


def _sheets(session: Session, rows: Sequence[FactSheet], today: date) -> list[Sheet]:
    ids = [row.entity for row in rows]
    replies = list(session.exec(select(Reply).where(col(Reply.sheet).in_(ids)).order_by(*_OLDEST)))
    papers = list(
        session.exec(select(Photo).where(col(Photo.about).in_(ids)).order_by(col(Photo.captured_at)))
    )
    told = [fact["entity"] for row in rows for fact in _facts(row)]
    wording = dict(session.exec(select(Entry.entity, Entry.record).where(col(Entry.entity).in_(told))).all())
    to = [one for row in rows for one in (row.official, row.unit) if one]
    officials = session.exec(select(Official).where(col(Official.entity).in_(to))).all()
    units = session.exec(select(Unit).where(col(Unit.entity).in_(to))).all()
    named: dict[str, Official | Unit] = {one.entity: one for one in officials}
    named |= {one.entity: one for one in units}
    posts = session.exec(select(Tenure).where(col(Tenure.official).in_(to))).all()
    places = places_of(session, {row.stream for row in rows})

    def line(row: FactSheet, fact: Mapping[str, Any]) -> Line:
        answered = tuple(one for one in replies if one.sheet == row.entity and fact["entity"] in one.about)
        is_corrected = wording.get(fact["entity"]) != fact["record"]
        return Line(fact, answered, state_of(row.answer_by_on, answered, today), is_corrected)

    return [
        Sheet(
            row=row,
            place=places.get(row.stream),
            receiver=named.get(row.official or row.unit or ""),
            post=_post(posts, row),
            lines=tuple(line(row, fact) for fact in _facts(row)),
            papers=tuple(one for one in papers if one.about == row.entity),
        )
        for row in rows
    ]


_OLDEST: tuple[Any, ...] = (col(Reply.replied_on), col(Reply.captured_at), col(Reply.entity))


def _facts(row: FactSheet) -> list[Mapping[str, Any]]:
    return list(row.facts)  # type: ignore[arg-type]


def _post(posts: Iterable[Tenure], row: FactSheet) -> Tenure | None:
    held = [
        one
        for one in posts
        if one.official == row.official and one.from_on <= row.released_on < (one.to_on or "9999")
    ]
    return max(held, key=lambda one: one.from_on, default=None)


def answer(
    services: "Services",
    sheet: Sheet,
    who: str,
    answers: Mapping[int, tuple[str, str]],
    replied_on: str,
    paper: tuple[bytes, str] | None,
) -> None:
    """Seal what was answered: by the number of the fact, from 1, a choice and their own words; `paper`: a picture, its caption.

    Raise `Unfit`, `scan.NoPicture`, `pydantic.ValidationError`; then nothing is sealed.
    """
    if not answers:
        raise Unfit("nothing")
    to = {"official": sheet.row.official, "unit": sheet.row.unit, "sheet": sheet.row.entity}
    drafts = []
    for number, (reply, words) in answers.items():
        if reply != "agree" and not words.strip():
            raise Unfit("needs_words", number)
        about = [sheet.lines[number - 1].fact["entity"]]
        body = {**to, "about": about, "reply": reply, "what": words.strip(), "replied_on": replied_on}
        whole = ReplyBody.model_validate(body).model_dump(mode="json")
        drafts.append(Draft(ReplyBody.kind, sheet.row.stream, whole, who, v=ReplyBody.version))
    if paper:
        drafts.append(scan.draft(services, sheet.row.stream, sheet.row.entity, who, *paper))
    records = services.archive.seal(drafts)
    if paper:
        scan.keep(services, records[-1], paper[0])


@dataclass(frozen=True)
class Answered:
    """What became of a fact that was told: an answer, or none by `on`, the day asked. `sheet` is empty where there was none."""

    state: str
    on: str
    receiver: Official | Unit | None
    words: str
    sheet: str


def answered(session: Session, rows: Iterable[Entry], today: date) -> dict[str, list[Answered]]:
    """Return by entry what was answered to it, or that nothing was, oldest first: the answer travels with the fact."""
    rows = list(rows)
    wanted, streams = {row.entity for row in rows}, {row.stream for row in rows}
    found: dict[str, list[Answered]] = {}
    released = select(FactSheet).where(col(FactSheet.stream).in_(streams))
    sheets = session.exec(released.order_by(col(FactSheet.released_on), col(FactSheet.entity))).all()
    telling = [one for one in sheets if wanted.intersection(fact["entity"] for fact in _facts(one))]
    for sheet in _sheets(session, telling, today):
        for line in sheet.lines:
            if line.fact["entity"] in wanted:
                found.setdefault(line.fact["entity"], []).extend(_said(sheet, line))
    spoken = select(Reply).where(col(Reply.stream).in_(streams), col(Reply.sheet).is_(None))
    alone = [one for one in session.exec(spoken.order_by(*_OLDEST)) if wanted.intersection(one.about)]
    by = select(Official).where(col(Official.entity).in_([one.official for one in alone]))
    named = {one.entity: one for one in session.exec(by)}
    for one in alone:
        said = Answered(one.reply, one.replied_on, named.get(one.official or ""), one.what, "")
        for entity in wanted.intersection(one.about):
            found.setdefault(entity, []).append(said)
    return {entity: sorted(some, key=lambda each: each.on) for entity, some in found.items()}


def _said(sheet: Sheet, line: Line) -> Iterable[Answered]:
    if not line.replies:
        yield Answered(line.state, sheet.row.answer_by_on, sheet.receiver, "", sheet.row.entity)
    for one in line.replies:
        yield Answered(one.reply, one.replied_on, sheet.receiver, one.what, sheet.row.entity)
