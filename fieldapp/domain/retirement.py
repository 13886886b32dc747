"""That something kept by administrators is no longer used. Nothing is deleted: it leaves choices and lists, and stays in history."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlmodel import Field

from fieldapp.domain.body import Body, Folded, Ref

# Kinds whose entities may be retired; phones leave retired ones out of what they offer.
RETIRABLE = frozenset(
    "unit official tenure leadership team project_type project milestone link claim checklist".split()
)
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RetirementBody(Body):
    """Retires what it is about, or takes that back. One for each thing, in its stream; the reason is always said."""

    kind: ClassVar[str] = "retirement"
    nouns: ClassVar[frozenset[str]] = frozenset({"commons", "project", "unit"})
    is_shared: ClassVar[bool] = True

    about: Ref = Field(index=True)
    is_retired: bool
    reason: Reason


class Retirement(RetirementBody, Folded, table=True):
    """Retirements as they stand."""
