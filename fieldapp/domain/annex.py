"""The confidential annex of an interview, and whose keys open it.

The archive holds letters (PROTOCOL.md section 14) and never a key that opens one.

Nothing here may hold what an annex says: `AnnexWords` is the form of a draft on a phone, and stands in no table.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import StringConstraints, model_validator
from sqlmodel import Field

from fieldapp.domain.body import COMMONS, PLACES, Body, Folded, Hash, Line, Part, Person, Ref, nested
from fieldapp.domain.visit import OnVisit
from sync.error import NotARecord
from sync.jwe import LETTER_BYTES
from sync.key import kid_of

MOST_READERS = 30
# In base64url.
LETTER_CHARS = tuple(-(-size * 4 // 3) for size in LETTER_BYTES)

Kid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Purpose = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AnnexWords(Part):
    """What a phone's draft holds and the letter says. So long that the longest always fits into a letter."""

    identity: Line = ""
    words: Annotated[str, StringConstraints(max_length=10_000)] = ""


class Jwk(Part):
    """The public half of a key."""

    crv: Literal["P-256"]
    kty: Literal["EC"]
    x: Kid
    y: Kid


class LetterHeader(Part):
    """How the letter's key is wrapped for one reader."""

    alg: Literal["ECDH-ES+A256KW"]
    kid: Kid
    epk: Jwk


class Recipient(Part):
    """One reader of a letter."""

    header: LetterHeader
    encrypted_key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{54}$")]


class Letter(Part):
    """A letter as PROTOCOL.md section 14 writes it."""

    protected: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,400}$")]
    iv: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16}$")]
    ciphertext: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
    tag: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]
    recipients: Annotated[list[Recipient], Field(min_length=1, max_length=MOST_READERS + 1)]


class Reader(Part):
    """Who may read an annex, and with which key."""

    person: Person
    kid: Kid


def check_letter(letter: Letter, readers: list[Reader], recovery: str) -> None:
    """Raise `ValueError` unless a letter is to these readers and the recovery key, to nobody else, and of a size that letters have."""
    if len({one.person for one in readers}) < len(readers):
        raise ValueError("a reader is named once")
    named = sorted([*(one.kid for one in readers), recovery])
    if [one.header.kid for one in letter.recipients] != named or len(set(named)) < len(named):
        raise ValueError("the letter is to those named, and to nobody else")
    if len(letter.ciphertext) not in LETTER_CHARS:
        raise ValueError("a letter of no size that letters have")


class AnnexBody(OnVisit):
    """An annex of an interview: a letter, and to whom. `recovery` names the offline key it is always written to as well."""

    kind: ClassVar[str] = "annex"
    draft: ClassVar[type[Part] | None] = AnnexWords

    visit: Ref | None = Field(default=None, index=True)
    interview: Ref = Field(index=True)
    readers: list[Reader] = nested(max_length=MOST_READERS)
    recovery: Kid
    letter: Letter = nested()

    @model_validator(mode="after")
    def _to_those_named(self) -> "AnnexBody":
        check_letter(self.letter, self.readers, self.recovery)
        return self


class Annex(AnnexBody, Folded, table=True):
    """Annexes as they stand."""


class _KeyBody(Body):
    """A public key that annexes are written to; `key` is its name."""

    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    key: Kid = Field(index=True)
    jwk: Jwk = nested()

    @model_validator(mode="after")
    def _named_rightly(self) -> "_KeyBody":
        try:
            kid = kid_of(self.jwk.model_dump())
        except NotARecord as error:
            raise ValueError(str(error)) from error
        if kid != self.key:
            raise ValueError("the name of another key")
        return self


class ReaderKeyBody(_KeyBody):
    """The key of a person who reads annexes, and the person's name as the account has it.

    A new one is a revision; `is_withdrawn` ends it: nothing more is written to it.
    """

    kind: ClassVar[str] = "reader_key"

    person: Person = Field(index=True)
    name: Line = ""
    is_withdrawn: bool = False


class ReaderKey(ReaderKeyBody, Folded, table=True):
    """Readers' keys as they stand."""

    __tablename__ = "reader_key"


class RecoveryKeyBody(_KeyBody):
    """The public half of the key that is kept on paper. One entity; another key is a revision of it."""

    kind: ClassVar[str] = "recovery_key"


class RecoveryKey(RecoveryKeyBody, Folded, table=True):
    """The recovery key as it stands."""

    __tablename__ = "recovery_key"


class AnnexOpeningBody(Body):
    """A reader asked for an annex at the desk: who is the author, when is the seal's time. Sealed before it is handed out."""

    kind: ClassVar[str] = "annex_opening"
    nouns: ClassVar[frozenset[str]] = PLACES

    annex: Ref = Field(index=True)
    opened: Hash
    purpose: Purpose


class AnnexOpening(AnnexOpeningBody, Folded, table=True):
    """Openings as they stand."""

    __tablename__ = "annex_opening"


def content_of(words: Any) -> AnnexWords:
    """Return what a letter said, as far as it has the form; `ValueError` when it has not."""
    return AnnexWords.model_validate(words)
