"""Fills a Word template: the department's where it has one, else ours. What fills it is text and pictures, never markup.

Templates are run in Jinja's sandbox, and a placeholder that nothing fills is an error that names it: no document leaves with a hole.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

# What XML cannot hold; text of people and phones may.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CHINESE = "一二三四五六七八九十"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")


class TemplateRefused(ValueError):
    """A department's template that cannot be filled; `path` names it, `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


@dataclass(frozen=True)
class Picture:
    """A picture to be set into a document, `wide_mm` wide."""

    content: bytes
    wide_mm: float


def template_path(folder: str, name: str, language: str) -> Path | None:
    """Return the department's own template of a document, `<name>.<language>.docx` in its folder; None where it has none."""
    path = Path(folder) / f"{name}.{language}.docx" if folder else None
    return path if path and path.is_file() else None


def fill(template: bytes, words: Mapping[str, Any], language: str, path: str = "") -> bytes:
    """Return a template's file filled with words; raise `TemplateRefused`, naming `path`, for one that cannot be."""
    try:
        document = DocxTemplate(io.BytesIO(template))
        context = _written(words, document) | _counters(language)
        document.render(context, SandboxedEnvironment(undefined=StrictUndefined, autoescape=True))
    except (TemplateError, PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise TemplateRefused(path, str(error)) from error
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def placeholders(template: bytes, path: str) -> set[str]:
    """Return the names a template asks for; raise `TemplateRefused` for one that cannot be read."""
    try:
        document = DocxTemplate(io.BytesIO(template))
        found: set[str] = document.get_undeclared_template_variables(SandboxedEnvironment())
    except (TemplateError, PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise TemplateRefused(path, str(error)) from error
    return found


def _written(value: Any, document: Any) -> Any:
    """Return words as they may stand in XML, and pictures as the document takes them."""
    if isinstance(value, str):
        return UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, Picture):
        return InlineImage(document, io.BytesIO(value.content), width=Mm(value.wide_mm))
    if isinstance(value, Mapping):
        return {name: _written(one, document) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(one, document) for one in value]
    return value


def _counters(language: str) -> dict[str, Any]:
    """Return `heading()` and `second()`, which write the next number: `一、` and `（一）`, or `I  ` and `1  `."""
    is_chinese = language == "zh-CN"
    first = iter([f"{_chinese(n)}、" for n in range(1, 40)] if is_chinese else [f"{one}  " for one in ROMAN])
    state: dict[str, Iterator[str]] = {}

    def heading() -> str:
        state["second"] = iter(
            [f"（{_chinese(n)}）" for n in range(1, 40)] if is_chinese else [f"{n}  " for n in range(1, 40)]
        )
        return next(first)

    return {"heading": heading, "second": lambda: next(state["second"])}


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else CHINESE[tens - 1] + "十") + (
        CHINESE[ones - 1] if ones else ""
    )
