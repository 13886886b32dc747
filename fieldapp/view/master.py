"""Pages of master data (基础资料), the same for every kind: list, one thing with its history, new, change, retire."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import ValidationError
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from fieldapp import login, master, plan_drawing, retirement, services, subject
from fieldapp.degree import E7
from fieldapp.domain.project import Project, ProjectType
from fieldapp.domain.unit import Person
from fieldapp.form import BodyForm, form_for
from fieldapp.form_field import Rows, rows_in
from fieldapp.master import Changed, Refused, Sort, Wanted
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.revision import Change, changes
from fieldapp.subject import Subjects
from fieldapp.view.page import has_wording, named
from fieldapp.view.wording import Wording
from fieldapp.word import choice_key

blueprint = Blueprint("master", __name__, url_prefix="/master")

# What a new thing begins with, where most are alike.
BEGINS: dict[str, dict[str, Any]] = {
    "project": {
        "coverage": {
            "per_month": 1,
            "days_before_milestone": 3,
            "days_after_milestone": 7,
            "suspended_months": [],
        },
        "site": {"radius_m": 300, "shape": "point", "places": []},
    }
}
MORE_ROWS = 8
MOST_SITES = 1000
QUESTIONS = frozenset({"groups", "choices"})


def _sort(kind: str) -> Sort:
    if kind not in master.SORTS:
        raise Problem("not-found")
    return master.SORTS[kind]


def _can_add(sort: Sort) -> Sort:
    if not sort.can_add:
        raise Problem("not-found")
    return sort


# -- lists and one thing ------------------------------------------------------------------------------------------------------


@blueprint.get("/<kind>/")
@login.login_required("administrator")
def index(kind: str) -> str:
    """Show what there is of a kind. The query string is the view."""
    sort, current = _sort(kind), services.current()
    wanted = Wanted(**{name: request.args.get(name, "").strip() for name in asdict(Wanted())})
    with current.database.reading() as session:
        rows, after = master.page(
            session, sort, wanted, request.args.get("after", ""), current.settings.page_size
        )
        known = _known(session, [master.body_of(sort, row) for row in rows], {wanted.within} - {""})
    return render_template(
        "desk/master_list.html",
        sort=sort,
        lines=[_line(sort, row, known) for row in rows],
        wanted=wanted,
        within=known.places.get(wanted.within),
        after=after,
    )


@blueprint.get("/<kind>/<entity>")
@login.login_required("administrator")
def show(kind: str, entity: str) -> str:
    """Show one thing: what it says, what belongs to it, and everything that was said of it, by whom and when."""
    return _show(_sort(kind), entity)


def _show(sort: Sort, entity: str, refused: str = "") -> str:
    with services.current().database.reading() as session:
        row = master.find(session, sort, entity)
        body = master.body_of(sort, row)
        events = master.history(session, row)
        below = master.below(session, sort, row)
        wordings = [one.revision.body for one in events if one.revision and one.revision.body]
        others = [master.body_of(of, one) for of, _, rows in below for one in rows]
        known = _known(session, [body, *wordings, *others], {row.stream}, {one.author for one in events})
        is_retired = bool(retirement.retired(session, [entity]))
    wording, item = Wording(known), _item(sort, row)
    return render_template(
        "desk/master.html",
        sort=sort,
        row=row,
        title=_title(sort, row, known),
        said=wording.body(sort.kind, _worded(sort, body, known)),
        events=[
            (one, wording.told(item, _shown(one.revision.changes)) if one.revision else []) for one in events
        ],
        below=[
            (of, name, [_line(of, one, known, {name, sort.kind}) for one in rows]) for of, name, rows in below
        ],
        place=known.places.get(row.stream) if sort.within else None,
        known=known,
        is_retired=is_retired,
        curve=plan_drawing.of_body(body) if sort.kind == "project" else None,
        refused=refused,
    )


def _known(session: Session, bodies: list[Any], streams: set[str], authors: Iterable[str] = ()) -> Subjects:
    """Return the names of what these bodies point at, of streams and of authors."""
    about = subject.rows_of(session, sorted({ref for body in bodies for ref in subject.refs(body)}))
    types = {body["type"] for body in bodies if isinstance(body.get("type"), str)}
    types |= {one for body in bodies for one in body.get("types") or ()}
    about |= {
        one.code: one for one in session.exec(select(ProjectType).where(col(ProjectType.code).in_(types)))
    }
    people = [*authors, *(one["person"] for body in bodies for one in body.get("members") or ())]
    named_people = session.exec(select(Person).where(col(Person.person).in_(people)))
    return Subjects(
        about, {one.person: one for one in named_people}, places=subject.places_of(session, streams)
    )


def _shown(found: Iterable[Change]) -> list[Change]:
    """The questions of a checklist are looked at on a page of their own."""
    return [one for one in found if one.name not in QUESTIONS]


def _item(sort: Sort, row: Any) -> Any:
    """Return a thing as the wording of changes knows items."""
    return SimpleNamespace(kind=sort.kind, row=row)


def _worded(sort: Sort, body: Mapping[str, Any], known: Subjects) -> dict[str, Any]:
    """Types are named by their codes, which nobody but this page looks up."""
    if sort.kind == "checklist":
        types = [named(known.about.get(one)) or one for one in body["types"]]
        purposes = [t(choice_key("visit", "purpose", one)) for one in body["purposes"]]
        rest = {name: value for name, value in body.items() if name not in QUESTIONS}
        return {**rest, "types": types, "purposes": purposes}
    if sort.kind == "project":
        return {**body, "type": named(known.about.get(body["type"])) or body["type"]}
    return dict(body)


def _line(
    sort: Sort, row: Any, known: Subjects, unsaid: Container[str] = ()
) -> tuple[Any, str, list[tuple[str, str]]]:
    """Return a row, its title, and what else a list shows of it."""
    body = master.body_of(sort, row)
    said = Wording(known).body(sort.kind, {name: body[name] for name in sort.shown if name not in unsaid})
    return row, _title(sort, row, known), said


def _title(sort: Sort, row: Any, known: Subjects) -> str:
    """Return the words by which a thing is known: its name, or that of whom it is about."""
    if sort.kind == "tenure":
        return f"{named(known.about.get(row.official))} · {named(row, 'post')}"
    if sort.kind == "link":
        return named(known.about.get(row.official or row.unit)) or t("visit.subject_missing")
    words = named(row, "what") if sort.kind == "claim" else named(row)
    return f"{row.code} {words}" if hasattr(row, "code") else words


# -- forms --------------------------------------------------------------------------------------------------------------------


@blueprint.route("/<kind>/new", methods=["GET", "POST"])
@login.login_required("administrator")
def add(kind: str) -> str | Response | tuple[str, int]:
    """Make something new; `within` is the stream it stands in, other members of the query fill the form in."""
    sort = _can_add(_sort(kind))
    return _edit(sort, None, request.args.get("within", ""))


@blueprint.route("/<kind>/<entity>/change", methods=["GET", "POST"])
@login.login_required("administrator")
def change(kind: str, entity: str) -> str | Response | tuple[str, int]:
    """Change what something says; what it said before stays in its history."""
    sort = _sort(kind)
    if not sort.asked:
        raise Problem("not-found")
    with services.current().database.reading() as session:
        row = master.find(session, sort, entity)
    return _edit(sort, row, "")


def _edit(sort: Sort, row: Any, within: str) -> str | Response | tuple[str, int]:
    current = services.current()
    with current.database.reading() as session:
        place = master.place_of(session, sort, within) if sort.within and row is None else None
        begins = master.body_of(sort, row) if row is not None else _begins(sort)
        form = _form_class(session, sort, begins)(data=begins)
        seen = master.seen(current, session, row) if row is not None else ""
    page = _FormPage(sort, row, form, within, place, seen)
    if request.method == "GET":
        return page.render()
    if request.form.get("more"):
        return page.render(spare=MORE_ROWS)
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return page.render(), 400
    fixed = {name: begins[name] for name in sort.unasked if name in begins}
    if place is not None and "project" in sort.unasked:
        fixed["project"] = place.entity
    return _save(page, fixed)


def _begins(sort: Sort) -> dict[str, Any]:
    given = {name: request.args[name] for name in sort.asked if request.args.get(name)}
    return {**BEGINS.get(sort.kind, {}), **given}


def _form_class(session: Session, sort: Sort, body: Mapping[str, Any]) -> type[BodyForm]:
    choices: dict[str, list[tuple[str, str]]] = {}
    for path, rows in master.offered(session, sort, body).items():
        gone = retirement.retired(session, [row.entity for row in rows])
        by = sort.refs[path][1]
        choices[path] = [(getattr(row, by), _choice(row, row.entity in gone)) for row in rows]
    for name, words in master.known_words(session, sort).items():
        choices[name] = [(word, _word(sort.kind, name, word)) for word in words]
    return form_for(sort.body, only=sort.asked, choices=choices)


def _choice(row: Any, is_retired: bool) -> str:
    words = f"{getattr(row, 'code', '') or row.person} {named(row)}"
    return t("master.choice_retired", name=words) if is_retired else words


def _word(kind: str, name: str, word: str) -> str:
    key = choice_key(kind, name, word)
    return t(key) if has_wording(key) else word


def _save(page: "_FormPage", fixed: Mapping[str, Any]) -> str | Response | tuple[str, int]:
    form, sort = page.form, page.sort
    try:
        body = form.body(**fixed)
    except ValidationError as invalid:
        form.blame(invalid)
        return page.render(), 400
    try:
        entity = master.save(
            services.current(),
            sort,
            login.require().person,
            body,
            page.row,
            was_seen=request.form.get("seen", ""),
            stream=page.within,
            is_meant=bool(request.form.get("meant")),
        )
    except Refused as refused:
        for fault in refused.faults:
            form.fault(fault.member, t(f"master.fault.{fault.reason}", **fault.words))
        return page.render(is_doubtful=refused.is_doubtful), 400
    except Changed:
        return page.render(typed=body), 409
    return redirect(url_for("master.show", kind=sort.kind, entity=entity), 303)


class _FormPage:
    """The page of a form, whatever became of it."""

    def __init__(self, sort: Sort, row: Any, form: BodyForm, within: str, place: Any, seen: str) -> None:
        self.sort, self.row, self.form = sort, row, form
        self.within, self.place, self.seen = within, place, seen

    def render(
        self, spare: int = 2, is_doubtful: bool = False, typed: Mapping[str, Any] | None = None
    ) -> str:
        """Return the page. `typed` is a body that was filled in while somebody else changed what stands."""
        for rows in rows_in(self.form):
            rows.add_spare(spare)
        with services.current().database.reading() as session:
            sites = _sites(session, self.row) if self.sort.kind == "project" else []
            body = master.body_of(self.sort, self.row) if self.row is not None else {}
            authors = [self.row.author] if self.row is not None else []
            known = _known(session, [one for one in (body, typed) if one], set(), authors)
        told = None
        if typed:
            told = Wording(known).told(_item(self.sort, self.row), changes(self.sort.kind, body, typed))
        return render_template(
            "desk/master_form.html",
            sort=self.sort,
            row=self.row,
            title=_title(self.sort, self.row, known) if self.row is not None else "",
            form=self.form,
            within=self.within,
            place=self.place,
            # Who saves now has seen the wording that stands now.
            seen=self.seen,
            is_doubtful=is_doubtful,
            sites=sites,
            told=told,
            known=known,
            curve=plan_drawing.of_body(_typed(self.form)) if self.sort.kind == "project" else None,
        )


def _sites(session: Session, row: Any) -> list[dict[str, Any]]:
    """Return where other projects are: on a map without a picture of the ground one finds one's way by them."""
    own = row.entity if row is not None else ""
    others = select(Project).where(Project.entity != own, retirement.in_use(Project)).limit(MOST_SITES)
    found = []
    for one in session.exec(others.order_by(col(Project.code))):
        site: Any = one.site
        lat, lon = site["lat_e7"] / E7, site["lon_e7"] / E7
        found.append({"name": named(one), "lat": lat, "lon": lon, "radius_m": site["radius_m"]})
    return found


def _typed(form: BodyForm) -> dict[str, Any]:
    """Return what a drawing of the plan needs of a form, as far as it was filled in."""
    plan: Rows = form.plan
    rows = [row.form for row in plan.filled()]
    points = [
        {"on": row.on.data, "due_permille": round(row.due_permille.data * 10)}
        for row in rows
        if row.on.data and row.due_permille.data is not None
    ]
    return {"plan": points, "start_on": form.start_on.data, "end_on": form.end_on.data}


# -- retiring -----------------------------------------------------------------------------------------------------------------


@blueprint.post("/<kind>/<entity>/retirement")
@login.login_required("administrator")
def retire(kind: str, entity: str) -> Response | tuple[str, int]:
    """Take something out of use, or into use again, with a reason."""
    sort, current = _sort(kind), services.current()
    with current.database.reading() as session:
        row = master.find(session, sort, entity)
    if sort.kind == "person":
        raise Problem("not-found")
    try:
        retirement.retire(
            current,
            row,
            login.require().person,
            request.form.get("reason", ""),
            is_retired=request.form.get("act") != "restore",
        )
    except ValidationError:
        return _show(sort, entity, t("master.needs_reason")), 400
    return redirect(url_for("master.show", kind=kind, entity=entity, _anchor="history"), 303)
