"""Words for the reader: `t(key)` in Python and Jinja, `catalogue(language)` for the phone's shell.

Which language a request gets: the one in its URL, else the cookie `lang`, else Accept-Language, else zh-CN.
No wording stands here or anywhere in code, only keys.
"""

import logging

from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel

from fieldapp.catalogue import DEFAULT_LANGUAGE, FOLDER, LANGUAGES, load

COOKIE, CHOSEN = "lang", "fieldapp.language"
# First parts of the keys no script of the phone uses; a test keeps the list true.
DESK_ONLY = frozenset(
    """
    administer
    board
    check
    checklist_file
    conflict
    corroboration
    desk
    door
    enrolment
    erasure
    evidence
    export
    fact_sheet
    factor
    flag
    fulltext
    gap
    instant
    lack
    ledger
    letter
    log
    master
    method
    misfit
    origin
    own
    package
    paper
    phone_key
    phrase
    place
    profile
    punctuation
    recover
    register
    reply
    report
    restored
    sealing
    sheet
    since
    span
    stray
    talk
    unit
    user
    xlsform
    """.split()
)
log = logging.getLogger(__name__)


class MessageMissing(KeyError):
    """A key, or a placeholder of its wording, that code and catalogue do not share."""


def install(app: Flask) -> None:
    """Give an application its languages: `t`, `language`, `languages` in templates; Babel for dates."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[DEFAULT_LANGUAGE]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app, locale_selector=locale)
    app.jinja_env.globals.update(t=t, language=language, languages=tuple(LANGUAGES))


def language() -> str:
    """Return the language tag of the present request: a key of `LANGUAGES`."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    in_url = (request.view_args or {}).get("language")
    if in_url in LANGUAGES:
        return str(in_url)
    # A page asks for each of its words.
    chosen: str | None = request.environ.get(CHOSEN)
    if chosen is None:
        chosen = request.environ[CHOSEN] = _preferred()
    return chosen


def _preferred() -> str:
    choice = request.cookies.get(COOKIE)
    if choice in LANGUAGES:
        return str(choice)
    # By the main language alone: zh-TW or en-GB is served better by ours than by the browser's next choice.
    spoken = {tag.split("-")[0]: tag for tag in LANGUAGES}
    wanted = (tag.split("-")[0].lower() for tag in request.accept_languages.values())
    return next((spoken[main] for main in wanted if main in spoken), DEFAULT_LANGUAGE)


def locale() -> str:
    """Return the locale of the present request as Babel names it."""
    return LANGUAGES[language()]


def catalogue(language: str) -> dict[str, str]:
    """Return the phone's wording of a language tag by key; `KeyError` for an unknown tag."""
    return {key: wording for key, wording in load(language).items() if key.partition(".")[0] not in DESK_ONLY}


def t(key: str, **params: object) -> str:
    """Return the wording of a key in the request's language, its `{placeholders}` filled.

    A missing key or placeholder raises `MessageMissing` in tests and debugging; in production the page still
    opens, with the key or the open placeholder shown, and the fault is logged.
    """
    try:
        return load(language())[key].format(**params)
    except (KeyError, IndexError) as error:
        if current_app.testing or current_app.debug:
            raise MessageMissing(f"{key}: {error}") from error
        log.error("message %s: %s is missing", key, error)
        return load(language()).get(key, key)
