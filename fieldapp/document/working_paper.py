"""The working paper of a finding (问题底稿) as a template: one matter, one paper. Which member holds what: docs/documents.md."""

from fieldapp.document.layout import Layout, Say

NAME = "working_paper"


def draw(say: Say) -> bytes:
    """Return our template in the language of the wording."""
    layout = Layout(say)
    layout.head()
    layout.when("mark")
    layout.line("{{ mark }}", ("黑体", 16), centred=True)
    layout.end()
    layout.facts("facts")
    layout.when("evidence")
    layout.heading("paper.evidence")
    columns = (
        ("report.number", "number"),
        ("paper.sort", "sort"),
        ("paper.origin", "origin"),
        ("paper.stance", "stance"),
        ("paper.words", "words"),
        ("paper.on", "on"),
    )
    layout.table("evidence", columns, (12, 24, 24, 20, 50, 26))
    layout.end()
    layout.when("course")
    layout.heading("paper.course")
    steps = (
        ("paper.on", "on"),
        ("paper.step", "step"),
        ("paper.known_by", "known_by"),
        ("paper.words", "words"),
    )
    layout.table("course", steps, (28, 30, 28, 70))
    layout.end()
    layout.when("replies")
    layout.heading("paper.replies")
    layout.each("one", "replies", "{{ one }}")
    layout.end()
    layout.line(say("report.signatures"), right=True)
    layout.when("photos")
    layout.new_page()
    layout.line(say("report.photos"), centred=True)
    layout.photos("photos")
    layout.end()
    layout.small("{{ made }}")
    layout.small("{{ record }}")
    return layout.bytes()
