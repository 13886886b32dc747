"""Waiting for a state of a page; `wait_for_function` needs eval, which our security policy forbids."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.process import TIMEOUT_S, until


def until_true(page: Page, expression: str, argument: Any = None, timeout_s: float = TIMEOUT_S) -> Any:
    """Evaluate a JavaScript expression until it is truthy and return its value; promises are awaited."""

    def poll() -> Any:
        page.wait_for_timeout(10)  # lets Playwright handle events meanwhile
        return page.evaluate(expression, argument)

    return until(poll, expression, timeout_s)
