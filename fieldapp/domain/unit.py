"""Units, the people in their posts, and the leadership teams they form."""

from typing import ClassVar, Literal

from sqlmodel import Field

from fieldapp.domain.body import COMMONS, Body, Day, Folded, Line, Name, Part, Ref, Word, choice, nested


class UnitBody(Body):
    """A unit: district, county, bureau or company."""

    kind: ClassVar[str] = "unit"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    code: Word
    name: Name
    name_en: Line = ""
    sort: Word
    district: Line = ""
    is_lead: bool
    peer_group: Line = ""
    peer_group_en: Line = ""


class Unit(UnitBody, Folded, table=True):
    """Units as they stand."""


class OfficialBody(Body):
    """A person who holds posts; nothing else about the person belongs here."""

    kind: ClassVar[str] = "official"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    code: Word
    name: Name
    name_en: Line = ""


class Official(OfficialBody, Folded, table=True):
    """Officials as they stand."""


class TenureBody(Body):
    """Who held which post from when to when; `unit` is null for the city's own leaders; `to_on` null while it lasts."""

    kind: ClassVar[str] = "tenure"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    official: Ref = Field(index=True)
    unit: Ref | None = None
    post: Name
    post_en: Line = ""
    from_on: Day
    to_on: Day | None = None


class Tenure(TenureBody, Folded, table=True):
    """Tenures as they stand."""


class LeadershipBody(Body):
    """A unit's leadership team in a period; its members follow from the tenures."""

    kind: ClassVar[str] = "leadership"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    unit: Ref
    name: Name
    name_en: Line = ""
    head: Ref
    from_on: Day
    to_on: Day | None = None


class Leadership(LeadershipBody, Folded, table=True):
    """Leadership teams as they stand."""


class PersonBody(Body):
    """Somebody who works with the archive: inspector, reviewer, administrator. `person` is the author's name in records."""

    kind: ClassVar[str] = "person"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    person: Word = Field(index=True)
    name: Name
    name_en: Line = ""
    role: Literal["inspector", "supervisor", "administrator"] = choice()
    post: Line = ""
    post_en: Line = ""
    home_unit: Ref | None = None
    home: Line = ""
    home_en: Line = ""


class Person(PersonBody, Folded, table=True):
    """People as they stand."""


class Member(Part):
    """One person's part in a team."""

    person: Word
    part: Literal["leader", "deputy", "member"]


class TeamBody(Body):
    """A team of inspectors and the lead units it looks after."""

    kind: ClassVar[str] = "team"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    code: Word
    name: Name
    name_en: Line = ""
    members: list[Member] = nested()
    units: list[Ref] = nested()


class Team(TeamBody, Folded, table=True):
    """Teams as they stand."""
