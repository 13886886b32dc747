"""How a visit's items and what changed in them are said, in the reader's language."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal, Protocol, get_args, get_origin

from fieldapp.answer_sheet import UNCHECKED, item_words, lacked_item
from fieldapp.catalogue import load
from fieldapp.difference import Run, difference
from fieldapp.domain import table_of
from fieldapp.domain.body import Folded
from fieldapp.domain.visit import Meeting
from fieldapp.dossier import Item
from fieldapp.edition import Editions
from fieldapp.message import language, t
from fieldapp.outline import question_words, role_words
from fieldapp.place import standing
from fieldapp.revision import REFERENCES, SILENT, Change
from fieldapp.subject import REF
from fieldapp.view import filters
from fieldapp.view.page import label, named
from fieldapp.word import choice_key, label_key

IMAGES = ("view", "original")
SHORT_CHARS = 60
# Members that pages show in ways of their own, or that say nothing to people.
UNSAID = SILENT | {*IMAGES, "fix"}
# Members whose words come from a list the department may lengthen.
WORDS = frozenset({"front", "level", "sort", "part"})
# Members whose values are named, not written.
NAMES = frozenset({*REFERENCES, "team", "note_taker", "role", "code", "fix"}) - {"about"}


@dataclass(frozen=True)
class Told:
    """One change in words. `images` are an old and a new photo.

    `runs` marks the difference where the two wordings have enough in common.
    """

    label: str
    before: str = ""
    after: str = ""
    runs: list[Run] | None = None
    images: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None] | None = None

    @property
    def is_short(self) -> bool:
        """Tell whether both wordings are read in one line."""
        both = self.before + self.after
        return len(both) <= SHORT_CHARS and "\n" not in both


class Known(Protocol):
    """What names are looked up in: a visit's dossier, or `Subjects`."""

    @property
    def about(self) -> Mapping[str, Any]:
        """Return rows by entity."""

    @property
    def people(self) -> Mapping[str, Any]:
        """Return people by their names in records."""

    @property
    def checklists(self) -> Editions:
        """Return checklists by entity and edition."""

    @property
    def site(self) -> Mapping[str, Any] | None:
        """Return the site that positions are compared with."""


class Wording:
    """Says what items are called, what they say, and what changed in them."""

    def __init__(self, whole: Known) -> None:
        self.whole = whole

    def body(
        self, kind: str, body: Mapping[str, Any], only: Collection[str] | None = None
    ) -> list[tuple[str, str]]:
        """Return what a body says, member by member in the kind's order: labels and words. Nothing for a kind that is not known.

        The body may break the kind's rules: what cannot be put in words stands as it came. With `only`, those members, empty ones too.
        """
        table = table_of(kind)
        names = [name for name in (table.model_fields if table else ()) if name not in Folded.model_fields]
        wanted = [name for name in names if (name in only if only is not None else name not in UNSAID)]
        said = [(name, self._member(kind, name, body)) for name in wanted]
        return [
            (_known(label_key(kind, name), name), words or t("change.nothing"))
            for name, words in said
            if words or only
        ]

    def _member(self, kind: str, name: str, body: Mapping[str, Any]) -> str:
        value: Any = body.get(name)
        try:
            if kind == "answer" and name in ("answers", "notes"):
                return self._sheet(body["checklist"], body["edition"], value)
            if kind == "submission" and name == "records":
                return t("submission.records", n=len(value))
            if kind == "submission" and name == "missing":
                return "\n".join(filters.lack(one, self._lacked(one.get("item"))) for one in value)
            return self._said(kind, name, value)
        except (TypeError, ValueError, KeyError, AttributeError):
            return str(value)

    def _named(self, entity: Any) -> str:
        subject = self.whole.about.get(entity)
        return named(subject, "what") or named(subject)

    def _lacked(self, item: Any) -> str:
        """Return what an item of a checklist asks, or the name of something else that a submission lacks."""
        return lacked_item(self.whole.checklists.values(), str(item), language()) or self._named(item)

    def _sheet(self, checklist: str, edition: str, values: Any) -> str:
        template = self.whole.checklists.of(checklist, edition)
        lines = [item_words(template, name, str(one), language()) for name, one in (values or {}).items()]
        return "\n".join(f"{question}{t('punctuation.colon')}{_checked(said)}" for question, said in lines)

    def title(self, item: Item, record: str = "") -> str:
        """Return the few words by which lists name an item: its own, those it had in an earlier record, else those of what it is about."""
        about = {
            "recheck": "entry",
            "look_back": "entry",
            "reconciliation": "milestone",
            "outcome": "about",
        }.get(item.kind)
        subject = self.whole.about.get(getattr(item.row, about)) if about else None
        if item.kind == "answer":
            subject = self.whole.checklists.get(item.row.checklist)
        earlier = next((one.body for one in item.revisions if one.record == record and one.body), None)
        own = filters.title(SimpleNamespace(**earlier) if earlier else item.row)
        if isinstance(subject, Meeting):
            own = subject.named(item.row.item)
        return filters.shortened(named(subject, "what") or named(subject) or own)

    def told(self, item: Item, changes: Iterable[Change]) -> list[Told]:
        """Return changes of an item in words, in the order of the kind; members that are lists of answers one by one."""
        return [told for change in changes for told in self._told(item, change)]

    def _told(self, item: Item, change: Change) -> Iterator[Told]:
        if change.name in IMAGES:
            yield Told(
                t("word.photo" if change.name == "view" else "photo.original"),
                images=(change.before, change.after),
            )
        elif change.name in ("answers", "notes") and item.kind == "answer":
            yield from self._answers(item, change)
        elif change.name == "asked":
            yield from _asked(change)
        else:
            compared = _compared if _is_text(item.kind, change.name) else Told
            yield compared(label(item.kind, change.name), *self._both(item.kind, change))

    def _both(self, kind: str, change: Change) -> tuple[str, str]:
        return self._said(kind, change.name, change.before), self._said(kind, change.name, change.after)

    def _answers(self, item: Item, change: Change) -> Iterator[Told]:
        checklist = self.whole.checklists.of(item.row.checklist, item.row.edition)
        for name in _keys(change):
            was, now = change.before.get(name, ""), change.after.get(name, "")
            question, before = item_words(checklist, name, was, language())
            _, after = item_words(checklist, name, now, language())
            if change.name == "notes":
                yield _compared(f"{question} · {label('answer', 'notes')}", was, now)
            else:
                yield Told(question, _checked(before), _checked(after))

    def _said(self, kind: str, name: str, value: Any) -> str:
        """Return a value of a member in words; nothing for nothing."""
        if value is None or value == "" or value == []:
            return ""
        if isinstance(value, bool):
            return t("checklist.yes" if value else "checklist.no")
        if isinstance(value, list):
            between = "\n" if _is_text(kind, name) else t("punctuation.comma")
            return between.join(self._said(kind, name, one) for one in value)
        if isinstance(value, dict):
            return self._object(value)
        return self._scalar(kind, name, value)

    def _scalar(self, kind: str, name: str, value: Any) -> str:
        if (name in REFERENCES and kind != "interview") or REF.fullmatch(str(value)):
            return self._named(value) or t("visit.subject_missing")
        if name in ("team", "note_taker", "person"):
            return named(self.whole.people.get(value)) or str(value)
        if name == "role" and not _is_choice(kind, name):
            return role_words(value, language())
        if name.endswith("_permille"):
            return f"{filters.points(value)}%"
        if name.endswith("_at"):
            return filters.instant(value)
        is_word = name in WORDS or _is_choice(kind, name)
        return _known(choice_key(kind, name, value), value) if is_word else str(value)

    def _object(self, value: Mapping[str, Any]) -> str:
        if "radius_m" in value:
            return self._site(value)
        if value.keys() == {"on", "due_permille"}:
            return f"{value['on']} {filters.points(value['due_permille'])}%"
        if "lat_e7" in value:
            return " ".join(filter(None, (named(value), self._position(value))))
        if "shape" in value:
            return " ".join(filter(None, (t(f"marking.{value['shape']}"), value.get("text"))))
        words = (value.get("what"), value.get("who"), value.get("by_on"))
        if any(words):
            return " · ".join(one for one in words if one)
        if "question" in value:
            return f"{question_words(value['question'], language())} {value.get('note', '')}".strip()
        return " · ".join(
            f"{_known(label_key('', name), name)}{t('punctuation.colon')}{self._said('', name, one)}"
            for name, one in value.items()
            if one not in (None, "", [])
        )

    def _site(self, site: Mapping[str, Any]) -> str:
        shape = _known(choice_key("", "shape", site.get("shape", "")), site.get("shape", ""))
        whole = f"{shape} · {self._position(site)} · {filters.metres(site['radius_m'])}"
        return "\n".join([whole, *(self._object(one) for one in site.get("places", ()))])

    def _position(self, fix: Mapping[str, Any]) -> str:
        degrees = f"{fix['lat_e7'] / 1e7:.5f}, {fix['lon_e7'] / 1e7:.5f}"
        stands = standing(self.whole.site, fix) if self.whole.site and "accuracy_m" in fix else None
        if stands is None or stands.distance_m is None:
            return degrees
        distance, accuracy = filters.metres(stands.distance_m), filters.metres(stands.accuracy_m or 0)
        return f"{t(f'place.{stands.nearness}', d=distance, a=accuracy)} ({degrees})"


def _asked(change: Change) -> Iterator[Told]:
    before = {one["question"]: one.get("note", "") for one in change.before or ()}
    after = {one["question"]: one.get("note", "") for one in change.after or ()}
    for name in _keys(Change("asked", before, after)):
        yield _compared(question_words(name, language()), before.get(name, ""), after.get(name, ""))


def _keys(change: Change) -> list[str]:
    """Return the keys that differ between two objects, in their order."""
    names = dict.fromkeys((*change.before, *change.after))
    return [name for name in names if change.before.get(name, "") != change.after.get(name, "")]


def _checked(answer: str) -> str:
    return t("checklist.unchecked") if answer == UNCHECKED else answer


def _compared(title: str, before: str, after: str) -> Told:
    return Told(title, before, after, difference(before, after) if before and after else None)


def _is_text(kind: str, name: str) -> bool:
    """Tell whether a member is free text, in which single words may have changed."""
    is_figure = name.endswith(("_on", "_at", "_permille", "_quantity", "attended"))
    return not is_figure and name not in NAMES and not _is_choice(kind, name)


def _known(key: str, otherwise: str) -> str:
    """Return the wording of a key, or what stands for it where there is none: a body from elsewhere may say anything."""
    return t(key) if key in load(language()) else str(otherwise)


def _is_choice(kind: str, name: str) -> bool:
    """Tell whether a member's values are words of a list."""
    table = table_of(kind)
    return table is not None and _has_literal(table.model_fields[name].annotation)


def _has_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal or any(_has_literal(one) for one in get_args(annotation))
