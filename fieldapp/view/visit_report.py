"""What fills a visit report, in the reader's language. Verified entries stand in it, leads are counted, of talks only how many.

Nothing here judges: every word was written by a person or follows from a rule of the department.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from babel.dates import format_date

from fieldapp import services
from fieldapp.compared import compared
from fieldapp.document import photo_sheet
from fieldapp.document.photo_sheet import Shot
from fieldapp.dossier import Dossier, Item
from fieldapp.message import t
from fieldapp.picture import PAGE_PX, Pictures
from fieldapp.problem import Problem
from fieldapp.view import filters
from fieldapp.view.page import named, word
from fieldapp.view.wording import Wording

HASH_CHARS, RECORD_CHARS = 8, 24
RETRY_S = 5
# Member of the template → the list whose verified entries stand there.
LISTS = {
    "tasks": "task",
    "achievements": "achievement",
    "problems": "problem",
    "difficulties": "difficulty",
    "progress_items": "progress",
    "duties": "duty",
}


def words(whole: Dossier, made: str) -> dict[str, Any]:
    """Return what fills the template `visit_report`; `made` says who made this, when and why.

    Raises problem `pictures-coming` while pictures are still being made.
    """
    report = _Report(whole)
    visit = whole.line.visit
    accepted = whole.accepted if whole.line.state == "accepted" else None
    return {
        "handling": t("report.handling"),
        "number": accepted.number if accepted else t("report.no_number"),
        "title": title(whole),
        "visit": report.visit(),
        "changes": report.changes(),
        "questions": report.questions(),
        "progress": report.progress(),
        "milestones": report.milestones(),
        **{name: report.entries(one) for name, one in LISTS.items()},
        "talks": report.talks(),
        "appraisals": report.appraisals(),
        "on_the_spot": report.on_the_spot(),
        "opinion": report.opinion(),
        "next_time": list(visit.next_time),
        "summary": visit.summary,
        "photos": photo_sheet.rows(report.shots()),
        "made": made,
        "records": report.records(),
    }


def title(whole: Dossier) -> str:
    """Return what the report of a visit is called."""
    visit = whole.line.visit
    return t(
        "report.title",
        name=named(whole.line.project or whole.line.unit) or t("log.unknown_target"),
        month=month(visit.arrived_at),
        purpose=word("visit", "purpose", visit.purpose),
    )


class _Report:
    def __init__(self, whole: Dossier) -> None:
        self.whole = whole
        self.wording = Wording(whole)
        self.visit_row = whole.line.visit
        photos = whole.items("photo")
        self.figure = {item.row.entity: number for number, item in enumerate(photos, 1)}

    def person(self, name: str) -> str:
        """Return an inspector's name."""
        return named(self.whole.people.get(name)) or name

    def visit(self) -> list[dict[str, str]]:
        """Return the head: when, who, how, with whom, and what was visited."""
        row, comma = self.visit_row, t("punctuation.comma")
        team = comma.join(self.person(one) for one in row.team)
        recused = comma.join(named(one) for one in self.whole.recused) or t("report.nobody")
        arrived, left = filters.instant(row.arrived_at), filters.instant(row.left_at)
        start = f"{day(arrived[:10])} {arrived[11:]}"
        end = left[11:] if arrived[:10] == left[:10] else f"{day(left[:10])} {left[11:]}"
        late = f" {t('visit.left_later_mark')}" if row.is_left_late else ""
        rows = [
            ("report.when", f"{start}—{end}{comma}{filters.stay(row)}{late}"),
            (
                "report.team",
                f"{named(self.whole.team)} {team}{t('report.semicolon')}{t('report.recused', who=recused)}",
            ),
            ("report.manner", word("visit", "manner", row.manner)),
            ("report.method", comma.join(self._methods()) or "–"),
        ]
        if row.manner != "covert":
            rows.append(("report.with", row.accompanied_by or t("report.nobody")))
        rows.append(("report.target", "\n".join(self._target())))
        return [{"label": t(key), "words": said} for key, said in rows]

    def _methods(self) -> list[str]:
        """Return how the visit was made, as follows from what was recorded."""
        kinds = self.whole.items
        known_by = {getattr(item.row, "known_by", None) for item in self.whole.timeline}
        holds = (
            ("site_survey", kinds("photo") or kinds("progress")),
            ("interview", kinds("interview")),
            ("sit_in", kinds("meeting")),
            ("reconciliation", kinds("reconciliation")),
            ("documents", "documented" in known_by),
            ("presentation", kinds("claim")),
            ("appraisal", kinds("appraisal")),
        )
        return [t(f"method.{name}") for name, is_so in holds if is_so]

    def _target(self) -> Iterable[str]:
        if self.whole.line.unit:
            yield named(self.whole.line.unit)
        for one in self.whole.responsible:
            post = f" {named(one.post, 'post')}" if one.post else ""
            since = t("project.since", date=one.since)
            yield f"{word('link', 'role', one.role)}{t('punctuation.colon')}{named(one.name)}{post} {since}"

    def changes(self) -> list[str]:
        """Return what is otherwise than last time; of what is new only verified entries are named."""
        if self.whole.before is None:
            return [t("change.first")]
        found = compared(self.whole)
        new = [item for item in found.new if self.whole.states[item.row.entity] != "lead"]
        said = (
            ("change.new", new),
            ("change.closed", found.closed),
            ("change.relapsed", found.relapsed),
            ("change.unseen", found.unseen),
        )
        semicolon, colon = t("report.semicolon"), t("punctuation.colon")
        lines = [
            f"{t(key)}{colon}{semicolon.join(self.wording.title(item) for item in items)}"
            for key, items in said
            if items
        ]
        step = found.progress
        if step and step.before is not None and step.before != step.now:
            key = "change.progress_more" if step.now > step.before else "change.progress_less"
            gap = filters.points(abs(step.now - step.before))
            lines.append(t(key, a=filters.points(step.before), b=filters.points(step.now), n=gap))
        return lines or [t("report.no_change")]

    def questions(self) -> list[dict[str, str]]:
        """Return what was to be verified, and what came of it."""
        found = []
        for number, item in enumerate(
            [*self.whole.items("outcome"), *self.whole.items("recheck"), *self.whole.items("look_back")], 1
        ):
            subject = self.whole.about.get(item.row.about if item.kind == "outcome" else item.row.entry)
            found.append(
                {
                    "number": str(number),
                    "what": self.wording.title(item) or t("visit.subject_missing"),
                    "origin": self._origin(item, subject),
                    "outcome": word(item.kind, "outcome", item.row.outcome),
                    "basis": self._basis(item, item.row.entity),
                }
            )
        return found

    def _origin(self, item: Item, subject: Any) -> str:
        if item.kind != "outcome":
            return t("question.origin.last_visit")
        by = getattr(subject, "claimed_by", "")
        return f"{t('word.claim')} {by}".strip() if by else t(f"kind.{item.kind}")

    def _basis(self, item: Item, entity: str) -> str:
        """Return how something is known and which figures show it."""
        known = word(item.kind, "known_by", getattr(item.row, "known_by", None))
        figures = [t("report.figure", n=self.figure[one.row.entity]) for one in self.whole.photos_of(entity)]
        return t("punctuation.comma").join(filter(None, [known, *figures]))

    def progress(self) -> list[str]:
        """Return due, reported and observed progress in words."""
        return [line for item in self.whole.items("progress") for line in self._progress(item.row)]

    def _progress(self, row: Any) -> Iterable[str]:
        has_report = row.reported_permille is not None
        reported = f"{filters.points(row.reported_permille)}%" if has_report else "–"
        yield t(
            "report.three",
            due=filters.points(row.due_permille),
            reported=reported,
            observed=filters.points(row.observed_permille),
        )
        yield t("report.against_due", n=_signed(row.observed_permille - row.due_permille))
        if has_report:
            yield t("report.against_reported", n=_signed(row.observed_permille - row.reported_permille))
        if row.physical:
            yield row.physical

    def milestones(self) -> list[dict[str, str]]:
        """Return the milestones reconciled."""
        found = []
        for item in self.whole.items("reconciliation"):
            row, one = item.row, self.whole.about.get(item.row.milestone)
            observed = " ".join(
                filter(None, (word("reconciliation", "state", row.state), day(row.observed_on)))
            )
            causes = [word("reconciliation", "slip_causes", cause) for cause in row.slip_causes]
            slip = filters.late(one.planned_on, row.observed_on) if one and row.observed_on else "–"
            found.append(
                {
                    "name": named(one) or t("visit.subject_missing"),
                    "planned": day(one.planned_on if one else None) or "–",
                    "reported": day(one.reported_on if one else None) or "–",
                    "observed": observed,
                    "slip": slip,
                    "reason": t("punctuation.comma").join([*causes, *filter(None, [row.reason])]),
                }
            )
        return found

    def entries(self, of: str) -> list[dict[str, str]]:
        """Return the verified entries of one list; after them how many leads there are, whose content is not told."""
        items = filters.in_list(self.whole.items("entry"), of)
        verified = [item for item in items if self.whole.states[item.row.entity] != "lead"]
        found = [self._entry(item) for item in verified]
        if len(verified) < len(items):
            leads = t("report.leads", n=len(items) - len(verified))
            found.append(dict.fromkeys(ENTRY, "") | {"what": leads})
        return found

    def _entry(self, item: Item) -> dict[str, str]:
        row, comma = item.row, t("punctuation.comma")
        responsible = named(self.whole.about.get(row.responsible))
        late = self.whole.overdue.get(row.entity)
        state = t(f"entry.{self.whole.states[row.entity]}")
        return {
            "what": f"{row.what}{t('report.at', place=row.place) if row.place else ''}",
            "deadline": day(row.deadline_on) or "–",
            "responsible": responsible or "–",
            "state": comma.join(filter(None, [state, t("entry.overdue", n=late) if late else ""])),
            "sort": word("entry", "visibility", row.visibility) or "–",
            "share": word("entry", "share", row.share) or "–",
            "basis": self._basis(item, row.entity) or "–",
            "severity": word("entry", "severity", row.severity) or "–",
            "cause": comma.join(word("entry", "cause", cause) for cause in row.cause) or "–",
            "asked": row.wanted or "–",
            "level": word("entry", "help_level", row.help_level) or "–",
        }

    def talks(self) -> list[str]:
        """Return how many people of which relation were heard, and the meetings sat in on; never what somebody said."""
        heard = Counter(item.row.relation for item in self.whole.items("interview"))
        lines = []
        if heard:
            circles = t("punctuation.comma").join(
                f"{word('interview', 'relation', name)} {number}" for name, number in heard.items()
            )
            lines.append(t("report.heard", n=heard.total(), circles=circles))
        if meetings := self.whole.items("meeting"):
            titles = t("report.semicolon").join(item.row.title for item in meetings)
            lines.append(t("report.sat_in", n=len(meetings), titles=titles))
        return lines

    def appraisals(self) -> list[str]:
        """Return how many ballots were issued, returned and valid."""
        return [
            f"{named(item.row, 'title')}{t('punctuation.colon')}"
            + t("ballot.counts", a=item.row.issued, b=item.row.returned, c=item.row.valid)
            for item in self.whole.items("appraisal")
        ]

    def on_the_spot(self) -> list[str]:
        """Return what was put right at once."""
        return [
            item.row.what
            for item in self.whole.items("entry")
            if item.row.is_fixed_at_once and self.whole.states[item.row.entity] != "lead"
        ]

    def opinion(self) -> list[str]:
        """Return what the unit said to the facts, in its words; else why it was not asked."""
        found = []
        for item in self.whole.items("confirmation"):
            row = item.row
            said = f"{t('report.quote', words=row.said)}" if row.said else ""
            found.append(
                f"{row.by} {day(row.confirmed_on)}{t('punctuation.colon')}"
                f"{word('confirmation', 'outcome', row.outcome)}{said}"
            )
        return found or [
            t("report.opinion_covert" if self.visit_row.manner == "covert" else "report.no_opinion")
        ]

    def shots(self) -> list[Shot]:
        """Return the photos for the sheet; raise problem `pictures-coming` while some are being made."""
        pictures, photos = services.current().pictures, self.whole.items("photo")
        images = {item.row.entity: item.row.view or item.row.original for item in photos}
        require_pictures(pictures, [images[one.row.entity] for one in photos if not one.is_missing_photo])
        found = []
        for item in photos:
            image = images[item.row.entity]
            content = None if item.is_missing_photo else picture_of(pictures, image)
            found.append(Shot(content, band(item.row, image), self._caption(item, content is not None)))
        return found

    def _caption(self, item: Item, has_picture: bool) -> str:
        row = item.row
        standing = self.whole.standings.get(row.entity)
        place = (
            t("report.off_site", d=filters.metres(standing.distance_m))
            if standing and standing.distance_m is not None
            else t("photo.no_position")
        )
        words = [
            t("report.figure", n=self.figure[row.entity]),
            row.caption or row.place,
            filters.instant(row.taken_at),
            place,
            word("photo", "origin", "gallery") if row.origin == "gallery" else "",
            "" if has_picture else t("photo.not_arrived"),
        ]
        return "\u3000".join(filter(None, words))

    def records(self) -> list[dict[str, str]]:
        """Return every record behind the report: kind, the first of its hash, and when it was sealed at the latest."""
        return [
            {
                "kind": t(f"kind.{item.kind}"),
                "record": item.row.record[:RECORD_CHARS],
                "sealed": f"{filters.instant(item.sealing.not_before) or '…'} – {filters.instant(item.sealing.not_after)}",
            }
            for item in (self.whole.own, *self.whole.timeline)
        ]


ENTRY = (
    "what", "deadline", "responsible", "state", "sort", "share", "basis", "severity", "cause", "asked", "level",
)  # fmt: skip


def _signed(permille: int) -> str:
    return f"+{filters.points(permille)}" if permille > 0 else filters.points(permille)


def require_pictures(pictures: Pictures, images: Iterable[Any]) -> None:
    """Raise problem `pictures-coming` while some of these are still being made; asking puts all of them in the queue."""
    if "coming" in [pictures.find(one["sha256"], PAGE_PX)[0] for one in images]:
        raise Problem("pictures-coming", retry_after_s=RETRY_S)


def picture_of(pictures: Pictures, image: Any) -> bytes | None:
    """Return the large picture of a photo's bytes, None where none can be made."""
    _, path = pictures.find(image["sha256"], PAGE_PX)
    return path.read_bytes() if path else None


def day(text: str | None) -> str:
    """Return a day `2026-11-22` as documents write it; nothing for none."""
    return format_date(date.fromisoformat(text[:10]), t("report.day")) if text else ""


def month(text: str) -> str:
    """Return the month of a day or an instant as documents write it."""
    return format_date(date.fromisoformat(text[:10]), t("report.month"))


def band(row: Any, image: Any) -> str:
    """Return the digits over a photo: when, where, and the first of its bytes' hash."""
    fix = row.fix
    position = f"{fix['lat_e7'] / 1e7:.5f}, {fix['lon_e7'] / 1e7:.5f} ±{fix['accuracy_m']} m  " if fix else ""
    at = f"{row.taken_at[:10]} {row.taken_at[11:19]} {row.taken_at[-6:]}"
    return f"{at}  {position}SHA-256 {image['sha256'][:HASH_CHARS]}"
