"""Due, reported and observed progress over time, drawn by pygal. The drawing has its own colours, light, dark and on paper: it is a
file of its own, and no style of the page reaches into it. The table beside it says the same.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pygal
from pygal.style import Style

from fieldapp.domain.project import Project
from fieldapp.message import t
from fieldapp.project_profile import Reading, due_on

# Colours that differ in lightness too, so that they can be told apart in black and white.
STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#3a464d",
    foreground_strong="#12181b",
    foreground_subtle="#b9c3c9",
    colors=("#6b7880", "#b45309", "#0a4a66"),
    font_family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    stroke_width=2.5,
)
OWN = """inline:
.axis .guide.line, .axis .major.guide.line { stroke: #cdd5d9; stroke-dasharray: none; }
@media (prefers-color-scheme: dark) {
  .axis text, .axis text.major, .legends .legend text { fill: #dfe7eb; }
  .axis .line, .axis .major.line { stroke: #8b989f; }
  .axis .guide.line, .axis .major.guide.line { stroke: #3a464d; }
  .color-0 { stroke: #a7b3ba; fill: #a7b3ba; }
  .color-1 { stroke: #f0a860; fill: #f0a860; }
  .color-2 { stroke: #7cc4e8; fill: #7cc4e8; }
}"""
MOST_LABELS = 8
SCRIPT = re.compile(rb"<script.*?</script>", re.DOTALL)


def draw(project: Project, readings: Sequence[Reading], today: date) -> bytes:
    """Return the drawing as SVG. Without any reading it shows what is due."""
    chart = pygal.DateLine(
        style=STYLE,
        css=["file://style.css", "file://graph.css", OWN],
        js=(),
        no_prefix=True,
        pretty_print=False,
        explicit_size=False,
        width=760,
        height=320,
        range=(0, 100),
        dots_size=4,
        show_x_guides=False,
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
        x_label_rotation=0,
        truncate_legend=-1,
        truncate_label=-1,
        value_formatter=lambda value: f"{value:g}%",
        x_value_formatter=lambda day: f"{day:%Y-%m}",
        no_data_text="",
    )
    first = min([project.start_on, *(one.on for one in readings)])
    last = max([min(today.isoformat(), project.end_on), *(one.on for one in readings)])
    months = list(_months(date.fromisoformat(first), date.fromisoformat(last)))
    chart.x_labels = months[:: max(1, -(-len(months) // MOST_LABELS))]
    chart.add(t("word.due_progress"), [(day, due_on(project, day) / 10) for day in months], show_dots=False)
    chart.add(t("project.reported"), _points(readings, "reported"), stroke_style={"dasharray": "6, 4"})
    chart.add(t("project.observed"), _points(readings, "observed"))
    # pygal writes settings for its own script, which is not loaded.
    return SCRIPT.sub(b"", chart.render())


def _points(readings: Iterable[Reading], name: str) -> list[tuple[date, float]]:
    found: dict[date, Any] = {
        date.fromisoformat(one.on): getattr(one, name) for one in readings if getattr(one, name) is not None
    }
    return [(day, permille / 10) for day, permille in sorted(found.items())]


def _months(first: date, last: date) -> Iterable[date]:
    """Yield the first day, the beginning of every month after it, and the last day."""
    yield first
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day < last:
        yield day
        day = (day + timedelta(days=32)).replace(day=1)
    if last > first:
        yield last
