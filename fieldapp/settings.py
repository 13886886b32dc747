"""Every value an installation may set, once: default, unit, meaning. Nothing else reads the environment.

`docs/settings.md` lists the same names; a test compares them.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from pathlib import Path
from typing import Any

from babel.dates import get_timezone

PREFIX = "FIELDAPP_"
# Names of the set-up and the test run, not of an installation.
NOT_OURS = frozenset({"FIELDAPP_CHROMIUM"})
DATABASES = ("sqlite:", "postgresql:", "postgresql+psycopg:")
RANGES = (
    ("login_days", 1, 400),
    ("page_size", 1, 500),
    ("proxies", 0, 5),
    ("lamp_behind_points", 1, 100),
    ("lamp_far_points", 1, 100),
)
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})

# Phones are on https: http would be refused by their browsers, except on the machine itself.
_ORIGIN = re.compile(r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?")


class SettingRefused(ValueError):
    """A name or value of the environment that is not a setting."""


def setting(default: Any, meaning: str) -> Any:
    """Declare one setting with its default and what it means, units included."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """What one installation decides. Environment: `FIELDAPP_` and the name in capitals."""

    data: Path = setting(
        Path("fieldapp-data"), "Folder of database, photos, keys and certificates; made when missing."
    )
    database: str = setting(
        "", "Address of the database as SQLAlchemy writes it; empty: SQLite in the data folder."
    )
    photos: str = setting(
        "",
        "Where photos lie: `s3://bucket/prefix` of an S3-compatible service; empty: a folder in the data folder.",
    )
    photos_endpoint: str = setting(
        "",
        "Address of that service; empty: the one of the environment, or Amazon's. Its keys are never settings.",
    )
    photos_region: str = setting("", "Region of the bucket; empty: the one of the environment.")
    department: str = setting("走访档案中心", "Name of the archive as people and phones see it.")
    number_prefix: str = setting("一线走", "First words of the numbers given to accepted visits.")
    timezone: str = setting(
        "Asia/Shanghai",
        "Time zone in which the desk writes times, by its IANA name; phones seal their own local time.",
    )
    templates: str = setting(
        "", "Folder of the department's own Word templates (`fieldapp template`); empty: ours."
    )
    official_streams: bool = setting(
        False,
        "Whether supervisors and administrators may read what concerns single officials on this server.",
    )
    desk_second_factor: bool = setting(
        False,
        "Whether supervisors and administrators must have a second factor; without one they reach their own account only.",
    )
    login_days: int = setting(30, "Days a login lasts without being used; 1 to 400.")
    page_size: int = setting(50, "Visits on one page of the visit log; 1 to 500.")
    lamp_behind_points: int = setting(
        3, "Percentage points behind the plan from which a project's lamp says *behind*; 1 to 100."
    )
    lamp_far_points: int = setting(
        10, "Percentage points behind the plan from which a project's lamp says *far behind*; 1 to 100."
    )
    request_bytes: int = setting(
        80 * 1024 * 1024, "Largest body of one request in bytes; a photo may have 64 MiB."
    )
    stations: str = setting(
        "",
        "Addresses of stations phones may send to, separated by spaces, as phones reach them: https://name:port.",
    )
    proxies: int = setting(
        0, "Reverse proxies in front of the server whose X-Forwarded headers are believed; 0 to 5."
    )

    def __post_init__(self) -> None:
        for name, low, high in RANGES:
            if not low <= getattr(self, name) <= high:
                raise SettingRefused(f"{PREFIX}{name.upper()} must lie between {low} and {high}")
        if self.database and not self.database.startswith(DATABASES):
            raise SettingRefused(f"{PREFIX}DATABASE must be an address of SQLite or PostgreSQL")
        for one in self.stations.split():
            if not _ORIGIN.fullmatch(one):
                raise SettingRefused(f"{PREFIX}STATIONS: {one} is not an address like https://name:port")
        try:
            self.zone  # noqa: B018
        except LookupError as error:
            raise SettingRefused(
                f"{PREFIX}TIMEZONE: {self.timezone!r} is not the name of a time zone"
            ) from error
        if self.request_bytes < 1024 * 1024:
            raise SettingRefused(f"{PREFIX}REQUEST_BYTES must be at least 1048576")

    @property
    def zone(self) -> tzinfo:
        """Return the department's time zone."""
        return get_timezone(self.timezone)

    @property
    def database_url(self) -> str:
        """Return the database's address."""
        return self.database or f"sqlite:///{(self.data / 'archive.db').resolve()}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> "Settings":
        """Build settings from `FIELDAPP_*`; `given` values win. Raises `SettingRefused` for an unknown name or a bad value."""
        source = os.environ if environment is None else environment
        known = {PREFIX + one.name.upper(): one for one in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in source.items():
            if not name.startswith(PREFIX) or name in NOT_OURS:
                continue
            if name not in known:
                raise SettingRefused(f"{name} is not a setting; known are {', '.join(sorted(known))}")
            values[known[name].name] = _parse(name, text, type(known[name].default))
        return cls(**{**values, **given})

    def environment(self) -> dict[str, str]:
        """Return these settings as the environment a child process reads."""
        return {PREFIX + one.name.upper(): str(getattr(self, one.name)) for one in fields(self)}


def _parse(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in TRUE | FALSE:
            raise SettingRefused(f"{name} must be yes or no")
        return text.lower() in TRUE
    try:
        return kind(text)
    except ValueError as error:
        raise SettingRefused(f"{name}: {text!r} is not a whole number") from error
