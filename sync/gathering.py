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
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        # For which of them the work came to nothing, or why it ended; None while it waits for its turn.
        self.outcome: set[Item] | Exception | None = None


class Gathering(Generic[Item]):
    """Does work on items that threads bring; whoever gets its turn does it for all that have gathered meanwhile.

    The work returns the items it could do nothing for. Nobody waits for others to come: a lone item is done at once. What the work
    raises, everybody it was done for hears.

    `waiting` is what was brought and whose turn has not come.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Collection[Item]]) -> None:
        self._work = work
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self.waiting: list[_Ticket[Item]] = []

    def do(self, *items: Item) -> set[Item]:
        """Return when the work was done on these items; those of them for which it came to nothing."""
        ticket = _Ticket(items)
        with self._guard:
            self.waiting.append(ticket)
        with self._turn:
            if ticket.outcome is None:
                self._do_all()
        if isinstance(ticket.outcome, Exception):
            raise ticket.outcome
        assert ticket.outcome is not None, "whoever has had the turn did the work for all"
        return ticket.outcome

    def _do_all(self) -> None:
        with self._guard:
            tickets, self.waiting = self.waiting, []
            # What is not taken back below: whoever does the work was ended in the middle of it.
            for ticket in tickets:
                ticket.outcome = Interrupted()
        try:
            left = self._work([item for ticket in tickets for item in ticket.items])
        except Exception as error:
            for ticket in tickets:
                ticket.outcome = error
            return
        for ticket in tickets:
            ticket.outcome = {item for item in ticket.items if item in left}
