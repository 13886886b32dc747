"""Search grams: what a text is found by. The twin of `static/js/core/grams.js`; tests/vectors/grams says what they are.

Words are lower-cased; Han is cut into single characters and pairs, because no tokenizer of SQLite or PostgreSQL finds 钢筋 in 钢筋外露.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

# Written out, so that both languages cut alike whatever Unicode version they know.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
RUN = re.compile(f"[{HAN}]+|[^{HAN} ]+")
IS_HAN = re.compile(f"[{HAN}]")


@dataclass(frozen=True)
class Wanted:
    """A term that must be found; `is_prefix`: as the beginning of a word."""

    term: str
    is_prefix: bool


class _Separators(dict[int, str]):
    """What stands for each character: itself, or a blank where it parts words. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        parts = unicodedata.category(character)[0] in "PSCZ" or character.isspace()
        self[code] = " " if parts and not IS_HAN.match(character) else character
        return self[code]


_SEPARATORS = _Separators()


def grams(text: str) -> list[str]:
    """Cut a text into the terms it is found by, in order of the text: `["钢", "钢筋", "筋", "c30"]`. Terms repeat as the text does."""
    found: list[str] = []
    for run in runs(text):
        if IS_HAN.match(run):
            for one, other in pairwise(run):
                found += (one, one + other)
            found.append(run[-1])
        else:
            found.append(run)
    return found


def wanted(text: str) -> list[Wanted]:
    """Cut what a person typed into the terms that must all be found; the last word, still being typed, matches as a beginning.

    Pairs stand for the single characters in them.
    """
    every, found = runs(text), []
    for at, run in enumerate(every):
        if not IS_HAN.match(run):
            found.append(Wanted(run, at == len(every) - 1))
        elif len(run) == 1:
            found.append(Wanted(run, False))
        else:
            found += [Wanted(one + other, False) for one, other in pairwise(run)]
    return found


def runs(text: str) -> list[str]:
    """Cut a text into words and unbroken Han, normalised and lower-cased."""
    return RUN.findall(unicodedata.normalize("NFKC", text).lower().translate(_SEPARATORS))
