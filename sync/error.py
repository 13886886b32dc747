"""What the engine raises. Facts are attributes; `reason` is the word PROTOCOL.md uses on the wire."""


class SyncError(Exception):
    """Root of everything the engine raises on purpose."""


class Refused(SyncError):
    """Bytes that cannot be stored anywhere; `reason` says why, `detail` where."""

    reason = "not-a-record"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TooLarge(Refused):
    """More bytes than a record may have."""

    reason = "too-large"


class NotARecord(Refused):
    """Not the form of PROTOCOL.md section 3 (or 7, for statements)."""


class BadSignature(Refused):
    """The seal does not fit the bytes."""

    reason = "bad-signature"


class UnknownKey(Refused):
    """A key that stream `keys` does not name."""

    reason = "unknown-key"


class QuarantineFull(Refused):
    """The key has as many records set aside as it may."""

    reason = "quarantine-full"


class NotIJson(SyncError):
    """Text that is not I-JSON as PROTOCOL.md section 1 narrows it; `at` is the character where it stops being so."""

    def __init__(self, detail: str, at: int | None = None) -> None:
        super().__init__(detail if at is None else f"{detail} at character {at}")
        self.detail = detail
        self.at = at


class BodyInvalid(SyncError):
    """A body that breaks the rules of its kind and version; `where` is the path of the first member at fault."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail}" if where else detail)
        self.where = where
        self.detail = detail


class ChainBroken(SyncError):
    """A stream whose positions or heads do not follow from its records."""

    def __init__(self, stream: str, position: int, detail: str) -> None:
        super().__init__(f"{stream} at {position}: {detail}")
        self.stream = stream
        self.position = position
        self.detail = detail


class NotOpened(SyncError):
    """A letter or a key file that this key or passphrase does not open; `reason` is a word of PROTOCOL.md section 14."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PackageRefused(SyncError):
    """A package file, or a member of it, that is not taken in. `reason` is a word of PROTOCOL.md section 11.

    With a `member` only that member is refused, unless its reason concerns the file; `detail` says more to people.
    """

    def __init__(self, reason: str, member: str | None = None, detail: str = "") -> None:
        super().__init__(": ".join(filter(None, (member, reason, detail))))
        self.reason = reason
        self.member = member
        self.detail = detail


class Objected(SyncError):
    """What a desk wanted sealed would not be appended; nothing of it was."""

    def __init__(self, reason: str, detail: str | None) -> None:
        super().__init__(reason if detail is None else f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
