"""The phone's app: one shell per language, its manifest, the service worker that keeps it, and two pages for trouble.

A shell is the same bytes for everybody: nothing of a request, a login or a token goes into it, because phones keep it for
months. All it loads lies below `/phone/`, the scope of the service worker; scripts of workers are looked up by their own address.
"""

import base64
import hashlib
import importlib.metadata
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Blueprint, Response, current_app, json, redirect, render_template, request, url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from fieldapp import lean
from fieldapp.catalogue import LANGUAGES
from fieldapp.domain.description import describe
from fieldapp.domain.photo import MAX_PHOTO_BYTES
from fieldapp.message import catalogue, language
from fieldapp.place_of_files import place_of
from fieldapp.problem import Problem
from fieldapp.services import current
from fieldapp.view.static import static

blueprint = Blueprint("phone", __name__, url_prefix="/phone")

# Browsers inside messengers: no storage worth the name, no service worker, wiped without asking.
INSIDE_APPS = ("MicroMessenger", "DingTalk", "wxwork", "Lark", "Feishu", "QQ/", "Weibo", "AlipayClient")

# Width and height of static/screenshot in pixels, made by docs/pictures/offer.py.
SCREENSHOT_SIZE = "720x1280"


@blueprint.get("/")
def entry() -> AnyResponse | str:
    """Lead to the shell in the reader's language, or say which browser to use."""
    agent = request.user_agent.string or ""
    if any(name in agent for name in INSIDE_APPS):
        return render_template("phone/browser.html", address=request.url)
    return redirect(url_for("phone.shell", language=language()), 302)


@blueprint.get("/<language>/")
def shell(language: str) -> Response:
    """Send the shell of a language."""
    return _kept(shell_page(_known(language)), "text/html; charset=utf-8")


@blueprint.get("/<language>/manifest.webmanifest")
def manifest(language: str) -> Response:
    """Send the manifest of a language, with the neutral name people may read over a shoulder."""
    return _kept(manifest_text(_known(language)), "application/manifest+json")


@blueprint.get("/static/<path:name>")
def asset(name: str) -> Response:
    """Send a static file from below the service worker's scope, the lean one where there is one."""
    root = place_of("static")
    path = lean.files(root).get(name, root / name)
    return static(path.relative_to(root).as_posix())


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """Send the service worker with the hash of every file it keeps."""
    return _kept(_same_for_all("phone/sw.js", files=files()), "text/javascript")


@blueprint.get("/recover")
def recover() -> str:
    """Show the page that throws away the kept shell and loads it anew; records, drafts and photos are not touched."""
    return render_template("phone/recover.html")


def shell_page(language: str) -> bytes:
    """Return the shell of a language, byte for byte what phones keep."""
    words = catalogue(language)
    return _same_for_all(
        "phone/shell.html",
        language=language,
        words=words,
        messages=_embedded(words),
        kinds=_embedded(describe()),
        settings=_embedded(shell_settings()),
        outline=_embedded(json.loads((place_of("static") / "outline" / "interviews.json").read_bytes())),
        styles=[name for name in lean.files(place_of("static")) if name.startswith("css/")],
    )


def shell_settings() -> dict[str, object]:
    """Return what the shell must know of this installation."""
    return {
        "version": importlib.metadata.version("fieldapp"),
        "department": current().settings.department,
        "max_photo_bytes": MAX_PHOTO_BYTES,
        "languages": list(LANGUAGES),
        "stations": current().settings.stations.split(),
    }


def manifest_text(language: str) -> bytes:
    """Return the manifest of a language."""
    words = catalogue(language)
    icons = [
        {
            "src": f"/phone/static/img/icon-{size}.png",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    members = {
        "id": "/phone/",
        "name": words["app.name"],
        "short_name": words["app.name"],
        "description": words["app.tagline"],
        "lang": language,
        "start_url": f"/phone/{language}/",
        "scope": "/phone/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#eef1f3",
        "theme_color": "#0a4a66",
        "icons": icons,
        "screenshots": [_screenshot(language, name, words) for name in ("home", "visit")],
        "shortcuts": [
            {"name": words[name], "url": f"/phone/{language}/{screen}", "icons": icons[:1]}
            for name, screen in (("app.take_up", "#/take-up"), ("outbox.title", "#/outbox"))
        ],
    }
    return json.dumps(members, ensure_ascii=False, indent=1).encode()


def _screenshot(language: str, name: str, words: dict[str, str]) -> dict[str, str]:
    """Return what a browser may show before it installs the app; phones fetch it then only, and never keep it."""
    return {
        "src": f"/phone/static/screenshot/{name}-{language}.png",
        "sizes": SCREENSHOT_SIZE,
        "type": "image/png",
        "form_factor": "narrow",
        "label": words[f"app.picture_{name}"],
    }


def files() -> dict[str, str]:
    """Return what the service worker keeps: address → integrity (`sha256-…`), everything the app needs and nothing else."""
    root = place_of("static")
    kept = {f"/phone/static/{name}": _integrity_of(path) for name, path in lean.files(root).items()}
    for tag in LANGUAGES:
        kept[f"/phone/{tag}/"] = _integrity(shell_page(tag))
        kept[f"/phone/{tag}/manifest.webmanifest"] = _integrity(manifest_text(tag))
    return kept


def _same_for_all(template: str, **values: object) -> bytes:
    """Render without the names requests add (who is logged in): what is kept on phones belongs to nobody."""
    return current_app.jinja_env.get_template(template).render(**values).encode()


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise Problem("not-found")
    return language


def _kept(content: bytes, content_type: str) -> Response:
    """Answer with bytes a browser may keep if it asks again each time whether they still hold.

    They are compressed, which is harmless here: nothing of anybody is in them.
    """
    is_small = request.accept_encodings["br"] > 0
    response = Response(_small(content) if is_small else content, content_type=content_type)
    if is_small:
        response.headers["Content-Encoding"] = "br"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(content).hexdigest()[:32] + ("-br" if is_small else ""))
    response.make_conditional(request)
    return response


@lru_cache(maxsize=16)
def _small(content: bytes) -> bytes:
    """Compress once for each content and process."""
    small: bytes = brotli.compress(content, quality=11)
    return small


def _embedded(value: object) -> Markup:
    """Write JSON that stands inside `<script type="application/json">`: nothing in it can end the element."""
    return htmlsafe_json_dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=False)


def _integrity(content: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def _integrity_of(path: Path) -> str:
    return "sha256-" + base64.b64encode(bytes.fromhex(lean.digest_of(path))).decode()
