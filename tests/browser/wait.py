"""Waiting for a state of a page; `wait_for_function` needs eval, which our security policy forbids."""

from typing import Any

from playwright.sync_api import Error, Page

from tests.browser.process import TIMEOUT_S, until

# A page that is being replaced by the next one has no state to ask for yet.
LEAVING = ("Execution context was destroyed", "because of a navigation", "frame was detached")


def until_true(page: Page, expression: str, argument: Any = None, timeout_s: float = TIMEOUT_S) -> Any:
    """Evaluate a JavaScript expression until it is truthy and return its value; promises are awaited."""

    def poll() -> Any:
        page.wait_for_timeout(10)  # lets Playwright handle events meanwhile
        try:
            return page.evaluate(expression, argument)
        except Error as error:
            if any(words in error.message for words in LEAVING):
                return None
            raise

    return until(poll, expression, timeout_s)
