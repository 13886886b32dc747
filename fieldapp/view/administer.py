"""Administer (管理): the one place from which every administrators' page is reached. A page adds one line to `PAGES`."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, render_template

from fieldapp import login

blueprint = Blueprint("administer", __name__, url_prefix="/administer")


@dataclass(frozen=True)
class Page:
    """A page of administrators: where it is listed, where it is, its title, and what one does there (keys of the catalogue)."""

    group: str
    endpoint: str
    title: str
    about: str
    values: dict[str, Any] = field(default_factory=dict)


GROUPS = ("master", "people", "archive")
# Master data, in the order in which a new department fills them in.
KINDS = "unit official tenure leadership team project_type project milestone link claim checklist".split()
PAGES = (
    *(
        Page("master", "master.index", f"master.kind.{kind}", f"administer.about.{kind}", {"kind": kind})
        for kind in KINDS
    ),
    Page("people", "user.index", "user.title", "administer.about.user"),
    Page("people", "master.index", "master.kind.person", "administer.about.person", {"kind": "person"}),
    Page("people", "phone_key.index", "phone_key.title", "administer.about.phone_key"),
    Page("archive", "audit.index", "register.title", "administer.about.audit"),
    Page("archive", "sheet.index", "sheet.title", "sheet.about"),
    Page("archive", "package.index", "package.title", "administer.about.package"),
    Page("archive", "erasure.index", "erasure.title", "administer.about.erasure"),
)
# Under the link to here, in the bar of every page, stand these.
BLUEPRINTS = frozenset({blueprint.name, "enrolment", *(page.endpoint.partition(".")[0] for page in PAGES)})


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show every page of administrators, by group."""
    return render_template("desk/administer.html", groups=GROUPS, pages=PAGES)
