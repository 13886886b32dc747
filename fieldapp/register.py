"""The register (调阅登记): who saw, exported or changed what that is no record, from where, what for. Lines are added, never touched.

Network and browser are kept in coarse form: enough to notice a stranger, too little to follow a person.
"""

import ipaddress
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import has_request_context, request
from sqlalchemy import DDL, Index, event
from sqlmodel import Field, Session, SQLModel, col, select

from sync import instant

if TYPE_CHECKING:
    from fieldapp.login import Who
    from fieldapp.services import Services

# What a person says something is opened for; `other` needs words of its own.
PURPOSES = (
    "deliberation",
    "assessment",
    "verification",
    "report",
    "inspection",
    "handover",
    "maintenance",
    "other",
)
# Acts that a purpose is asked for.
OPENED, EXPORTED = "opened", "exported"
# Who acts where nobody is logged in: the command line of the server.
COMMAND = "command"
# Reloading and following links inside asks nothing again.
GRANT = timedelta(hours=1)
SUBJECT_CHARS, PURPOSE_CHARS = 300, 200

_BROWSERS = (
    ("Edge", r"Edg[A/i]"),
    ("Huawei", r"HuaweiBrowser|ArkWeb"),
    ("Xiaomi", r"MiuiBrowser"),
    ("Samsung", r"SamsungBrowser"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox|FxiOS"),
    ("Chrome", r"Chrome|CriOS|Chromium"),
    ("Safari", r"Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


class RegisterLine(SQLModel, table=True):
    """One line. `id` is a UUIDv7, `at` UTC text; `person` is empty for somebody unknown; `subject` is `noun:id` or `noun?filter`."""

    __tablename__ = "register"
    __table_args__ = (
        Index("ix_register_at", "at", "id", "act"),
        Index("ix_register_person_at", "person", "at"),
    )

    id: str = Field(primary_key=True)
    at: str
    person: str
    act: str
    subject: str
    purpose: str
    network: str
    browser: str


_TABLE = RegisterLine.__table__  # type: ignore[attr-defined]
_KEPT = "the register is only ever added to"
_TRIGGERS = (
    *(
        (
            "sqlite",
            f"CREATE TRIGGER register_no_{verb.lower()} BEFORE {verb} ON register BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
        )
        for verb in ("UPDATE", "DELETE")
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION register_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$",
    ),
    (
        "postgresql",
        "CREATE TRIGGER register_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON register "
        "FOR EACH STATEMENT EXECUTE FUNCTION register_is_kept()",
    ),
)
for _dialect, _words in _TRIGGERS:
    event.listen(_TABLE, "after_create", DDL(_words).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


def write(services: "Services", who: "Who", act: str, subject: str, purpose: str = "") -> None:
    """Add a line in a transaction of its own. `purpose` is one of `PURPOSES` or a person's words."""
    with services.database.writing() as session:
        add(services, session, who.person, act, subject, purpose)


def add(
    services: "Services", session: Session, person: str, act: str, subject: str, purpose: str = ""
) -> None:
    """Add a line to a transaction that is open: what it tells of and the line are there together or not at all."""
    network, browser = _from_where()
    line = RegisterLine(
        id=services.archive.new_id(),
        at=services.archive.now(),
        person=person,
        act=act,
        subject=subject[:SUBJECT_CHARS],
        purpose=purpose.strip()[:PURPOSE_CHARS],
        network=network,
        browser=browser,
    )
    session.add(line)


def granted(session: Session, who: "Who", act: str, subject: str, now: datetime) -> str | None:
    """Return the purpose the person registered for the same within the last hour, None when nothing was."""
    since = col(RegisterLine.at) > instant.write(now - GRANT)
    same = (RegisterLine.person == who.person, RegisterLine.act == act, RegisterLine.subject == subject)
    newest = select(RegisterLine.purpose).where(since, *same).order_by(col(RegisterLine.id).desc())
    return session.exec(newest).first()


def _from_where() -> tuple[str, str]:
    """Return network and browser of the request; of a command nothing."""
    if not has_request_context():
        return "", ""
    return coarse_network(request.remote_addr), coarse_browser(request.user_agent.string or "")


def coarse_network(address: str | None) -> str:
    """Return the neighbourhood of an address: its /24 in IPv4, its /48 in IPv6."""
    try:
        host = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{host}/{24 if host.version == 4 else 48}", strict=False))


def coarse_browser(agent: str) -> str:
    """Return make and system of a browser without any version; empty for what is none known."""
    found = (
        next((name for name, sign in row if re.search(sign, agent)), "") for row in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(word for word in found if word)
