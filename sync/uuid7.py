"""UUID version 7 (RFC 9562 §5.7): ids that sort by when they were made. Clock and randomness are passed in."""

from datetime import UTC, datetime


def uuid7(at: datetime, randomness: bytes) -> str:
    """Return the UUID version 7 of an instant and ten random bytes (RFC 9562 §5.7)."""
    millis = int(at.astimezone(UTC).timestamp() * 1000)
    number = bytearray(millis.to_bytes(6, "big") + randomness[:10])
    number[6] = (number[6] & 0x0F) | 0x70
    number[8] = (number[8] & 0x3F) | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
