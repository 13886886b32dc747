"""The visit report (走访纪实) as a template: its order of sections is the office's. Which member holds what: docs/documents.md."""

from fieldapp.document.layout import Layout, Say

NAME = "visit_report"

# Member of the template, its heading, and the members of its rows, each under `report.<member>`.
LISTS = (
    ("tasks", "list.task", "what deadline responsible state"),
    ("achievements", "list.achievement", "what sort share state basis"),
    ("problems", "list.problem", "what severity cause responsible deadline state"),
    ("difficulties", "entry.difficulty", "what asked level"),
    ("progress_items", "list.progress", "what state basis"),
    ("duties", "list.duty", "what responsible state"),
)


def draw(say: Say) -> bytes:
    """Return our template in the language of the wording."""
    layout = Layout(say)
    layout.head()
    layout.heading("report.visit")
    layout.facts("visit")
    layout.heading("report.changes")
    layout.each("one", "changes", "{{ one }}")
    _questions(layout)
    _progress(layout)
    _lists(layout)
    _people(layout)
    layout.when("on_the_spot")
    layout.heading("report.on_the_spot")
    layout.each("one", "on_the_spot", "{{ one }}")
    layout.end()
    layout.heading("report.opinion")
    layout.each("one", "opinion", "{{ one }}")
    layout.when("next_time")
    layout.heading("report.next_time")
    layout.each("one", "next_time", "{{ one }}")
    layout.end()
    layout.when("summary")
    layout.line(say("report.summary") + "{{ summary }}")
    layout.end()
    layout.line(say("report.signatures"), right=True)
    _photos(layout)
    _records(layout)
    return layout.bytes()


def _questions(layout: Layout) -> None:
    layout.heading("report.questions")
    layout.when("questions")
    columns = (
        ("report.number", "number"),
        ("report.question", "what"),
        ("report.origin", "origin"),
        ("report.outcome", "outcome"),
        ("report.basis", "basis"),
    )
    layout.table("questions", columns, (14, 58, 26, 26, 32))
    layout.otherwise()
    layout.line(layout.say("report.no_questions"))
    layout.end()


def _progress(layout: Layout) -> None:
    layout.heading("report.progress")
    layout.when("not progress and not milestones")
    layout.line(layout.say("report.no_progress"))
    layout.end()
    layout.when("progress")
    layout.second("report.physical")
    layout.each("one", "progress", "{{ one }}")
    layout.end()
    layout.when("milestones")
    layout.second("report.milestones")
    columns = (
        ("report.milestone", "name"),
        ("report.planned", "planned"),
        ("report.reported", "reported"),
        ("report.observed", "observed"),
        ("report.slip", "slip"),
        ("report.reason", "reason"),
    )
    layout.table("milestones", columns, (38, 25, 25, 25, 17, 26))
    layout.end()


def _lists(layout: Layout) -> None:
    layout.when(" or ".join(name for name, _, _ in LISTS))
    layout.heading("report.lists")
    layout.end()
    for name, key, members in LISTS:
        columns = [(f"report.{member}", member) for member in members.split()]
        layout.when(name)
        layout.second(key)
        first = 156 - 24 * (len(columns) - 1)
        layout.table(name, columns, (first, *[24] * (len(columns) - 1)))
        layout.end()


def _people(layout: Layout) -> None:
    layout.when("talks or appraisals")
    layout.heading("report.people")
    layout.each("one", "talks", "{{ one }}")
    layout.each("one", "appraisals", "{{ one }}")
    layout.end()


def _photos(layout: Layout) -> None:
    layout.when("photos")
    layout.new_page()
    layout.line(layout.say("report.photos"), centred=True)
    layout.photos("photos")
    layout.end()


def _records(layout: Layout) -> None:
    layout.line(layout.say("report.records"), centred=True)
    layout.small("{{ made }}")
    columns = (("report.kind", "kind"), ("report.record", "record"), ("report.sealed", "sealed"))
    layout.table("records", columns, (26, 52, 78), 9)
