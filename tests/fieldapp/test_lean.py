"""The phone's files as they travel: the lean one only while it is made of the present source."""

import json
from pathlib import Path

from fieldapp import lean


def static(folder: Path) -> Path:
    for name, text in (("js/a.js", "// why\nlet a;"), ("lean/js/a.js", "let a;"), ("css/phone.css", "a {}")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / lean.STAMP).write_text(json.dumps({"js/a.js": lean.digest_of(folder / "js/a.js")}))
    return folder


def test_a_changed_source_is_sent_as_it_stands(tmp_path: Path) -> None:
    root = static(tmp_path)
    assert lean.lean_name(root, "js/a.js") == "lean/js/a.js"
    (root / "js/a.js").write_text("// because\nlet a;")
    assert lean.lean_name(root, "js/a.js") == "js/a.js"


def test_what_has_no_lean_form_or_is_not_there_keeps_its_name(tmp_path: Path) -> None:
    root = static(tmp_path)
    assert [lean.lean_name(root, name) for name in ("css/phone.css", "js/b.js", "../a.js")] == [
        "css/phone.css",
        "js/b.js",
        "../a.js",
    ]


def test_a_phone_keeps_sources_by_their_own_names(tmp_path: Path) -> None:
    assert lean.names(static(tmp_path)) == ["css/phone.css", "js/a.js"]
