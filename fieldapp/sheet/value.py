"""One member of a body against one cell of a table, both ways: what a cell means for it, and what is written of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from fieldapp import degree
from fieldapp.catalogue import LANGUAGES, load
from fieldapp.sheet import cell
from fieldapp.sheet.book import Book
from fieldapp.sheet.cell import Unreadable, plain
from fieldapp.sheet.column import Column, Table
from fieldapp.shifted import to_wgs84
from fieldapp.word import choice_key

Cell = str | int | Decimal | date | None

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PERSON = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SPLIT = re.compile(r"[、,，;；\n]+")
_PART = re.compile(r"(.+?)[(（](.+?)[)）]")
_PLACE = re.compile(r"(.+?)[\s:：(（]+([^\s,，()（）]+)[\s,，]+([^\s,，()（）]+?)[)）]?")
# Words of offices for our choices, beside the wording of our screens, by member.
CALLED = {
    "state": {
        "preparing": "前期工作 未开工 拟建 筹建",
        "building": "在建 续建 新建 建设中 施工",
        "suspended": "停工 停建 缓建 停缓建",
        "finished": "竣工 完工 已完工 建成",
    },
    "shape": {"point": "点", "line": "线 线状", "area": "面 片 面状"},
    "role": {
        "patron": "挂钩 包抓领导 联系领导",
        "lead": "牵头 牵头领导",
        "owner": "业主",
        "support": "要素保障 保障",
        "local": "属地",
    },
    "part": {"leader": "组长", "deputy": "副组长", "member": "组员 成员"},
    "list": {
        "problem": "问题清单",
        "task": "任务清单",
        "progress": "进度清单",
        "achievement": "成绩清单",
        "duty": "责任清单",
    },
}


@dataclass(frozen=True)
class Reading:
    """What a person says of a sheet that no cell says. `system` is one of `shifted.SYSTEMS`; `are_fractions` by column."""

    book: Book
    table: Table
    year: int | None
    system: str
    are_fractions: Mapping[str, bool]
    units: Mapping[str, Decimal]

    def read(self, column: Column, text: str) -> Any:
        """Return what a cell that says something means for its member; raise `Unreadable`."""
        name = column.name
        match column.sort:
            case "day":
                return cell.day(text, self.year)
            case "month":
                return cell.month(text, self.year)
            case "percent":
                return cell.permille(text, self.are_fractions.get(name, False))
            case "amount":
                return cell.wan(text, self.units.get(name, Decimal(1)))
            case "quantity":
                return cell.quantity(text)
            case "whole":
                return cell.whole(text)
            case "degree":
                return _degree(text)
            case "flag":
                return cell.flag(text)
            case "choice":
                return choice(self.table.body.kind, name.rpartition(".")[2], text)
            case "months":
                return [cell.month(one, self.year) for one in _parts(text)]
            case "places":
                return [self._place(one) for one in re.split(r"[;；\n]+", text) if one.strip()]
            case _:
                return self._named(column, text)

    def _named(self, column: Column, text: str) -> Any:
        match column.sort:
            case "ref":
                return self.book.find(column.of, text).entity
            case "refs":
                return [self.book.find(column.of, one).entity for one in _parts(text)]
            case "members":
                return [self._member(one) for one in _parts(text)]
            case "code" if column.of:
                return self.book.find(column.of, text).code
            case "code":
                told = text.strip().casefold()
                if not (_PERSON if column.name == "person" else _CODE).fullmatch(told):
                    raise Unreadable("no_code")
                return told
            case _:
                return text.strip()

    def _member(self, text: str) -> dict[str, str]:
        named = _PART.fullmatch(text)
        person = self.book.find("person", named[1] if named else text)
        return {"person": person.person, "part": choice("team", "part", named[2]) if named else "member"}

    def _place(self, text: str) -> dict[str, Any]:
        told = _PLACE.fullmatch(text.strip())
        if not told:
            raise Unreadable("no_place")
        lat_e7, lon_e7 = to_wgs84(self.system, _degree(told[2]), _degree(told[3]))
        return {"name": told[1].strip(), "lat_e7": lat_e7, "lon_e7": lon_e7}


def _degree(text: str) -> int:
    try:
        return degree.parse(text)
    except ValueError as error:
        raise Unreadable("no_degree") from error


def _parts(text: str) -> list[str]:
    return [one.strip() for one in _SPLIT.split(text) if one.strip()]


def choice(kind: str, name: str, text: str) -> str:
    """Return the choice a cell names: in words of a screen, of an office, or as records have it."""
    told = plain(text)
    prefixes = (choice_key(kind, name, ""), f"choice.{kind}.{name}.")
    for value, words in CALLED.get(name, {}).items():
        if told == value or told in words.split():
            return value
    for tag in LANGUAGES:
        for key, words in load(tag).items():
            value = key.rpartition(".")[2]
            if key.removesuffix(value) in prefixes and told in (plain(words), value):
                return value
    if _CODE.fullmatch(told):
        return told
    raise Unreadable("no_choice")


def written(book: Book, table: Table, column: Column, body: Mapping[str, Any], language: str) -> Cell:
    """Return what a cell says of a body's member, typed; None where it says nothing."""
    value = member(body, column.name)
    if value is None or value == "":
        return None
    match column.sort:
        case "day":
            return date.fromisoformat(value)
        case "percent":
            return Decimal(value) / 10
        case "quantity":
            return Decimal(value)
        case "degree":
            return Decimal(degree.write(value))
        case "flag":
            return load(language)["sheet.yes" if value else "sheet.no"]
        case "choice":
            return _chosen(table.body.kind, column.name.rpartition(".")[2], value, language)
        case "places":
            return "；".join(f"{one['name']} {_pair(one)}" for one in value) or None
        case "months":
            return "、".join(value) or None
    return _name(book, column, value, language)


def _name(book: Book, column: Column, value: Any, language: str) -> Cell:
    match column.sort:
        case "ref":
            row = book.rows(column.of).get(value)
            return book.name(column.of, row) if row else str(value)
        case "refs":
            rows = [book.rows(column.of).get(one) for one in value]
            return "、".join(book.name(column.of, row) for row in rows if row) or None
        case "members":
            return "、".join(_members(book, value, language)) or None
        case "code" if column.of:
            named = next((row for row in book.rows(column.of).values() if row.code == value), None)
            return book.name(column.of, named) if named else str(value)
    return value if isinstance(value, int) else str(value)


def _members(book: Book, members: Any, language: str) -> Iterator[str]:
    people = {row.person: row for row in book.rows("person").values()}
    for one in members:
        name = book.name("person", people[one["person"]]) if one["person"] in people else one["person"]
        yield f"{name}（{_chosen('team', 'part', one['part'], language)}）"


def _pair(place: Mapping[str, int]) -> str:
    return f"{degree.write(place['lat_e7'])},{degree.write(place['lon_e7'])}"


def _chosen(kind: str, name: str, value: str, language: str) -> str:
    return load(language).get(choice_key(kind, name, value), value)


def member(body: Mapping[str, Any], path: str) -> Any:
    """Return a member by its path; None where there is none."""
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
