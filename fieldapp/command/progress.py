"""How far long work is: a bar on a terminal, nothing where nobody looks."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def bar(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; what it yields is told how much more is done."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:
        yield shown.update
