"""From the data's dates to dates around the day the demo is loaded: whole months, and never a past event in
the future.
"""

import calendar
import re
from datetime import date, datetime, timedelta, timezone

ANCHOR = date(2026, 11, 22)
LOCAL = timezone(timedelta(hours=8))
_MONTHS = "January February March April May June July August September October November December".split()
_ENGLISH = re.compile(rf"\b({'|'.join(_MONTHS)})\b")


def month_index(day: date) -> int:
    """Return the number of the month since year 0."""
    return day.year * 12 + day.month - 1


class Shift:
    """Moves the data's calendar by whole months, so that its anchor falls in the month of `load_on`.

    Loaded before the 22nd, what happened in the anchor's month is pressed into the days before; on the 1st
    the month is too young, and the anchor falls in the month before.
    """

    def __init__(self, load_on: date) -> None:
        base = load_on if load_on.day > 1 else load_on - timedelta(days=1)
        self.load_on = load_on
        self.months = month_index(base) - month_index(ANCHOR)
        self._pressed_to = base.day if base.day < ANCHOR.day else None

    def day(self, day: date) -> date:
        """Return the day of an event or plan of the data."""
        years, month = divmod(month_index(day) + self.months, 12)
        number = min(day.day, calendar.monthrange(years, month + 1)[1])
        if self._pressed_to and month_index(day) == month_index(ANCHOR) and day.day <= ANCHOR.day:
            is_past = day.day < ANCHOR.day
            number = 1 + (day.day - 1) * (self._pressed_to - 2) // 20 if is_past else self._pressed_to
        return date(years, month + 1, number)

    def text_day(self, text: str) -> str:
        """Return a day given as `YYYY-MM-DD`."""
        return self.day(date.fromisoformat(text)).isoformat()

    def text_month(self, text: str) -> str:
        """Return a month given as `YYYY-MM`."""
        return f"{self.day(date.fromisoformat(f'{text}-01')):%Y-%m}"

    def instant(self, at: datetime) -> datetime:
        """Return the instant of a local time of the data."""
        day = self.day(at.date())
        return at.replace(year=day.year, month=day.month, day=day.day, tzinfo=LOCAL)

    def words(self, text: str, seen_on: date = ANCHOR) -> str:
        """Move the months and years a sentence names; `seen_on` is the day of the data it is said on, if
        not at the anchor.
        """
        months = self.months + month_index(seen_on) - month_index(ANCHOR)
        years = self.day(ANCHOR.replace(day=1)).year - ANCHOR.year

        def number(found: re.Match[str]) -> str:
            return f"{(int(found[1]) - 1 + months) % 12 + 1}月"

        def name(found: re.Match[str]) -> str:
            return _MONTHS[(_MONTHS.index(found[1]) + months) % 12]

        moved = re.sub(r"(?<!\d)(1[0-2]|[1-9])月", number, text)
        moved = re.sub(r"(20\d\d)(?=年)", lambda found: str(int(found[1]) + years), moved)
        return _ENGLISH.sub(name, moved)


def instant_text(at: datetime) -> str:
    """Return an instant as records have it: milliseconds and offset."""
    return at.isoformat(timespec="milliseconds")
