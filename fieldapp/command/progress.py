"""How far long work is: a bar on a terminal, nothing or a line now and then where there is none."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

EVERY_PERCENT = 10


@contextmanager
def bar(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; what it yields is told how much more is done."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:
        yield shown.update


@contextmanager
def told(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar while the block runs, without a terminal a line for every tenth; what it yields is told the part done, 0 to 1."""
    if not sys.stdout.isatty():
        yield _by_lines(label)
        return
    with click.progressbar(length=100, label=label) as shown:
        yield lambda done: shown.update(int(done * 100) - shown.pos)


def _by_lines(label: str) -> Callable[[float], None]:
    said = -1

    def tell(done: float) -> None:
        nonlocal said
        tenth = int(done * 100) // EVERY_PERCENT
        if tenth > said:
            said = tenth
            click.echo(f"{label}: {tenth * EVERY_PERCENT} %")

    return tell
