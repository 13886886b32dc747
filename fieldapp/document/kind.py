"""The documents there are, by the name of their template."""

from collections.abc import Callable
from functools import cache

from fieldapp.catalogue import load
from fieldapp.document import visit_report, working_paper
from fieldapp.document.layout import Say

DOCUMENTS: dict[str, Callable[[Say], bytes]] = {
    visit_report.NAME: visit_report.draw,
    working_paper.NAME: working_paper.draw,
}


@cache
def ours(name: str, language: str) -> bytes:
    """Return our own template of a document in a language."""
    return DOCUMENTS[name](load(language).__getitem__)
