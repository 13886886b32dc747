"""Every route with every role: what each may do stands in one table, and a route without a row fails."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp.picture import TILE_PX
from tests.fieldapp.desk_city import Sent, build, logged_in, make_app, services, submit
from tests.fieldapp.test_annex import Keys, written
from tests.store import SORTS, named

ROLES: dict[str, str | None] = {
    "nobody": None,
    "inspector": "i05",
    "supervisor": "d01",
    "administrator": "d04",
}

# endpoint → (path, statuses for nobody, inspector, supervisor, administrator); the method is the route's first unsafe one, else GET.
# `i05` is of the visit's team. 200 and 303 are answers, 400 and 405 come after access was granted, 401/403/404 are refusals.
Row = tuple[str, str, tuple[int, int, int, int]]
ROWS: dict[str, list[Row]] = {
    "asset.static": [("GET", "/static/css/desk.css", (200, 200, 200, 200))],
    "landing.index": [("GET", "/", (200, 200, 303, 303))],
    "landing.certificate": [("GET", "/certificate", (404, 404, 404, 404))],
    "landing.language": [("GET", "/language/en", (303, 303, 303, 303))],
    "session.login_page": [("GET", "/login", (200, 200, 200, 200)), ("POST", "/login", (400, 400, 400, 400))],
    "session.logout": [("POST", "/logout", (400, 400, 400, 400))],
    "program_session.open_session": [("POST", "/session", (400, 400, 400, 400))],
    "program_session.close_session": [("DELETE", "/session", (400, 400, 400, 400))],
    "visit.index": [("GET", "/visit/", (401, 403, 200, 200))],
    "visit.show": [("GET", "{visit}", (401, 403, 200, 200))],
    "visit.photo": [("GET", "{visit}/photo/{photo}", (401, 403, 200, 200))],
    # The decision's form has its token: only then does the role decide.
    "visit.decide": [("POST", "{visit}/review", (401, 403, 400, 403))],
    "annex.key": [("GET", "/annex/key", (401, 403, 200, 200))],
    "annex.publish": [("POST", "/annex/key", (401, 403, 400, 400))],
    "annex.show": [("GET", "/annex/{annex}", (401, 403, 200, 200))],
    # d01 is its reader; an administrator is not.
    "annex.hand_out": [("POST", "/annex/{annex}/opening", (401, 403, 200, 403))],
    "interview.index": [("GET", "/interview/", (401, 403, 200, 200))],
    "interview.show": [("GET", "/interview/{interview}", (401, 403, 200, 200))],
    "check.index": [("GET", "/check/", (401, 403, 200, 200))],
    "search.index": [("GET", "/search/", (401, 403, 200, 200))],
    "entry.index": [("GET", "/entry/", (401, 403, 200, 200))],
    "entry.show": [("GET", "/entry/{entry}", (401, 403, 200, 200))],
    "document.visit": [
        ("GET", "/document{visit}", (401, 403, 200, 200)),
        ("POST", "/document{visit}", (401, 403, 400, 400)),
    ],
    "document.entry": [
        ("GET", "/document/entry/{entry}", (401, 403, 200, 200)),
        ("POST", "/document/entry/{entry}", (401, 403, 400, 400)),
    ],
    "fact_sheet.index": [("GET", "/fact-sheet/", (401, 403, 200, 200))],
    "fact_sheet.new": [("GET", "/fact-sheet/new?place={stream}", (401, 403, 200, 403))],
    "fact_sheet.make": [("POST", "/fact-sheet/new", (401, 403, 404, 403))],
    "fact_sheet.show": [("GET", "/fact-sheet/{visit_id}", (401, 403, 404, 404))],
    "fact_sheet.answer": [("POST", "/fact-sheet/{visit_id}/answer", (401, 403, 404, 403))],
    "entry.verify": [("POST", "/entry/{entry}/verification", (401, 403, 400, 403))],
    "entry.follow": [("POST", "/entry/{entry}/recheck", (401, 403, 400, 403))],
    "assignment.index": [("GET", "/assignment/", (401, 403, 200, 200))],
    "assignment.assign": [("POST", "/assignment/", (401, 403, 400, 400))],
    "profile.index": [("GET", "/profile/", (401, 403, 200, 200))],
    "profile.project": [("GET", "/profile/project/{project}", (401, 403, 200, 200))],
    "profile.progress": [("GET", "/profile/project/{project}/progress.svg", (401, 403, 200, 200))],
    "coverage.index": [("GET", "/coverage/", (401, 403, 200, 200))],
    # Decisions at the desk: only a form with its token is looked at.
    "check.decide": [("POST", "/check/aside/{record}", (401, 403, 403, 400))],
    "check.settle": [("POST", "/check/conflict/{visit_id}", (401, 403, 403, 400))],
    "check.note": [("POST", "/check/restored/2", (401, 403, 403, 404))],
    "phone_key.index": [("GET", "/phones/", (401, 403, 403, 200))],
    "phone_key.revoke": [("POST", "/phones/" + "A" * 43 + "/revocation", (401, 403, 403, 404))],
    "administer.index": [("GET", "/administer/", (401, 403, 403, 200))],
    "master.index": [("GET", "/master/unit/", (401, 403, 403, 200))],
    "master.show": [("GET", "/master/project/{project}", (401, 403, 403, 200))],
    "master.add": [
        ("GET", "/master/unit/new", (401, 403, 403, 200)),
        ("POST", "/master/unit/new", (401, 403, 403, 400)),
    ],
    "master.change": [
        ("GET", "/master/project/{project}/change", (401, 403, 403, 200)),
        ("POST", "/master/project/{project}/change", (401, 403, 403, 400)),
    ],
    "master.retire": [("POST", "/master/project/{project}/retirement", (401, 403, 403, 400))],
    "checklist.upload": [("GET", "/checklist/new", (401, 403, 403, 200))],
    "checklist.preview": [("POST", "/checklist/new", (401, 403, 403, 400))],
    "checklist.confirm": [("POST", "/checklist/entry", (401, 403, 403, 400))],
    "checklist.show": [("GET", "/checklist/{project}", (401, 403, 403, 404))],
    "user.index": [("GET", "/users/", (401, 403, 403, 200))],
    # Their forms have their tokens: only then does the role decide.
    "user.make": [("POST", "/users/", (401, 403, 403, 400))],
    "user.show": [("GET", "/users/i05", (401, 403, 403, 200))],
    "user.change_role": [("POST", "/users/i06/role", (401, 403, 403, 409))],
    "user.close": [("POST", "/users/d04/closing", (401, 403, 403, 409))],
    "user.reopen": [("POST", "/users/i06/reopening", (401, 403, 403, 303))],
    "user.give_password": [("POST", "/users/nobody/password", (401, 403, 403, 404))],
    "user.reset_factor": [("POST", "/users/i06/factor", (401, 403, 403, 409))],
    "user.end_logins": [("POST", "/users/i06/logins", (401, 403, 403, 303))],
    "own_account.index": [("GET", "/account/", (401, 200, 200, 200))],
    "own_account.change_password": [("POST", "/account/password", (401, 400, 400, 400))],
    "own_factor.index": [("GET", "/account/factor/", (401, 403, 200, 200))],
    "own_factor.begin": [("POST", "/account/factor/", (401, 403, 403, 403))],
    "own_factor.confirm": [("POST", "/account/factor/confirmation", (401, 403, 400, 400))],
    "own_factor.remove": [("POST", "/account/factor/removal", (401, 403, 403, 403))],
    "session.second_factor": [("POST", "/login/factor", (400, 400, 400, 400))],
    "own_account.end_logins": [("POST", "/account/logins", (401, 303, 303, 303))],
    "enrolment.make": [("POST", "/enrolment/of/d01", (401, 403, 403, 403))],
    "enrolment.show": [("GET", "/enrolment/unknown", (401, 403, 403, 404))],
    "enrolment.state": [("GET", "/enrolment/unknown/state", (401, 403, 403, 404))],
    "audit.index": [("GET", "/audit/", (401, 403, 403, 200))],
    "erasure.index": [("GET", "/erasure/", (401, 403, 403, 200))],
    "erasure.show": [("GET", "/erasure/of/{visit_id}", (401, 403, 403, 200))],
    "erasure.propose": [("POST", "/erasure/of/{visit_id}", (401, 403, 403, 400))],
    "erasure.decide": [
        ("POST", "/erasure/proposal/01930000-0000-7000-8000-0000000000aa", (401, 403, 403, 404))
    ],
    "sheet.index": [("GET", "/import/", (401, 403, 403, 200))],
    "sheet.upload": [("POST", "/import/", (401, 403, 403, 400))],
    "sheet.show": [("GET", "/import/AAAAAAAAAAAAAAAAAAAAAA", (401, 403, 403, 404))],
    "sheet.take_over": [("POST", "/import/AAAAAAAAAAAAAAAAAAAAAA", (401, 403, 403, 404))],
    "sheet.whole": [("GET", "/import/AAAAAAAAAAAAAAAAAAAAAA/preview.csv", (401, 403, 403, 404))],
    "sheet.export": [
        ("GET", "/import/unit.xlsx", (401, 403, 403, 200)),
        ("POST", "/import/unit.xlsx", (401, 403, 403, 400)),
    ],
    "package.index": [("GET", "/package/", (401, 403, 403, 200))],
    # Its form has its token: only then is anything read.
    "package.take": [("POST", "/package/", (401, 403, 403, 400))],
    "package.show": [("GET", "/package/AAAAAAAAAAAAAAAAAAAAAA", (401, 403, 403, 404))],
    "package.answer": [("GET", "/package/AAAAAAAAAAAAAAAAAAAAAA/answer", (401, 403, 403, 404))],
    "photo.show": [("GET", "/photo/{sha256}", (401, 200, 200, 200))],
    "photo.original": [("GET", "/photo/{sha256}/original", (401, 200, 200, 200))],
    "phone.entry": [("GET", "/phone/", (302, 302, 302, 302))],
    "phone.shell": [("GET", "/phone/en/", (200, 200, 200, 200))],
    "phone.manifest": [("GET", "/phone/en/manifest.webmanifest", (200, 200, 200, 200))],
    "phone.asset": [("GET", "/phone/static/css/phone.css", (200, 200, 200, 200))],
    "phone.service_worker": [("GET", "/phone/sw.js", (200, 200, 200, 200))],
    "phone.recover": [("GET", "/phone/recover", (200, 200, 200, 200))],
    "exchange.time": [("GET", "/sync/1/time", (200, 200, 200, 200))],
    "exchange.enrol": [("POST", "/sync/1/enrolments", (401, 400, 403, 403))],
    "exchange.streams": [("GET", "/sync/1/streams", (401, 200, 200, 200))],
    "exchange.pull": [
        ("GET", "/sync/1/streams/{stream}/records", (401, 200, 200, 200)),
        ("GET", "/sync/1/streams/{foreign}/records", (401, 404, 200, 200)),
        (
            "GET",
            "/sync/1/streams/official:01930000-0000-7000-8000-0000000000aa/records",
            (401, 404, 404, 404),
        ),
    ],
    "exchange.push": [("POST", "/sync/1/records", (200, 200, 200, 200))],
    "exchange.receipts": [("POST", "/sync/1/receipts", (400, 400, 400, 400))],
    "exchange.create_upload": [("POST", "/sync/1/photos", (412, 412, 412, 412))],
    "exchange.take_photos": [("POST", "/sync/1/photos/whole", (400, 400, 400, 400))],
    "exchange.upload_offset": [("HEAD", "/sync/1/photos/aaaaaaaaaaaaaaaaaaaaaaaa", (412, 412, 412, 412))],
    "exchange.continue_upload": [("PATCH", "/sync/1/photos/aaaaaaaaaaaaaaaaaaaaaaaa", (412, 412, 412, 412))],
    "exchange.tus_abilities": [("OPTIONS", "/sync/1/photos", (204, 204, 204, 204))],
    "exchange.photo": [("GET", "/sync/1/photos/{sha256}", (401, 200, 200, 200))],
}

# What goes with a request: a line of a push; the fields of forms, to which their token is added.
BODIES: dict[str, bytes | dict[str, str]] = {
    "exchange.push": b"rubbish",
    "visit.decide": {},
    "annex.publish": {},
    "annex.hand_out": {"purpose": "核实线索"},
    "assignment.assign": {},
    "fact_sheet.make": {},
    "fact_sheet.answer": {},
    "entry.verify": {},
    "document.visit": {},
    "sheet.upload": {},
    "sheet.take_over": {},
    "sheet.export": {},
    "document.entry": {},
    "entry.follow": {},
    "check.decide": {},
    "check.settle": {},
    "check.note": {},
    "phone_key.revoke": {"reason": "lost"},
    "checklist.preview": {},
    "checklist.confirm": {},
    "master.add": {},
    "master.change": {},
    "master.retire": {},
    "user.make": {},
    "enrolment.make": {},
    "user.change_role": {"role": "nothing"},
    "user.close": {},
    "user.reopen": {},
    "user.give_password": {},
    "user.end_logins": {},
    "own_account.change_password": {},
    "user.reset_factor": {},
    "own_factor.begin": {},
    "own_factor.confirm": {},
    "own_factor.remove": {},
    "own_account.end_logins": {},
    "erasure.propose": {},
    "erasure.decide": {"decision": "declined", "reason": "not needed"},
}


@pytest.fixture(scope="module", params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        app = make_app(tmp_path_factory.mktemp("archive"), **stores)
        yield app
        services(app).database.close()


@pytest.fixture(scope="module")
def places(app: Flask) -> dict[str, str]:
    """What stands in the paths: a visit of i05's team, its photo, streams of this team and of another."""
    city = build(app)
    sent: Sent = submit(city)
    submit(city, "p018", "i09")
    _, annex = written(city, Keys())
    services(app).pictures.make(sent.parts["photo"].body["view"]["sha256"], TILE_PX)
    return {
        "visit": sent.path,
        "visit_id": sent.entity,
        "annex": str(annex.payload["entity"]),
        "interview": str(annex.body["interview"]),
        "record": sent.visit.hash,
        "entry": str(sent.parts["entry"].payload["entity"]),
        "photo": str(sent.parts["photo"].payload["entity"]),
        "sha256": str(sent.parts["photo"].body["view"]["sha256"]),
        "project": city.projects["p017"],
        "stream": f"project:{city.projects['p017']}",
        "foreign": f"project:{city.projects['p018']}",
    }


def test_every_route_has_a_row(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes == set(ROWS)


def test_every_method_of_a_route_has_a_row(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = {method for method, _, _ in ROWS[rule.endpoint]}
        implied = {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        assert (rule.methods or set()) - implied <= methods, rule.endpoint


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_its_row_says(app: Flask, places: dict[str, str], role: str) -> None:
    client = logged_in(app, ROLES[role])
    token = _token(client)
    at = list(ROLES).index(role)
    found, wanted = {}, {}
    for endpoint, rows in ROWS.items():
        for method, path, statuses in rows:
            address = path.format(**places)
            given = BODIES.get(endpoint)
            data = {"csrf_token": token, **given} if isinstance(given, dict) else given
            answer = client.open(address, method=method, data=data)
            found[method, path], wanted[method, path] = answer.status_code, statuses[at]
    assert found == wanted


def _token(client: FlaskClient) -> str:
    page = client.get("/login").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_pages_of_a_login_are_never_kept(app: Flask, places: dict[str, str]) -> None:
    desk = logged_in(app, "d01")
    for path in ("/", "/visit/", places["visit"], "/login"):
        assert "no-store" in desk.get(path).headers["Cache-Control"], path


def test_every_answer_has_the_security_headers(app: Flask, places: dict[str, str]) -> None:
    desk = logged_in(app, "d01")
    for path in ("/", places["visit"], "/sync/1/time", "/static/css/desk.css", "/phone/en/", "/nowhere"):
        headers = desk.get(path).headers
        # What the protocol answers is no page, and may do nothing should somebody open it as one.
        is_page = not path.startswith("/sync/")
        wanted = "script-src 'self' 'wasm-unsafe-eval'" if is_page else "sandbox; default-src 'none'"
        assert wanted in headers["Content-Security-Policy"], path
        assert "unsafe-inline" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
    assert "sandbox" in desk.get(f"/photo/{places['sha256']}/original").headers["Content-Security-Policy"]


def test_a_visit_of_streams_not_open_to_desks_does_not_exist(app: Flask) -> None:
    assert logged_in(app, "d01").get("/visit/01930000-0000-7000-8000-0000000000ff").status_code == 404
