"""What one cell means: days, months, percentages, amounts and quantities as offices write them, to what records hold. Pure."""

import calendar
import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

# Days of Excel's calendar that are taken for dates: 2000-01-01 to 2099-12-31.
EXCEL_DAY_0, FIRST_SERIAL, LAST_SERIAL = date(1899, 12, 30), 36_526, 73_050
TRUE = frozenset({"是", "有", "√", "✓", "对", "y", "yes", "true", "1"})
FALSE = frozenset({"否", "无", "×", "✗", "x", "n", "no", "false", "0"})
# What stands in a cell that says nothing.
NOTHING = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "n/a", "#n/a"})

_SIGN = r"\s*[-./年]\s*"
_DAY = re.compile(rf"(20\d\d){_SIGN}(\d{{1,2}})\s*[-./月]\s*(\d{{1,2}})\s*[日号]?(?:[ T]\d.*)?")
_COMPACT = re.compile(r"(20\d\d)(0[1-9]|1[0-2])([0-3]\d)")
_NO_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_END_OF_MONTH = re.compile(r"(?:(20\d\d)\s*年\s*)?(\d{1,2})\s*月\s*(?:底|末|月底)")
_MONTH = re.compile(rf"(20\d\d){_SIGN}(\d{{1,2}})(?:\s*月(?:份)?)?(?:-01(?:T00:00)?)?")
_BARE_MONTH = re.compile(r"(\d{1,2})\s*月(?:份)?")


class Unreadable(Exception):
    """A cell that means nothing here: `reason` is the end of a key of the catalogue (`sheet.fault.…`), `words` what its wording names."""

    def __init__(self, reason: str, **words: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = words


def plain(text: str) -> str:
    """Return a text as it is compared: full-width signs as usual ones, no spaces, small letters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def is_nothing(text: str) -> bool:
    """Tell whether a cell says nothing."""
    return plain(text) in NOTHING


def day(text: str, year: int | None) -> str:
    """Return a day as `2026-03-05`; `year` is that of the table, for a cell that names none."""
    told = unicodedata.normalize("NFKC", text).strip()
    if whole := _DAY.fullmatch(told) or _COMPACT.fullmatch(plain(told)):
        return _day(int(whole[1]), int(whole[2]), int(whole[3]))
    if end := _END_OF_MONTH.fullmatch(told):
        return _end_of_month(int(end[1]) if end[1] else _year(year), int(end[2]))
    if short := _NO_YEAR.fullmatch(told):
        return _day(_year(year), int(short[1]), int(short[2]))
    if _MONTH.fullmatch(told) or _BARE_MONTH.fullmatch(told):
        raise Unreadable("day_missing")
    number = _number(told)
    if number is not None and FIRST_SERIAL <= number <= LAST_SERIAL:
        return (EXCEL_DAY_0 + timedelta(days=int(number))).isoformat()
    raise Unreadable("no_day")


def month(text: str, year: int | None) -> str:
    """Return a month as `2026-03`; a day of it says it too."""
    told = unicodedata.normalize("NFKC", text).strip()
    found = _MONTH.fullmatch(told) or re.fullmatch(r"(20\d\d)(0[1-9]|1[0-2])", told)
    if not found and (short := _BARE_MONTH.fullmatch(told)):
        return _month(_year(year), int(short[1]))
    if found:
        return _month(int(found[1]), int(found[2]))
    try:
        return day(told, year)[:7]
    except Unreadable as none:
        raise Unreadable("no_month") from none


def _year(year: int | None) -> int:
    if year is None:
        raise Unreadable("year_missing")
    return year


def _day(year: int, of_year: int, of_month: int) -> str:
    try:
        return date(year, of_year, of_month).isoformat()
    except ValueError as error:
        raise Unreadable("no_such_day") from error


def _end_of_month(year: int, of_year: int) -> str:
    return _day(year, of_year, calendar.monthrange(year, of_year)[1] if 1 <= of_year <= 12 else 1)


def _month(year: int, of_year: int) -> str:
    if not 1 <= of_year <= 12:
        raise Unreadable("no_month")
    return f"{year}-{of_year:02d}"


def permille(text: str, is_fraction: bool) -> int:
    """Return tenths of a percent; without a sign `is_fraction` says whether 0.35 or 35 means thirty-five percent."""
    told = plain(text)
    bare = re.sub(r"(%|‰|个?百分点)$", "", told)
    number = _number(bare)
    if number is None:
        raise Unreadable("no_percent")
    per = 1000 if is_fraction and bare == told else 1 if told.endswith("‰") else 10
    found = _rounded(number * per)
    if not 0 <= found <= 1000:
        raise Unreadable("percent_range")
    return found


def are_fractions(cells: list[str]) -> bool:
    """Tell whether a column's figures without a sign are parts of one: none is above 1, and one has a point."""
    numbers = [number for cell in cells if (number := _number(plain(cell))) is not None]
    return bool(numbers) and all(number <= 1 for number in numbers) and any(number % 1 for number in numbers)


def wan(text: str, unit: Decimal) -> int:
    """Return an amount in units of 10,000 yuan, rounded; `unit` is what one of the column's is in them."""
    told = plain(text).replace("人民币", "").replace("¥", "")
    for ending, own in (("亿元", 10_000), ("亿", 10_000), ("万元", 1), ("万", 1), ("元", Decimal("0.0001"))):
        if told.endswith(ending):
            told, unit = told.removesuffix(ending), Decimal(own)
            break
    number = _number(told)
    if number is None:
        raise Unreadable("no_amount")
    if number < 0:
        raise Unreadable("negative")
    return _rounded(number * unit)


def unit_of(heading: str) -> Decimal:
    """Return what one of a column's amounts is in units of 10,000 yuan, by its heading or the row of units."""
    told = plain(heading)
    if "亿" in told:
        return Decimal(10_000)
    return Decimal("0.0001") if "元" in told and "万" not in told else Decimal(1)


def quantity(text: str) -> str:
    """Return a quantity as records write it: `1,200.50` → `1200.5`."""
    number = _number(plain(text))
    if number is None or abs(number) >= 10**12:
        raise Unreadable("no_number")
    exact = number.quantize(Decimal("0.000001"), ROUND_HALF_UP)
    written = f"{exact:f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def whole(text: str) -> int:
    """Return a whole number of at least 0."""
    number = _number(plain(text))
    if number is None or number % 1 or not 0 <= number < 10**9:
        raise Unreadable("no_whole")
    return int(number)


def flag(text: str) -> bool:
    """Return yes or no."""
    told = plain(text)
    if told not in TRUE | FALSE:
        raise Unreadable("no_flag")
    return told in TRUE


def _number(text: str) -> Decimal | None:
    """Return a number written with or without signs between thousands; None for anything else."""
    bare = text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text) else text
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", bare):
        return None
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def _rounded(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_UP))
