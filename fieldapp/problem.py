"""The one catalogue of what can go wrong on the web, and its one way into an answer (RFC 9457, or a page for people).

A slug is never reused. Its sentence for the person is the message `problem.<slug>`. Nothing else builds an error answer.
"""

import logging
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, Response, json, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from fieldapp.message import t

log = logging.getLogger(__name__)

Retry = Literal["never", "later", "after-pull"]
URN = "urn:fieldapp:problem:"


@dataclass(frozen=True)
class Sort:
    """One row of the catalogue. `status` is the HTTP status, `retry` whether the same request may succeed another time."""

    status: int
    retry: Retry = "never"


CATALOGUE: dict[str, Sort] = {
    "bad-request": Sort(400),
    "body-cut": Sort(400, "later"),
    "not-gzip": Sort(400),
    "not-json": Sort(400),
    "too-many-lines": Sort(400),
    "not-an-enrolment": Sort(400),
    "client-header-missing": Sort(400),
    "form-expired": Sort(400, "later"),
    "password-refused": Sort(400),
    "login-needed": Sort(401),
    "login-failed": Sort(401),
    "code-not-valid": Sort(401),
    "factor-failed": Sort(401),
    "ticket-over": Sort(401, "later"),
    "factor-unreadable": Sort(403),
    "not-allowed": Sort(403),
    "password-first": Sort(403, "later"),
    "factor-first": Sort(403, "later"),
    "factor-needed": Sort(403),
    "desk-role": Sort(403),
    "other-site": Sort(403),
    "own-visit": Sort(403),
    "not-found": Sort(404),
    "record-unknown": Sort(404, "later"),
    "media-unknown": Sort(404),
    "upload-unknown": Sort(404, "later"),
    "method-not-allowed": Sort(405),
    "offset-differs": Sort(409, "later"),
    "key-taken": Sort(409),
    "already-decided": Sort(409, "after-pull"),
    "submission-superseded": Sort(409, "after-pull"),
    "photos-missing": Sort(409, "later"),
    "already-revoked": Sort(409, "after-pull"),
    "conflict-changed": Sort(409, "after-pull"),
    "erasure-decided": Sort(409, "after-pull"),
    "erasure-incomplete": Sort(400),
    "same-person": Sort(403),
    "second-person": Sort(403),
    "erased-by-law": Sort(410),
    "tus-version": Sort(412),
    "too-large": Sort(413),
    "unsupported-media-type": Sort(415),
    "range-not-satisfiable": Sort(416),
    "login-delayed": Sort(429, "later"),
    "hash-differs": Sort(460, "later"),
    "internal": Sort(500, "later"),
    "template-refused": Sort(500, "later"),
    "busy": Sort(503, "later"),
    "pictures-coming": Sort(503, "later"),
    "wrong-key": Sort(503, "later"),
    "store-full": Sort(507, "later"),
}

# What Werkzeug and Flask raise by themselves.
OF_STATUS = {
    400: "bad-request",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    416: "range-not-satisfiable",
}


class Problem(Exception):
    """Something the person or the program asking can understand; `facts` become members of the answer."""

    def __init__(
        self, slug: str, detail: str = "", *, retry_after_s: int | None = None, **facts: Any
    ) -> None:
        super().__init__(f"{slug}: {detail}" if detail else slug)
        self.slug = slug
        self.sort = CATALOGUE[slug]
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.facts = facts

    def document(self) -> dict[str, Any]:
        """Return the members of problem+json, the sentence in the reader's language."""
        members: dict[str, Any] = {
            "type": URN + self.slug,
            "title": t(f"problem.{self.slug}"),
            "status": self.sort.status,
            "retry": self.sort.retry,
            **self.facts,
        }
        if self.detail:
            members["detail"] = self.detail
        return members


def is_program() -> bool:
    """Tell whether a program asks (the phone, a relay), which wants problem+json, or a person, who wants a page."""
    if request.path.startswith(("/sync/", "/session")) or "Fieldapp-Client" in request.headers:
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"], "text/html") == "application/json"


def install(app: Flask) -> None:
    """Answer every problem, HTTP error and bug of an application in one way."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, answer_bug)


def answer(problem: Problem) -> Response:
    """Return the answer of a problem: problem+json to a program, a page to a person."""
    if is_program():
        body = json.dumps(problem.document(), ensure_ascii=False)
        response = Response(body, problem.sort.status, content_type="application/problem+json")
    else:
        page = render_template("desk/problem.html", problem=problem)
        response = Response(page, problem.sort.status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


def _answer_http(error: HTTPException) -> AnyResponse:
    """Redirects pass; what is left of Werkzeug's errors gets our wording."""
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if isinstance(error, CSRFError):
        return answer(Problem("form-expired"))
    response = answer(Problem(OF_STATUS.get(code, "internal" if code >= 500 else "bad-request")))
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def answer_bug(error: Exception) -> Response:
    """Write a bug to the log and answer that there is one."""
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(Problem("internal"))
