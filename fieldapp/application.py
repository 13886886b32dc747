"""Puts the application together. `fieldapp.create_app` is its public name; this module keeps `import fieldapp` light."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from fieldapp import header, message, outage, problem, vendor
from fieldapp.place_of_files import place_of
from fieldapp.services import EXTENSION, Clock, open_services, secret_of
from fieldapp.settings import Settings
from fieldapp.view import FOR_PEOPLE, FOR_PROGRAMS, page


def make(settings: Settings, clock: Clock | None = None) -> Flask:
    """Return the application of these settings, its archive open; `clock` stands in for the system's."""
    vendor.check(place_of("static"))
    app = Flask("fieldapp", template_folder=str(place_of("templates")), static_folder=None)
    services = open_services(settings, clock)
    app.extensions[EXTENSION] = services
    app.config.update(
        SECRET_KEY=secret_of(services.archive.key),
        MAX_CONTENT_LENGTH=settings.request_bytes,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_TIME_LIMIT=8 * 3600,
    )
    services.archive.on_new_key = lambda key: app.config.update(SECRET_KEY=secret_of(key))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    for part in (message, problem, outage, page):
        part.install(app)
    header.install(app, settings.stations)
    csrf = CSRFProtect(app)
    for blueprint in FOR_PEOPLE:
        app.register_blueprint(blueprint)
    for blueprint in FOR_PROGRAMS:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.proxies] * 3)  # type: ignore[method-assign]
    return app
