"""The coverage board at the desk: which projects lack visits, month by month."""

from dataclasses import replace
from datetime import date, timedelta

from flask import Blueprint, render_template, request

from fieldapp import access, board, login, services
from fieldapp.domain.unit import Team, Unit
from fieldapp.visit_log import MONTH

blueprint = Blueprint("coverage", __name__, url_prefix="/coverage")


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show projects by months. The query string is the view; what it asks for that means nothing is named and left out."""
    current = services.current()
    today = current.clock().astimezone(current.settings.zone).date()
    asked = board.Filter(**{name: request.args.get(name, "") for name in ("unit", "team", "state", "to")})
    with current.database.reading() as session:
        units, teams = board.named(session, Unit), board.named(session, Team)
        known: dict[str, set[str]] = {
            "unit": set(units),
            "team": set(teams),
            "state": set(board.ORDER),
        }
        misfits = {
            name: value for name, value in asked.query().items() if not _is_known(name, value, known, today)
        }
        wanted = replace(asked, **dict.fromkeys(misfits, ""))
        thresholds = (10 * current.settings.lamp_behind_points, 10 * current.settings.lamp_far_points)
        found = board.load(session, access.streams_for(session, login.require()), wanted, today, thresholds)
    return render_template(
        "desk/coverage.html",
        board=found,
        wanted=wanted,
        misfits=misfits,
        units=units.values(),
        teams=teams.values(),
        order=board.ORDER,
        earlier=board.months_to(found.months[0])[-2],
        later=_later(found.months[-1], today),
    )


def _is_known(name: str, value: str, known: dict[str, set[str]], today: date) -> bool:
    if name == "to":
        return MONTH.fullmatch(value) is not None and value <= f"{today:%Y-%m}"
    return value in known[name]


def _later(last: str, today: date) -> str:
    """Return the month a board further on ends with, empty where this one ends now."""
    if last >= f"{today:%Y-%m}":
        return ""
    month = date.fromisoformat(f"{last}-01")
    for _ in range(board.MONTHS - 1):
        month = (month + timedelta(days=32)).replace(day=1)
    return min(f"{month:%Y-%m}", f"{today:%Y-%m}")
