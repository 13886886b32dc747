"""fieldapp: an offline field inspection collector and the archive behind it."""

from flask import Flask

from fieldapp.settings import Settings

__all__ = ["Settings", "create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application of one archive; without settings, those of the environment.

    Raises `SettingRefused` for a bad setting and `VendorStale` when the browser libraries have not been built.
    """
    from fieldapp import application

    return application.make(settings or Settings.from_environment())
