"""Where the pictures are taken: a demo city of their own, the project they are of, photos as the camera's, and an hour of the day."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from fieldapp.command.archive import opened
from fieldapp.command.demo import DEPARTMENT, LOGINS, NUMBER_PREFIX
from fieldapp.demo.photos import Shot, jpeg, weather_on
from fieldapp.domain import Project
from fieldapp.settings import Settings
from tests.browser.app_server import AppServer

# Not visited this month, with questions, problems and photos from the visits before.
CODE = "p007"


class Place:
    """The demo city in a temporary folder: its server, its passwords, and the project the pictures are of."""

    def __init__(self, folder: Path) -> None:
        """Fill the city; nothing is served yet."""
        self.server = AppServer(
            folder / "city", FIELDAPP_DEPARTMENT=DEPARTMENT, FIELDAPP_NUMBER_PREFIX=NUMBER_PREFIX, FIELDAPP_TIMEZONE=zone(),
        )  # fmt: skip
        self.server.command("demo", "--fill-only")
        logins = json.loads((self.server.data / LOGINS).read_text("utf-8"))
        self.passwords = {one["role"]: str(one["password"]) for one in logins}
        with opened(Settings(data=self.server.data)) as services, services.database.reading() as session:
            self.project = session.exec(select(Project).where(Project.code == CODE)).one()
            session.expunge_all()
        self.photos = [self._photo(folder, number) for number in range(3)]
        self.close_ups = [self._photo(folder, number, turn=1) for number in (3, 4, 5)]

    def _photo(self, folder: Path, number: int, turn: int = 0) -> Path:
        shot = Shot(CODE.upper(), self.project.type, fair_day(), 0.66, number=number, turn=turn)
        path = folder / f"photo-{number}.jpg"
        path.write_bytes(jpeg(shot))
        return path

    @property
    def site(self) -> dict[str, float]:
        """Where the phone is: some steps from the middle of the site."""
        site: dict[str, Any] = dict(self.project.site)
        return {
            "latitude": site["lat_e7"] / 1e7 + 0.0002,
            "longitude": site["lon_e7"] / 1e7 + 0.0001,
            "accuracy": 9,
        }


def fair_day() -> str:
    """Return the latest day with good light."""
    days = (str(date.today() - timedelta(days=count)) for count in range(100))
    return next(day for day in days if weather_on(day) == "fair")


def zone() -> str:
    """Return a time zone in which it is day now and the demo's own date: pictures are taken at any hour, visits are not made at night."""
    now = datetime.now(UTC)
    hours = [offset for offset in range(-12, 13) if (now + timedelta(hours=offset)).date() == date.today()]
    offset = min(hours, key=lambda hours: (abs((now + timedelta(hours=hours)).hour - 11), abs(hours - 8)))
    return f"Etc/GMT{-offset:+d}"
