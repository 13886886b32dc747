"""One thread doing at once what several came to do: what they share, a commit above all, is paid for once."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Ticket(Generic[Item]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self.is_done = False
        self.error: BaseException | None = None


class Gathering(Generic[Item]):
    """Does work on items that threads bring; whoever gets its turn does it for all that have gathered meanwhile.

    Nobody waits for others to come: a lone item is done at once. What the work raises, everybody it was done for hears.

    `waiting` are the items whose turn has not come.
    """

    def __init__(self, work: Callable[[Sequence[Item]], object]) -> None:
        self._work = work
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self.waiting: list[_Ticket[Item]] = []

    def do(self, item: Item) -> None:
        """Return when the work was done on an item."""
        ticket = _Ticket(item)
        with self._guard:
            self.waiting.append(ticket)
        with self._turn:
            if not ticket.is_done:
                self._do_all()
        if ticket.error is not None:
            raise ticket.error

    def _do_all(self) -> None:
        with self._guard:
            tickets, self.waiting = self.waiting, []
        error: BaseException | None = None
        try:
            self._work([ticket.item for ticket in tickets])
        except BaseException as raised:
            error = raised
        for ticket in tickets:
            ticket.is_done, ticket.error = True, error
