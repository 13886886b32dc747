"""Fields of forms that WTForms has not: text that may be null, figures kept otherwise than they are typed, parts, rows of parts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from wtforms import (
    DecimalField,
    Field,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError as Refused
from wtforms.widgets import TextInput

from fieldapp import degree
from fieldapp.message import t

MOST_ROWS = 200


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


class PermilleField(DecimalField):
    """Typed in percent with one decimal; a body's tenths of a percent are shown so. `data` is what was typed."""

    def process_data(self, value: Any) -> None:
        """Take tenths of a percent of a body, or percent of a form."""
        super().process_data(Decimal(value) / 10 if isinstance(value, int) else value)


class DegreeField(Field):
    """An angle as people write it; `data` is degrees × 10⁷."""

    widget = TextInput()

    def __init__(self, *args: Any, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.low, self.high = low, high

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else degree.write(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = degree.parse(valuelist[0])
        except ValueError as error:
            self.data = None
            raise ValueError(t("form.degree")) from error

    def pre_validate(self, form: Any) -> None:
        """Refuse what lies off the earth."""
        if self.data is not None and not self.low <= self.data <= self.high:
            raise Refused(t("form.degree"))


class ListField(Field):
    """Several short words in one row, parted by blanks or commas; `rule` says of one whether it is good."""

    widget = TextInput()

    def __init__(self, *args: Any, rule: Any, message: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule, self.message = rule, message

    def _value(self) -> str:
        return " ".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Part what was typed."""
        typed = valuelist[0] if valuelist else ""
        for sign in ",，、;；":
            typed = typed.replace(sign, " ")
        self.data = list(dict.fromkeys(typed.split()))

    def pre_validate(self, form: Any) -> None:
        """Refuse words that are not of the kind."""
        if not all(self.rule(one) for one in self.data or ()):
            raise Refused(self.message)


class PartField(FormField):  # type: ignore[type-arg]
    """A part of a body: fields of its own under one name."""

    def is_blank(self) -> bool:
        """Tell whether nothing was typed into any of its fields."""
        return all(_is_blank(field) for field in self.form)


class Rows(FieldList):  # type: ignore[type-arg]
    """Rows of parts. Rows left blank are no rows, so there are always some to spare."""

    def __init__(self, part: type[Form], label: str, **kwargs: Any) -> None:
        # The rest of a hostile form is not even looked at.
        super().__init__(PartField(part), label, max_entries=MOST_ROWS, **kwargs)

    def filled(self) -> Iterator[PartField]:
        """Yield the rows in which something stands."""
        return (entry for entry in self.entries if not entry.is_blank())

    def add_spare(self, count: int) -> None:
        """Add blank rows, so that there are so many to type into."""
        blank = sum(entry.is_blank() for entry in self.entries)
        for _ in range(min(count - blank, MOST_ROWS - len(self.entries))):
            self.append_entry()

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check the rows in which something stands."""
        self.errors = [
            {} if entry.is_blank() or entry.validate(form) else entry.errors for entry in self.entries
        ]
        return not any(self.errors)


def rows_in(form: Any) -> Iterator[Rows]:
    """Yield every field of rows of a form, those inside parts too."""
    for field in form:
        if isinstance(field, Rows):
            yield field
        elif isinstance(field, PartField):
            yield from rows_in(field.form)


def _is_blank(field: Field) -> bool:
    if isinstance(field, Rows):
        return not any(True for _ in field.filled())
    if isinstance(field, PartField):
        return field.is_blank()
    typed = field.raw_data if field.raw_data is not None else [field.data]
    return not any(one not in (None, "", []) and str(one).strip() for one in typed)


def value_of(field: Field) -> Any:
    """Return what a body holds of a field. Strict bodies want exact types: blanks of a choice are null, percent become tenths."""
    if isinstance(field, PartField):
        return {name: value_of(one) for name, one in field.form._fields.items()}
    if isinstance(field, Rows):
        return [value_of(entry) for entry in field.filled()]
    if isinstance(field, DecimalField):
        return None if field.data is None else round(field.data * 10)
    if isinstance(field, SelectField) and not isinstance(field, SelectMultipleField):
        return field.data or None
    if isinstance(field, (NullableLine, NullableArea)):
        return field.data or (None if field.flags.is_nullable else "")
    return field.data
