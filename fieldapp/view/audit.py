"""Who saw and did what (操作记录): the register and what desks sealed, for administrators. The page only shows."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import tzinfo
from typing import Any

from flask import Blueprint, render_template, request
from sqlmodel import Session, select

from fieldapp import account, audit, login, services
from fieldapp.domain.unit import Person
from fieldapp.message import t
from fieldapp.subject import REF, Subjects, subjects
from fieldapp.view.page import has_wording, named
from fieldapp.view.purpose import purpose_words
from sync.table import CertificateRow

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

# Nouns of subjects that are people, not entities.
OF_PEOPLE = ("person", "account")
# Members that say what a thing without a name is.
TITLES = ("what", "title", "caption", "text")


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show acts, newest first. The query string is the view; what it asks for that means nothing is named and left out."""
    asked = audit.Filter(**{name: request.args.get(name, "") for name in asdict(audit.Filter())})
    after, current = request.args.get("after", ""), services.current()
    zone: tzinfo = current.settings.zone
    with current.database.reading() as session:
        people = _people(session)
        misfits = asked.misfits(people)
        if after and not audit.KEY.fullmatch(after):
            misfits["after"], after = after, ""
        wanted = replace(asked, **{name: "" for name in misfits if name != "after"})
        archives = set(session.exec(select(CertificateRow.kid).where(CertificateRow.is_archive)))
        acts, further = audit.page(session, archives, wanted, after, current.settings.page_size, zone)
        refs = {ref for one in acts for ref in REF.findall(one.subject)}
        known = subjects(session, sorted(refs), [one.stream for one in acts if one.stream])
    return render_template(
        "desk/audit.html",
        acts=acts,
        people=people,
        groups=list(audit.GROUPS),
        wanted=wanted,
        misfits=misfits,
        after=further,
        what=what,
        about=lambda one: _about(one, known, people),
        purpose_words=purpose_words,
    )


def _people(session: Session) -> dict[str, str]:
    """Return everybody an act may be by: people by name, and who has an account only."""
    found = {one.person: one.name for one in account.everybody(session)}
    found |= {one.person: named(one) for one in session.exec(select(Person))}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def what(one: audit.Act) -> str:
    """Return what was done: an act of the register, or a record of a kind with its decision, the first of its entity or a later one."""
    if not one.kind:
        return _worded(f"register.act.{one.act}") or one.act
    name = _worded(f"register.kind.{one.kind}") or _worded(f"kind.{one.kind}") or one.kind
    key = f"register.of_record.{one.act}"
    return t(key, name=name) if has_wording(key) else name


def _worded(key: str) -> str:
    return t(key) if has_wording(key) else ""


def _about(one: audit.Act, known: Subjects, people: Mapping[str, str]) -> str:
    """Return what an act was about: the first of its subjects that has a name, else the place it belongs to, else as it was written."""
    noun, _, rest = one.subject.partition(":")
    if noun in OF_PEOPLE:
        return "" if rest == one.person else people.get(rest, rest)
    names = (_name(known.about.get(ref)) for ref in REF.findall(one.subject))
    found = next((name for name in names if name), "") or named(known.places.get(one.stream))
    return found if found or one.kind else one.subject


def _name(row: Any) -> str:
    return named(row) or next((str(getattr(row, name)) for name in TITLES if getattr(row, name, "")), "")
