"""From the sheets of an XLSForm to the body of a checklist (version 2). Pure. What is not understood is refused, never left out."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from fieldapp.domain.checklist import ITEM_CHARS, REPEATED_CHARS, ChecklistBody
from fieldapp.xlsform import question, table
from fieldapp.xlsform.expression import NAME
from fieldapp.xlsform.fault import Faults, XlsformRefused
from fieldapp.xlsform.judge import Judge
from fieldapp.xlsform.table import Row
from fieldapp.xlsform.workbook import Sheets

MAX_LABEL_CHARS, MAX_EXPRESSION_CHARS, MAX_NAME_CHARS = 4_000, 4_000, 200
MAX_NESTED = 8
MAX_QUESTIONS = 500
# A record has at most 262,144 bytes; what is left is for its seal and what stands beside the body.
MAX_BODY_BYTES = 180_000
VERSION = ChecklistBody.version

_YES = frozenset({"yes", "true", "true()", "1"})
_NO = frozenset({"no", "false", "false()", "0"})
_EXPRESSIONS = ("relevant", "required", "constraint", "calculation", "read_only", "choice_filter", "default")
_TEXTS = {"hint": "hint", "required_message": "required", "constraint_message": "constraint"}

Node = dict[str, Any]


def compile_form(
    sheets: Sheets, code: str, purposes: Sequence[str] = (), types: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the body a form becomes; raises `XlsformRefused` with everything that is wrong.

    `code` is taken where the form has no `form_id`. Without a `version` the content makes the edition.
    """
    faults = Faults([])
    for name, rows in sheets.items():
        if name not in table.COLUMNS and not name.startswith("_") and any(any(row) for row in rows):
            faults.add(name, 0, "", "unknown_sheet")
    survey, choices, settings = (table.rows(name, sheets.get(name, []), faults) for name in table.COLUMNS)
    if not survey:
        faults.add("survey", 0, "", "no_survey")
    heading = _Heading(settings, faults, code)
    lists = _lists(choices, heading, faults)
    form = _Survey(lists, heading.language, faults)
    groups = form.read(survey)
    body = {
        "code": heading.code,
        "edition": heading.edition,
        "name": heading.name,
        "name_en": heading.name_en,
        "purposes": list(purposes),
        "types": list(types),
        "rotation": None,
        "groups": groups,
        "choices": lists,
    }
    content = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if len(content) > MAX_BODY_BYTES:
        faults.add("survey", 0, "", "too_long", str(len(content) // 1000), str(MAX_BODY_BYTES // 1000))
    if faults.found:
        order = {name: at for at, name in enumerate(table.COLUMNS)}
        raise XlsformRefused(sorted(set(faults.found), key=lambda one: (order.get(one.sheet, -1), one)))
    return body | {"edition": heading.edition or hashlib.sha256(content).hexdigest()[:8]}


class _Heading:
    """What the sheet `settings` says."""

    def __init__(self, rows: Sequence[Row], faults: Faults, code: str) -> None:
        row = rows[0] if rows else Row(2, {})
        for more in rows[1:]:
            faults.add("settings", more.number, "", "one_row")
        self.edition = row.get("version")[:100]
        self.may_repeat_choices = row.get("allow_choice_duplicates").lower() in _YES
        language = row.get("default_language")
        self.language = table.language_of(language) or "" if language else ""
        if language and not self.language:
            faults.add("settings", row.number, "default_language", "other_language", language)
        wanted = row.get("form_id") or code
        self.code = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,38}", self.code):
            faults.add("settings", row.number, "form_id", "bad_code", wanted)
        self.name, self.name_en = table.both(row, "form_title", self.language)
        self.name = self.name or wanted
        if len(self.name) > MAX_NAME_CHARS or len(self.name_en) > MAX_NAME_CHARS:
            faults.add("settings", row.number, "form_title", "cell_too_long", "", str(MAX_NAME_CHARS))


def _lists(rows: Sequence[Row], heading: _Heading, faults: Faults) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for row in rows:
        listed, name = row.get("list_name"), row.get("name")
        for column, text in (("list_name", listed), ("name", name)):
            if not text:
                faults.add("choices", row.number, column, "empty")
            elif not re.fullmatch(r"\S{1,100}", text):
                faults.add("choices", row.number, column, "bad_choice_name", text)
        zh, en = table.both(row, "label", heading.language)
        if not zh:
            faults.add("choices", row.number, "label", "no_label", name)
        if len(zh) > MAX_LABEL_CHARS or len(en) > MAX_LABEL_CHARS:
            faults.add("choices", row.number, "label", "cell_too_long", "", str(MAX_LABEL_CHARS))
        same = found.setdefault(listed, [])
        if name in {one["name"] for one in same} and not heading.may_repeat_choices:
            faults.add("choices", row.number, "name", "double_choice", name, listed)
        columns = table.filter_columns(row)
        same.append({"name": name, "zh": zh, "en": en} | ({"columns": columns} if columns else {}))
    return found


class _Survey:
    """Reads the rows of the survey into groups; `open` are the groups begun and not ended, the outermost first."""

    def __init__(self, lists: dict[str, list[Node]], language: str, faults: Faults) -> None:
        self.lists = lists
        self.language = language
        self.faults = faults
        self.judge = Judge(lists, faults)
        self.root: list[Node] = []
        self.open: list[tuple[Row, Node]] = []

    def read(self, rows: Sequence[Row]) -> list[Node]:
        """Return the groups; questions outside of groups stand in groups without a name."""
        for row in rows[:MAX_QUESTIONS]:
            self._row(row)
        for row in rows[MAX_QUESTIONS : MAX_QUESTIONS + 1]:
            self._fault(row, "", "too_many", str(MAX_QUESTIONS))
        for row, _node in self.open:
            self._fault(row, "type", "not_ended", row.get("name"))
        self.judge.judge()
        groups: list[Node] = []
        for node in self.root:
            if "items" in node:
                groups.append(node)
            elif groups and groups[-1]["id"] == "":
                groups[-1]["items"].append(node)
            else:
                groups.append({"id": "", "items": [node]})
        return groups

    def _fault(self, row: Row, column: str, reason: str, word: str = "", other: str = "") -> None:
        self.faults.add("survey", row.number, column, reason, word, other)

    def _row(self, row: Row) -> None:
        text = row.get("type")
        sort, detail = question.type_of(text)
        if not sort:
            self._fault(row, "type", detail if text else "empty", text)
        elif sort in ("end_group", "end_repeat"):
            self._end(row, sort)
        elif sort in question.GROUPS:
            self._begin(row, sort)
        else:
            self._question(row, sort, detail)

    def _begin(self, row: Row, sort: str) -> None:
        is_repeat = sort == "begin_repeat"
        name = self._name(row, sort)
        node: Node = {"id": name, **self._texts(row, {"label": ""})}
        self._columns(row, sort)
        if is_repeat and self._repeat() is not None:
            self._fault(row, "type", "nested_repeat", name, str(self._repeat()))
        if len(self.open) >= MAX_NESTED:
            self._fault(row, "type", "nested_deep", name, str(MAX_NESTED))
        self._expressions(row, sort, node, ("relevant",))
        if is_repeat:
            count = row.get("repeat_count")
            node["repeat"] = {"count": count} if count else {}
            if count:
                self.judge.expression(row, "repeat_count", count, name, None)
        node["items"] = []
        self.judge.name(row, name, sort, None, [one.get("id", "") for _, one in self.open])
        self._place(node)
        self.open.append((row, node))

    def _end(self, row: Row, sort: str) -> None:
        for column in row.cells:
            if column not in ("type", "name", "label", "label_zh", "label_en"):
                self._fault(row, column, "not_for_type", row.get("type"))
        if not self.open:
            self._fault(row, "type", "not_begun", row.get("type"))
            return
        begun, node = self.open.pop()
        if ("repeat" in node) != (sort == "end_repeat"):
            self._fault(row, "type", "wrong_end", begun.get("name"), str(begun.number))
        if not node["items"]:
            self._fault(begun, "type", "empty_group", node["id"])

    def _question(self, row: Row, sort: str, listed: str) -> None:
        name = self._name(row, sort)
        node: Node = {"id": name, "type": f"{sort} {listed}" if listed else sort}
        node |= self._texts(row, {"label": "", **_TEXTS})
        if sort not in question.SILENT and "zh" not in node:
            self._fault(row, "label", "no_label", name)
        if listed and listed not in self.lists:
            self._fault(row, "type", "unknown_list", listed)
        if sort == "calculate" and not row.get("calculation") and not row.get("default"):
            self._fault(row, "calculation", "empty")
        self._columns(row, sort)
        self._default(row, sort, listed)
        self.judge.name(row, name, sort, self._repeat(), [one.get("id", "") for _, one in self.open])
        self._expressions(row, sort, node, _EXPRESSIONS, listed)
        if row.get("appearance"):
            node["appearance"] = row.get("appearance")
        self._place(node)

    def _place(self, node: Node) -> None:
        (self.open[-1][1]["items"] if self.open else self.root).append(node)

    def _repeat(self) -> str | None:
        return next((node["id"] for _, node in self.open if "repeat" in node), None)

    def _name(self, row: Row, sort: str) -> str:
        name = row.get("name")
        if not name and sort == "note":
            return f"note_{row.number}"
        most = REPEATED_CHARS if self._repeat() is not None else ITEM_CHARS
        if not name:
            self._fault(row, "name", "empty")
        elif not re.fullmatch(NAME, name):
            self._fault(row, "name", "bad_name", name)
        elif len(name) > most:
            self._fault(row, "name", "name_too_long", name, str(most))
        return name

    def _texts(self, row: Row, columns: dict[str, str]) -> Node:
        """Return the translated texts of a row as members: `zh`, `hint_zh`, `constraint_en` …"""
        node: Node = {}
        for column, stem in columns.items():
            zh, en = table.both(row, column, self.language)
            if len(zh) > MAX_LABEL_CHARS or len(en) > MAX_LABEL_CHARS:
                self._fault(row, column, "cell_too_long", "", str(MAX_LABEL_CHARS))
            if zh:
                head = f"{stem}_" if stem else ""
                node |= {f"{head}zh": zh, f"{head}en": en}
                self.judge.text(row, column, f"{zh} {en}")
        return node

    def _columns(self, row: Row, sort: str) -> None:
        """Refuse what a column says where the type has no use for it."""
        for column in row.cells:
            stem = re.sub(r"_(zh|en)$", "", column)
            if stem in question.FITTING and sort not in question.FITTING[stem]:
                self._fault(row, column, "not_for_type", row.get("type"))
        for column, needed in (("constraint_message", "constraint"), ("required_message", "required")):
            if any(name.startswith(column) for name in row.cells) and not row.get(needed):
                self._fault(row, column, "message_alone", needed)
        unfit = question.misfit(sort, row.get("appearance"))
        if unfit:
            self._fault(row, "appearance", "appearance", unfit, row.get("type"))

    def _default(self, row: Row, sort: str, listed: str) -> None:
        text = row.get("default")
        if text and sort in question.FITTING["default"] and not question.is_dynamic(text):
            names = frozenset(one["name"] for one in self.lists.get(listed, ()))
            if not question.is_literal_of(sort, text, names) or question.quoted(text) is None:
                self._fault(row, "default", "bad_default", text)

    def _expressions(
        self, row: Row, sort: str, node: Node, columns: Sequence[str], listed: str | None = None
    ) -> None:
        for column in columns:
            text = row.get(column)
            if column in ("required", "read_only", "relevant") and text.lower() in _YES | _NO:
                text = "true()" if text.lower() in _YES else "false()"
            if not text or sort not in question.FITTING[column]:
                continue
            if text == "false()" and column != "relevant":
                continue
            if len(text) > MAX_EXPRESSION_CHARS:
                self._fault(row, column, "cell_too_long", "", str(MAX_EXPRESSION_CHARS))
            if column == "default" and not question.is_dynamic(text):
                node[column] = question.quoted(text) or text
            else:
                node[column] = text
                is_alone = column == "default" and sort in question.ANSWERED and not node.get("read_only")
                self.judge.expression(row, column, text, node["id"], listed, is_free=is_alone)
