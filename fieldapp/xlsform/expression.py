"""The expressions of XLSForm, read to be judged: what they name and whether phones understand them. Phones evaluate them.

The grammar and the functions are those of `static/js/core/expression.js`; `tests/vectors/expression.json` holds both to the same answers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

NAME = r"[^\W\d][\w.-]*"
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|\$\{\s*(?P<answer>" + NAME + r")\s*\}"
    r"|(?P<word>[A-Za-z_][\w-]*(?::[A-Za-z][\w-]*)?)|(?P<mark><=|>=|!=|\.\.|[=<>().,+*-]))"
)  # fmt: skip
# Loosest first: each level binds tighter than the one before.
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))

MANY = 99
MAX_DEPTH = 20
# Function → how many arguments it takes, at least and at most.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1), "boolean": (1, 1), "boolean-from-string": (1, 1), "ceiling": (1, 1), "coalesce": (2, 2), "concat": (1, MANY),
    "contains": (2, 2), "count": (1, 1), "count-non-empty": (1, 1), "count-selected": (1, 1), "date": (1, 1), "date-time": (1, 1),
    "decimal-date-time": (1, 1), "ends-with": (2, 2), "false": (0, 0), "floor": (1, 1), "format-date": (2, 2),
    "format-date-time": (2, 2), "if": (3, 3), "indexed-repeat": (3, 3), "int": (1, 1), "join": (2, MANY), "jr:choice-name": (2, 2),
    "lower-case": (1, 1), "max": (1, MANY), "min": (1, MANY), "normalize-space": (1, 1), "not": (1, 1), "now": (0, 0),
    "number": (1, 1), "once": (1, 1), "position": (1, 1), "pow": (2, 2), "regex": (2, 2), "round": (1, 2), "selected": (2, 2),
    "selected-at": (2, 2), "starts-with": (2, 2), "string": (1, 1), "string-length": (1, 1), "substr": (2, 3), "substring-after": (2, 2),
    "substring-before": (2, 2), "sum": (1, MANY), "today": (0, 0), "true": (0, 0), "upper-case": (1, 1),
}  # fmt: skip
_FORMAT = re.compile(r"(?:[^%]|%[YymndeHhMS%])*")
# What regular expressions of Python and of browsers do not share, and repeats of repeats, which can take for ever.
_FOREIGN = re.compile(r"\(\?[^:=!]|\\[AZzG]|[*+?}]\+|\{,|[*+}]\)[*+{]")


class ExpressionRefused(Exception):
    """An expression phones would not understand; `reason` and `word` as in `Fault`."""

    def __init__(self, reason: str, word: str) -> None:
        super().__init__(f"{reason}: {word}")
        self.reason = reason
        self.word = word


@dataclass
class Expression:
    """What an expression names: questions and repeats (`${…}`), columns of the choices sheet, whether it asks for its place in a repeat.

    `counted` are those names again that stand where a repeat may.
    """

    answers: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    is_placed: bool = False


@dataclass(frozen=True)
class _Token:
    sort: str
    text: str


def read(text: str) -> Expression:
    """Read an expression; raises `ExpressionRefused`."""
    reader = _Reader(list(_tokens(text)))
    reader.level(0)
    if reader.rest:
        raise ExpressionRefused("unexpected", reader.rest[0].text)
    return reader.found


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at, end)
        if match is None:
            rest = text[at:end].strip()
            reason = "quotes" if rest[0] in "‘’“”" else "path" if rest[0] in "/[" else "unexpected"
            raise ExpressionRefused(reason, rest[:20])
        sort = str(match.lastgroup)
        yield _Token("text" if sort in ("single", "double") else sort, match[sort])
        at = match.end()


class _Reader:
    """Recursive descent over the tokens; keeps what it meets in `found`."""

    def __init__(self, rest: list[_Token]) -> None:
        self.rest = rest
        self.found = Expression()
        self.depth = 0

    def level(self, depth: int) -> None:
        if depth == len(_LEVELS):
            self._operand()
            return
        self.level(depth + 1)
        while self.rest and self.rest[0].sort in ("mark", "word") and self.rest[0].text in _LEVELS[depth]:
            self.rest.pop(0)
            self.level(depth + 1)

    def _operand(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionRefused("too_deep", "")
        token = self._next()
        if token.sort == "answer":
            self.found.answers.append(token.text)
        elif token.sort == "word":
            if self.rest and self._is_mark("("):
                self._call(token.text)
            else:
                self.found.columns.append(token.text)
        elif token.sort == "mark":
            self._marked(token.text)
        self.depth -= 1

    def _marked(self, mark: str) -> None:
        if mark == "-":
            self._operand()
        elif mark == "(":
            self.level(0)
            self._expect(")")
        elif mark != ".":
            raise ExpressionRefused("unexpected", mark)

    def _call(self, name: str) -> None:
        if name not in FUNCTIONS:
            raise ExpressionRefused("unknown_function", name)
        self._expect("(")
        inner: list[list[_Token]] = []
        while not self._is_mark(")"):
            if inner:
                self._expect(",")
            before = list(self.rest)
            self._argument(name)
            inner.append(before[: len(before) - len(self.rest)])
        self.rest.pop(0)
        least, most = FUNCTIONS[name]
        if not least <= len(inner) <= most:
            raise ExpressionRefused("wrong_count", name)
        if name in _CHECKS:
            _CHECKS[name](inner, self.found)

    def _argument(self, name: str) -> None:
        if name != "position":
            self.level(0)
            return
        self._expect("..")
        self.found.is_placed = True

    def _next(self) -> _Token:
        if not self.rest:
            raise ExpressionRefused("ends_early", "")
        return self.rest.pop(0)

    def _is_mark(self, mark: str) -> bool:
        if not self.rest:
            raise ExpressionRefused("ends_early", "")
        return self.rest[0] == _Token("mark", mark)

    def _expect(self, mark: str) -> None:
        token = self._next()
        if token != _Token("mark", mark):
            raise ExpressionRefused("unexpected", token.text)


def _literal(tokens: list[_Token]) -> str | None:
    return tokens[0].text if len(tokens) == 1 and tokens[0].sort == "text" else None


def _check_regex(inner: list[list[_Token]], _found: Expression) -> None:
    pattern = _literal(inner[1])
    if pattern is None:
        raise ExpressionRefused("not_literal", "regex")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ExpressionRefused("bad_pattern", pattern) from error
    if _FOREIGN.search(pattern):
        raise ExpressionRefused("bad_pattern", pattern)


def _check_format(inner: list[list[_Token]], _found: Expression) -> None:
    pattern = _literal(inner[1])
    if pattern is None or not _FORMAT.fullmatch(pattern):
        raise ExpressionRefused("bad_format", pattern or "format-date")


def _check_choice_name(inner: list[list[_Token]], found: Expression) -> None:
    """The second argument names a question in quotes: `jr:choice-name(${a}, '${a}')`."""
    name = re.fullmatch(r"\s*\$\{\s*(" + NAME + r")\s*\}\s*", _literal(inner[1]) or "")
    if name is None:
        raise ExpressionRefused("not_literal", "jr:choice-name")
    found.answers.append(name[1])


def _check_indexed(inner: list[list[_Token]], found: Expression) -> None:
    if any(len(tokens) != 1 or tokens[0].sort != "answer" for tokens in inner[:2]):
        raise ExpressionRefused("not_literal", "indexed-repeat")
    found.counted.append(inner[1][0].text)


def _check_counted(inner: list[list[_Token]], found: Expression) -> None:
    if any(len(tokens) != 1 or tokens[0].sort != "answer" for tokens in inner):
        raise ExpressionRefused("not_literal", "count")
    found.counted.append(inner[0][0].text)


_CHECKS: dict[str, Callable[[list[list[_Token]], Expression], None]] = {
    "regex": _check_regex,
    "format-date": _check_format,
    "format-date-time": _check_format,
    "jr:choice-name": _check_choice_name,
    "indexed-repeat": _check_indexed,
    "count": _check_counted,
    "count-non-empty": _check_counted,
}
