"""One thread doing at once what several came to do: what they share, a commit above all, is paid for once."""

import errno
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Interrupted(OSError):
    """The thread that did the work for others was ended in the middle of it; nobody knows how far it came."""

    def __init__(self) -> None:
        super().__init__(errno.EINTR, "ended in the middle of work for several")


class _Ticket(Generic[Item]):
    def __init__(self, item: Item) -> None:
        self.item = item
        # Whether the work came to anything, or why it ended; None while it waits for its turn.
        self.outcome: bool | Exception | None = None


class Gathering(Generic[Item]):
    """Does work on items that threads bring; whoever gets its turn does it for all that have gathered meanwhile.

    The work returns the items it could do nothing for. Nobody waits for others to come: a lone item is done at once. What the work
    raises, everybody it was done for hears.

    `waiting` are the items whose turn has not come.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Collection[Item]]) -> None:
        self._work = work
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self.waiting: list[_Ticket[Item]] = []

    def do(self, item: Item) -> bool:
        """Return when the work was done on an item, and whether it came to anything."""
        ticket = _Ticket(item)
        with self._guard:
            self.waiting.append(ticket)
        with self._turn:
            if ticket.outcome is None:
                self._do_all()
        if isinstance(ticket.outcome, Exception):
            raise ticket.outcome
        return bool(ticket.outcome)

    def _do_all(self) -> None:
        with self._guard:
            tickets, self.waiting = self.waiting, []
            # What is not taken back below: whoever does the work was ended in the middle of it.
            for ticket in tickets:
                ticket.outcome = Interrupted()
        try:
            left = self._work([ticket.item for ticket in tickets])
        except Exception as error:
            for ticket in tickets:
                ticket.outcome = error
            return
        for ticket in tickets:
            ticket.outcome = ticket.item not in left
