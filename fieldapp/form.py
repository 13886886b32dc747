"""Forms derived from bodies: the one model of a kind says types, limits and labels; no form repeats them.

What a person cannot type (references, hashes, instants, lists of objects) is no field: whoever uses the form adds it to the body.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from flask_wtf import FlaskForm
from pydantic import StringConstraints, ValidationError
from wtforms import (
    BooleanField,
    DecimalField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.validators import ValidationError as Refused
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, MonthInput, NumberInput, TextInput

from fieldapp.domain.body import Body, Day, Hash, Instant, Month, Quantity, Ref
from fieldapp.message import t
from fieldapp.word import choice_key, label_key

# A line fits one row of a screen; longer text gets an area.
LINE_CHARS = 500

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One member of a body, ready to become a field."""

    kind: str
    name: str
    own: Schema
    label: str
    needed: Any
    is_nullable: bool

    def words(self, values: Iterable[str]) -> list[SelectChoice]:
        """Return values with their wording."""
        return [SelectChoice(value, t(choice_key(self.kind, self.name, value))) for value in values]


def form_for(model: type[Body], csrf: bool = True, only: Collection[str] | None = None) -> type["BodyForm"]:
    """Return the form class of a kind: with a CSRF token for desks, without for the cached `<template>`s of the phone.

    `only` names the members wanted, in the form's order. Labels are in the language of the request that calls.
    Field names are the body's; a `…_permille` is typed in percent, with one decimal.
    """
    schema = model.model_json_schema()
    names = list(only) if only is not None else list(schema["properties"])
    fields = {name: _field(model.kind, name, schema) for name in names}
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
        members = {name: _value(field) for name, field in self._fields.items() if name != "csrf_token"}
        body = self.model.model_validate({**members, **rest})
        return body.model_dump(mode="json")

    def blame(self, invalid: ValidationError) -> None:
        """Show what the body's rules found beside the fields at fault, the rest above the form."""
        for error in invalid.errors():
            name = str(error["loc"][0]) if error["loc"] else ""
            field = self._fields.get(name)
            (field.errors if field is not None else self.form_errors).append(t("form.invalid"))


def _value(field: Field) -> Any:
    """Strict bodies want exact types: blanks of a choice are null, percent become tenths."""
    if isinstance(field, DecimalField):
        return None if field.data is None else round(field.data * 10)
    if isinstance(field, SelectField) and not isinstance(field, SelectMultipleField):
        return field.data or None
    if isinstance(field, (NullableLine, NullableArea)):
        return field.data or (None if field.flags.is_nullable else "")
    return field.data


def _field(kind: str, name: str, schema: Schema) -> Any:
    """Return the unbound field of a member, or None where a person has nothing to type."""
    given = schema["properties"][name]
    own, is_nullable = _unwrap(given, schema)
    make = _maker(own, name)
    if make is None:
        return None
    is_needed = name in schema.get("required", ()) and not is_nullable
    needed = InputRequired(t("form.needed")) if is_needed else Optional()
    return make(Asked(kind, name, own, t(label_key(kind, name)), needed, is_nullable))


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
        return _permille if name.endswith("_permille") else _number
    if sort == "string":
        return None if own.get("pattern") in _UNTYPED else _text
    return _switch if sort == "boolean" else None


def _choice(asked: Asked) -> SelectField:
    values = asked.own.get("enum") or [asked.own["const"]]
    # Nothing is prefilled: the first line is empty even where an answer is needed.
    words = [SelectChoice("", t("form.choose")), *asked.words(values)]
    return SelectField(asked.label, [asked.needed], choices=words)


def _choices(asked: Asked) -> SelectMultipleField:
    boxes, words = ListWidget(prefix_label=False), asked.words(asked.own["items"]["enum"])
    return SelectMultipleField(
        asked.label, [Optional()], choices=words, widget=boxes, option_widget=CheckboxInput()
    )


def _switch(asked: Asked) -> BooleanField:
    return BooleanField(asked.label)


def _number(asked: Asked) -> IntegerField:
    low, high = asked.own.get("minimum"), asked.own.get("maximum")
    rules = [asked.needed, NumberRange(low, high, t("form.invalid"))]
    return IntegerField(asked.label, rules, widget=NumberInput(step="1", min=low, max=high))


def _permille(asked: Asked) -> DecimalField:
    rules = [asked.needed, NumberRange(0, 100, t("form.invalid"))]
    return DecimalField(asked.label, rules, places=1, widget=NumberInput(step="0.1", min=0, max=100))


def _text(asked: Asked) -> "NullableLine | NullableArea":
    pattern, longest = asked.own.get("pattern"), asked.own.get("maxLength")
    rules = [asked.needed]
    if longest is not None:
        rules.append(Length(max=longest, message=t("form.too_long", n=longest)))
    if pattern:
        rules.append(Regexp(pattern, message=t("form.invalid")))
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


class NullableLine(StringField):
    """One row of text; left empty, it is null where the body allows null."""

    def __init__(self, *args: Any, is_nullable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flags.is_nullable = is_nullable


class NullableArea(TextAreaField):
    """Several rows of text; left empty, it is null where the body allows null."""

    def __init__(self, *args: Any, is_nullable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flags.is_nullable = is_nullable


def _pattern(annotated: Any) -> str:
    return str(next(one.pattern for one in get_args(annotated) if isinstance(one, StringConstraints)))


_UNTYPED = {_pattern(Ref), _pattern(Hash), _pattern(Instant)}
_WIDGETS = {_pattern(Day): DateInput(), _pattern(Month): MonthInput()}
