"""What our Word templates are drawn with: the office's paper, its headings and tables, and the placeholders docxtpl fills.

Sizes and margins are the usual ones of official papers (A4, body 16 pt on 28 pt). Only fonts that every Chinese Office has are named.
"""

import io
from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TITLE, HEADING, SECOND, BODY = ("宋体", 22), ("黑体", 16), ("楷体", 16), ("仿宋", 16)
SMALL_PT, TABLE_PT, LINE_PT = 10.5, 12, 28
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}

Say = Callable[[str], str]
# A column: its heading's message, and the member of a row that stands in it.
Column = tuple[str, str]


class Layout:
    """A template under construction. `say` gives wording by key, so that one layout serves every language."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        for side, wide in MARGINS_MM.items():
            setattr(section, f"{side}_margin", Mm(wide))
        _page_number(section.footer.paragraphs[0])

    def line(
        self, text: str, font: tuple[str, float] = BODY, *, centred: bool = False, right: bool = False
    ) -> None:
        """Add a paragraph; `text` may hold placeholders."""
        paragraph = self.document.add_paragraph()
        if centred or right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.line_spacing = Pt(LINE_PT if font[1] >= TABLE_PT else 16)
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, text, font)

    def small(self, text: str) -> None:
        """Add a paragraph of small print."""
        self.line(text, (BODY[0], SMALL_PT))

    def head(self) -> None:
        """Add what stands on every first page: how it is handled, its number, its title."""
        self.small("{{ handling }}")
        self.line("{{ number }}", (BODY[0], TABLE_PT), right=True)
        self.line("{{ title }}", TITLE, centred=True)

    def heading(self, key: str) -> None:
        """Add a heading; its number is counted when the template is filled, because empty sections are left out."""
        self.line("{{ heading() }}" + self.say(key), HEADING)

    def second(self, key: str) -> None:
        """Add a heading of the second order."""
        self.line("{{ second() }}" + self.say(key), SECOND)

    def when(self, condition: str) -> None:
        """Keep what follows, up to `end`, only where the condition holds."""
        self.line("{%p if " + condition + " %}", (BODY[0], SMALL_PT))

    def otherwise(self) -> None:
        """Say what stands there else."""
        self.line("{%p else %}", (BODY[0], SMALL_PT))

    def end(self) -> None:
        """End what `when` began."""
        self.line("{%p endif %}", (BODY[0], SMALL_PT))

    def each(self, name: str, rows: str, text: str) -> None:
        """Add one paragraph for each row."""
        self.line("{%p for " + f"{name} in {rows}" + " %}", (BODY[0], SMALL_PT))
        self.line(text)
        self.line("{%p endfor %}", (BODY[0], SMALL_PT))

    def new_page(self) -> None:
        """Go on at the top of a page."""
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def facts(self, rows: str) -> None:
        """Add a table of labels and words: rows of `label` and `words`."""
        self._rows(rows, [("", "label"), ("", "words")], has_head=False, wide_mm=(34, 122))

    def table(
        self, rows: str, columns: Sequence[Column], wide_mm: Sequence[float], size: float = TABLE_PT
    ) -> None:
        """Add a table with a row of headings that is repeated on every page."""
        self._rows(rows, columns, has_head=True, wide_mm=wide_mm, size=size)

    def photos(self, rows: str) -> None:
        """Add the photo sheet: rows of two pictures with their captions; no row is torn by the end of a page."""
        table = self._grid(2, (78, 78), has_border=False)
        _loop(table, rows)
        cells = table.add_row().cells
        for cell, side in zip(cells, ("left", "right"), strict=True):
            _cell(cell, "{{ row." + side + ".image }}")
            _run(cell.add_paragraph(), "{{ row." + side + ".caption }}", (BODY[0], 9))
        _whole(table.rows[-1])
        _end(table)

    def _rows(
        self,
        rows: str,
        columns: Sequence[Column],
        *,
        has_head: bool,
        wide_mm: Sequence[float],
        size: float = TABLE_PT,
    ) -> None:
        table = self._grid(len(columns), wide_mm)
        if has_head:
            for cell, (key, _) in zip(table.add_row().cells, columns, strict=True):
                _cell(cell, self.say(key), size, bold=True)
            _repeat(table.rows[-1])
        _loop(table, rows)
        for cell, (_, name) in zip(table.add_row().cells, columns, strict=True):
            _cell(cell, "{{ row." + name + " }}", size)
        _end(table)
        _size(table, wide_mm)

    def _grid(self, columns: int, wide_mm: Sequence[float], *, has_border: bool = True) -> Any:
        table = self.document.add_table(0, columns)
        table.autofit = False
        if has_border:
            table.style = "Table Grid"
        for column, wide in zip(table.columns, wide_mm or [156 / columns] * columns, strict=True):
            column.width = Mm(wide)
        return table

    def bytes(self) -> bytes:
        """Return the template as a file."""
        target = io.BytesIO()
        self.document.save(target)
        return target.getvalue()


def _run(paragraph: Any, text: str, font: tuple[str, float], *, bold: bool = False) -> None:
    name, size = font
    run = paragraph.add_run(text)
    run.font.name, run.font.size = name, Pt(size)
    run.font.bold = bold or font == TITLE
    run._element.rPr.rFonts.set(qn("w:eastAsia"), name)


def _cell(cell: Any, text: str, size: float = TABLE_PT, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    _run(paragraph, text, (BODY[0], size), bold=bold)


def _size(table: Any, wide_mm: Sequence[float]) -> None:
    for row in table.rows:
        for cell, wide in zip(row.cells, wide_mm, strict=False):
            cell.width = Mm(wide)


def _loop(table: Any, rows: str) -> None:
    _cell(table.add_row().cells[0], "{%tr for row in " + rows + " %}")


def _end(table: Any) -> None:
    _cell(table.add_row().cells[0], "{%tr endfor %}")


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    _whole(row)


def _whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _page_number(paragraph: Any) -> None:
    """Write `— 1 —`, counted by Word."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", (BODY[0], 14))
    _run(paragraph, "", (BODY[0], 14))
    run = paragraph.runs[-1]._element
    for sort, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if sort else "w:instrText")
        if sort:
            element.set(qn("w:fldCharType"), sort)
        else:
            element.text = text
        run.append(element)
    _run(paragraph, " —", (BODY[0], 14))
