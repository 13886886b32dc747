"""`docs/failures.md` names tests: each of them exists, and every failure of the list has its row."""

import re

from tests.quality.checkout import ROOT, files

TEXT = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
COUNTS = {"A": 21, "B": 13, "C": 9, "D": 10, "E": 16, "H": 26, "I": 12}


def test_every_test_named_exists() -> None:
    defined = {
        name
        for path in files(".py")
        if path.name.startswith("test_")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 50
    assert named - defined == set()


def test_every_failure_has_its_row() -> None:
    rows = re.findall(r"^\| ([A-EHI]\d+) \|", TEXT, re.MULTILINE)
    assert rows == [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
