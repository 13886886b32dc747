"""The security headers of every answer. Nothing is loaded from another origin, nothing inline, nothing framed."""

from flask import Flask, Response, g

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def install(app: Flask, stations: str = "") -> None:
    """Put the headers on every answer; a view's own value wins. Scripts may also speak to stations, given by their origins."""
    policy = (
        f"{CONTENT_SECURITY_POLICY}; connect-src 'self' {stations}" if stations else CONTENT_SECURITY_POLICY
    )

    @app.after_request
    def protected(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        return protect(response)


def protect(response: Response) -> Response:
    """Add what is missing. What a login or a form token decided is never cached."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    # Flask-WTF leaves the token it made in `g`; reading a login leaves it there too.
    if "csrf_token" in g or g.get("login_was_read"):
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.add("Vary", "Cookie")
    return response
