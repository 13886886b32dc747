"""A browser with a profile on disk, as on a phone: it may die at any time and open again on what it left."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser.chromium import ARGUMENTS, find
from tests.browser.process import kill


class ProfileBrowser:
    """Chromium on one `--user-data-dir`; `options` go to Playwright's `launch_persistent_context`, `arguments` to the browser."""

    def __init__(
        self, playwright: Playwright, profile: Path, arguments: tuple[str, ...] = (), **options: Any
    ) -> None:
        self.profile = profile
        self._playwright = playwright
        self._options = options
        self._arguments = [*ARGUMENTS, *arguments]
        self._context: BrowserContext | None = None

    def start(self) -> Page:
        """Open the browser and return its first page."""
        self._context = self._playwright.chromium.launch_persistent_context(
            self.profile, executable_path=find(), args=self._arguments, headless=True, **self._options
        )
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    @property
    def context(self) -> BrowserContext:
        assert self._context is not None, "the browser is not open"
        return self._context

    def kill(self) -> None:
        """SIGKILL every process of this browser at once and wait until all have gone."""
        kill(lambda: list(self._processes()))
        self._context = None

    def close(self) -> None:
        """Close the browser as a person would."""
        if self._context is not None:
            self._context.close()
            self._context = None
        # What outlives its browser (the crash handler) would hold the profile.
        kill(lambda: list(self._processes()))

    def _processes(self) -> Iterator[psutil.Process]:
        """Find the browser by its profile: only the main process and the crash handler name it."""
        name = str(self.profile)
        for process in psutil.process_iter(["cmdline"]):
            if any(name in word for word in process.info["cmdline"] or ()):
                yield process
