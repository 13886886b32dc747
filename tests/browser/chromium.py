"""The browser of the tests: a Chromium or Chrome of this machine, never a download of the test tool.

As a program (part of `make test`) it installs one with the system's package manager when none is found and
that is permitted, and otherwise says in one line what to install.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VARIABLE = "FIELDAPP_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Package manager → commands that install Chromium with it, without a question.
INSTALLERS = {
    "apt-get": (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
    ),
    "dnf": (["dnf", "install", "-q", "-y", "chromium"],),
    "zypper": (["zypper", "--non-interactive", "install", "chromium"],),
    "pacman": (["pacman", "-Sy", "--noconfirm", "chromium"],),
    "apk": (["apk", "add", "--quiet", "chromium"],),
}
# `--disable-quic` and the background switches keep the browser from talking to anyone but our own server.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # As on a phone: the browser knows how to open a camera.
    "--enable-blink-features=MediaCapture",
]


class ChromiumMissing(RuntimeError):
    """No browser for the tests; the text says what to install."""


def find() -> Path:
    """Return the browser: `FIELDAPP_CHROMIUM` if set, else the first known name on PATH."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise ChromiumMissing(f"{VARIABLE} names {chosen}, which is no program.")
        return Path(found)
    for name in (*NAMES, *APPLICATIONS):
        if found := shutil.which(name):
            return Path(found)
    raise ChromiumMissing(
        f"The browser tests need Chromium: install the package chromium, or set {VARIABLE} to its program."
    )


def _become_root() -> list[str] | None:
    """Return the words before a command that make it run as root; None when that would need a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def install() -> None:
    """Install Chromium with the first package manager found; raise `ChromiumMissing` when that fails."""
    root = _become_root() if hasattr(os, "geteuid") else None
    commands = next((INSTALLERS[name] for name in INSTALLERS if shutil.which(name)), ())
    if root is None or not commands:
        find()
        return
    print("Installing Chromium for the browser tests", flush=True)
    quiet = subprocess.DEVNULL
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        # A failed refresh of the package lists may still leave an installable package: the search decides.
        subprocess.run([*root, *command], env=environment, stdin=quiet, stdout=quiet)
    find()


def main() -> None:
    """Make sure that there is a browser, or end with one clear line."""
    try:
        try:
            find()
        except ChromiumMissing:
            install()
    except ChromiumMissing as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
