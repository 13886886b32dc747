"""Which exceptions are a person's to mend: shown as one line. Everything else is a bug and keeps its traceback."""

from fieldapp.settings import SettingRefused
from fieldapp.vendor import VendorStale


class CommandRefused(Exception):
    """Something a command cannot do as asked; the message is the line shown."""


def refusals() -> tuple[type[BaseException], ...]:
    """Return the classes of refusals."""
    from fieldapp.account import AccountRefused
    from sync.backup import BackupRefused
    from sync.key import WrongKey

    return (
        CommandRefused,
        SettingRefused,
        VendorStale,
        AccountRefused,
        BackupRefused,
        WrongKey,
        PermissionError,
    )
