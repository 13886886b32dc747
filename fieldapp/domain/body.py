"""What every kind's body and table share. A body class is the one source of a kind: rules on arrival, the tables of both sides, forms.

Bodies hold text, integers, booleans, lists and plain objects only, so that folding is the same assignment in Python and in the browser.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from sync import instant
from sync.error import BodyInvalid
from sync.rule import Kind, Media, Role

STRICT = ConfigDict(extra="forbid", strict=True)


def _real_day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _real_instant(text: str) -> str:
    instant.parse(text)
    return text


Ref = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Person = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Day = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_real_day)]
Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
Instant = Annotated[
    str,
    StringConstraints(
        pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}$"
    ),
    AfterValidator(_real_instant),
]
Quantity = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Permille = Annotated[int, Field(ge=0, le=1000)]
LatE7 = Annotated[int, Field(ge=-900_000_000, le=900_000_000)]
LonE7 = Annotated[int, Field(ge=-1_800_000_000, le=1_800_000_000)]


def choice(**arguments: Any) -> Any:
    """Declare a field whose type is a `Literal`; SQLModel stores it as text."""
    return Field(sa_type=String, **arguments)


def nested(**arguments: Any) -> Any:
    """Declare a field that holds a list or an object; stored as JSON."""
    return Field(sa_type=JSON, **arguments)


class Part(BaseModel):
    """An object inside a body: never a record of its own."""

    model_config = STRICT


class Point(Part):
    """A place on earth in WGS-84, degrees × 10⁷."""

    lat_e7: LatE7
    lon_e7: LonE7


class Body(SQLModel):
    """The body of a kind, newest version. Subclasses set the class variables; `sync.rule.Kind` says what they mean.

    `draft` is what a phone's draft holds beside it, where that is not what is sealed.
    """

    model_config = STRICT  # type: ignore[assignment]

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    nouns: ClassVar[frozenset[str]]
    writers: ClassVar[frozenset[Role]] = frozenset()
    is_shared: ClassVar[bool] = False
    draft: ClassVar[type["Part"] | None] = None

    @classmethod
    def media(cls, _body: Mapping[str, Any]) -> list[Media]:
        """Return the bytes this body names; only kind `photo` has any."""
        return []


class Folded(SQLModel):
    """Where a row of a kind's table comes from (PROTOCOL.md section 6). `captured_at` is UTC, `YYYY-MM-DDThh:mm:ss.sssZ`."""

    entity: str = Field(primary_key=True)
    stream: str = Field(index=True)
    record: str
    author: str
    kid: str
    captured_at: str = Field(index=True)
    captured_offset_min: int
    revisions: int
    is_conflict: bool


def validator(body: type[Body]) -> Callable[[Mapping[str, Any]], None]:
    """Return a check that raises `BodyInvalid` with the path of the first member at fault."""

    def validate(value: Mapping[str, Any]) -> None:
        try:
            body.model_validate(value)
        except ValidationError as invalid:
            first = invalid.errors()[0]
            raise BodyInvalid(".".join(str(step) for step in first["loc"]), first["msg"]) from invalid

    return validate


def kind_of(body: type[Body], older: Iterable[tuple[int, type[Body]]] = ()) -> Kind:
    """Return the engine's view of a body class; `older` are the body classes of earlier versions, kept for ever."""
    versions = {version: validator(old) for version, old in older}
    versions[body.version] = validator(body)
    return Kind(
        name=body.kind,
        versions=versions,
        nouns=body.nouns,
        writers=body.writers,
        is_shared=body.is_shared,
        media=body.media,
    )


# Whose phones are enrolled: recording on site is the inspectors' work, a desk seals with the archive's key.
ENROLLED: frozenset[Role] = frozenset({"inspector"})
# Whose keys may seal what phones record. Other roles could enrol once, and what their phones still hold must land.
PHONE: frozenset[Role] = frozenset({"inspector", "supervisor", "administrator"})
PLACES = frozenset({"project", "unit"})
COMMONS = frozenset({"commons"})
