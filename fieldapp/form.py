"""Forms derived from bodies: the one model of a kind says types, limits and labels; no form repeats them.

What a person cannot type (references, hashes, instants, lists of objects) is no field, unless it is given what to choose among: whoever
uses the form adds it to the body.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from flask_wtf import FlaskForm
from pydantic import StringConstraints, ValidationError
from wtforms import (
    BooleanField,
    Field,
    Form,
    IntegerField,
    SelectField,
    SelectMultipleField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.validators import ValidationError as Refused
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, MonthInput, NumberInput, TextInput

from fieldapp.domain.body import Body, Day, Hash, Instant, Month, Quantity, Ref, Word
from fieldapp.form_field import (
    DegreeField,
    ListField,
    NullableArea,
    NullableLine,
    PartField,
    PermilleField,
    Rows,
    value_of,
)
from fieldapp.message import t
from fieldapp.word import choice_key, label_key

# A line fits one row of a screen; longer text gets an area.
LINE_CHARS = 500

Schema = Mapping[str, Any]
Choices = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Asked:
    """One member of a body, ready to become a field."""

    kind: str
    name: str
    own: Schema
    needed: Any
    is_nullable: bool

    @property
    def label(self) -> str:
        """Return its label in the reader's language."""
        return t(label_key(self.kind, self.name))

    def words(self, values: Iterable[str]) -> list[SelectChoice]:
        """Return values with their wording."""
        return [SelectChoice(value, t(choice_key(self.kind, self.name, value))) for value in values]


def form_for(
    model: type[Body],
    csrf: bool = True,
    only: Collection[str] | None = None,
    choices: Choices | None = None,
) -> type["BodyForm"]:
    """Return the form class of a kind: with a CSRF token for desks, without for the cached `<template>`s of the phone.

    `only` names the members wanted, in the form's order. Labels are in the language of the request that calls.
    Field names are the body's; a `…_permille` is typed in percent, with one decimal, an `…_e7` in degrees.
    With `choices` (the values offered and their wording, by path: `unit`, `members.person`) references become choices, parts fields,
    and lists of parts rows.
    """
    schema = model.model_json_schema()
    names = list(only) if only is not None else list(schema["properties"])
    fields = {name: _field(model.kind, name, schema, schema, choices) for name in names}
    meta = type("Meta", (), {"csrf": csrf})
    return type(
        f"{model.__name__}Form",
        (BodyForm,),
        {"model": model, "Meta": meta, **{n: f for n, f in fields.items() if f}},
    )


class BodyForm(FlaskForm):  # type: ignore[misc]
    """A form whose fields are members of a body."""

    model: type[Body]

    def body(self, **rest: Any) -> dict[str, Any]:
        """Return the body, `rest` added, checked by the kind's own rules; raise `pydantic.ValidationError`."""
        members = {name: value_of(field) for name, field in self._fields.items() if name != "csrf_token"}
        body = self.model.model_validate({**members, **rest})
        return body.model_dump(mode="json")

    def blame(self, invalid: ValidationError) -> None:
        """Show what the body's rules found beside the fields at fault, the rest above the form."""
        for error in invalid.errors():
            self.fault(str(error["loc"][0]) if error["loc"] else "", t("form.invalid"))

    def fault(self, name: str, words: str) -> None:
        """Show a fault beside a field, or above the form where it has none of that name."""
        field = self._fields.get(name)
        if field is None or isinstance(field, PartField):
            self.form_errors.append(words)
        else:
            field.errors = [*field.errors, words]


def _field(
    kind: str,
    name: str,
    schema: Schema,
    root: Schema,
    choices: Choices | None = None,
    path: str = "",
) -> Any:
    """Return the unbound field of a member, or None where a person has nothing to type. `path` is of the part around it."""
    own, is_nullable = _unwrap(schema["properties"][name], root)
    is_needed = name in schema.get("required", ()) and not is_nullable
    needed = InputRequired(t("form.needed")) if is_needed else Optional()
    asked = Asked(kind, name, own, needed, is_nullable)
    if choices is not None:
        made = _whole(asked, root, choices, f"{path}{name}")
        if made is not None:
            return made
    make = _maker(own, name)
    return make(asked) if make else None


def _whole(asked: Asked, root: Schema, choices: Choices, path: str) -> Any:
    """Return the field of what only a whole form asks: a reference, a part, rows of parts, a list of words."""
    own = asked.own
    if path in choices:
        words = [SelectChoice(value, label) for value, label in choices[path]]
        if own.get("type") == "array":
            return _boxes(asked, words)
        return _selection(asked, [SelectChoice("", t("form.choose")), *words])
    if "properties" in own:
        return PartField(_part(asked.kind, own, root, choices, path), asked.label)
    if own.get("type") == "array":
        item, _ = _unwrap(own.get("items", {}), root)
        if "properties" in item:
            return Rows(_part(asked.kind, item, root, choices, path), asked.label)
        if item.get("pattern") == _pattern(Month):
            return ListField(asked.label, rule=re.compile(item["pattern"]).search, message=t("form.months"))
    return None


def _part(kind: str, schema: Schema, root: Schema, choices: Choices, path: str) -> type[Form]:
    # What a part is called stands first, also where the model inherits a place before it.
    names = sorted(schema["properties"], key=lambda name: not name.startswith("name"))
    fields = {name: _field(kind, name, schema, root, choices, f"{path}.") for name in names}
    return type("PartForm", (Form,), {name: field for name, field in fields.items() if field})


def _unwrap(given: Schema, schema: Schema) -> tuple[Schema, bool]:
    """Follow `anyOf [x, null]` and `$ref` to the type itself."""
    options = [one for one in given.get("anyOf", [given]) if one.get("type") != "null"]
    own = options[0]
    if "$ref" in own:
        own = schema["$defs"][own["$ref"].rsplit("/", 1)[1]]
    return own, len(options) < len(given.get("anyOf", [given]))


def _maker(own: Schema, name: str) -> Any:
    if "enum" in own or "const" in own:
        return _choice
    sort = own.get("type")
    if sort == "array":
        return _choices if "enum" in own.get("items", {}) else None
    if sort == "integer":
        return _permille if name.endswith("_permille") else _degrees if name.endswith("_e7") else _number
    if sort == "string":
        return None if own.get("pattern") in _UNTYPED else _text
    return _switch if sort == "boolean" else None


def _choice(asked: Asked) -> SelectField:
    values = asked.own.get("enum") or [asked.own["const"]]
    # Nothing is prefilled: the first line is empty even where an answer is needed.
    return _selection(asked, [SelectChoice("", t("form.choose")), *asked.words(values)])


def _selection(asked: Asked, words: list[SelectChoice]) -> SelectField:
    # Null is no word of its own: a body without a choice shows the first line.
    return SelectField(asked.label, [asked.needed], choices=words, coerce=lambda value: value or "")


def _choices(asked: Asked) -> SelectMultipleField:
    return _boxes(asked, asked.words(asked.own["items"]["enum"]))


def _boxes(asked: Asked, words: list[SelectChoice]) -> SelectMultipleField:
    boxes = ListWidget(prefix_label=False)
    return SelectMultipleField(
        asked.label, [Optional()], choices=words, widget=boxes, option_widget=CheckboxInput()
    )


def _switch(asked: Asked) -> BooleanField:
    return BooleanField(asked.label)


def _number(asked: Asked) -> IntegerField:
    low, high = asked.own.get("minimum"), asked.own.get("maximum")
    rules = [asked.needed, NumberRange(low, high, _bounds(low, high))]
    widget = NumberInput(step="1", min=low, max=high)
    return IntegerField(asked.label, rules, widget=widget, default=asked.own.get("default"))


def _bounds(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return t("form.between", low=low, high=high)
    return t("form.at_least", low=low) if low is not None else t("form.invalid")


def _permille(asked: Asked) -> PermilleField:
    rules = [asked.needed, NumberRange(0, 100, _bounds(0, 100))]
    return PermilleField(asked.label, rules, places=1, widget=NumberInput(step="0.1", min=0, max=100))


def _degrees(asked: Asked) -> DegreeField:
    low, high = asked.own["minimum"], asked.own["maximum"]
    return DegreeField(asked.label, [asked.needed], low=low, high=high)


def _text(asked: Asked) -> "NullableLine | NullableArea":
    pattern, longest = asked.own.get("pattern"), asked.own.get("maxLength")
    rules = [asked.needed]
    if longest is not None:
        rules.append(Length(max=longest, message=t("form.too_long", n=longest)))
    if pattern:
        rules.append(Regexp(pattern, message=t(_FORMS.get(pattern, "form.invalid"))))
    if pattern is None and (longest is None or longest > LINE_CHARS):
        return NullableArea(asked.label, rules, render_kw={"rows": 4}, is_nullable=asked.is_nullable)
    if pattern == _pattern(Day):
        rules.append(_real_day)
    hint = {"inputmode": "decimal"} if pattern == _pattern(Quantity) else {}
    widget = _WIDGETS.get(str(pattern), TextInput())
    return NullableLine(asked.label, rules, widget=widget, render_kw=hint, is_nullable=asked.is_nullable)


def _real_day(_form: Any, field: Field) -> None:
    try:
        date.fromisoformat(field.data)
    except ValueError as error:
        raise Refused(t("form.invalid")) from error


def _pattern(annotated: Any) -> str:
    return str(next(one.pattern for one in get_args(annotated) if isinstance(one, StringConstraints)))


_UNTYPED = {_pattern(Ref), _pattern(Hash), _pattern(Instant)}
_WIDGETS = {_pattern(Day): DateInput(), _pattern(Month): MonthInput()}
_FORMS = {_pattern(Word): "form.word", _pattern(Quantity): "form.quantity"}
