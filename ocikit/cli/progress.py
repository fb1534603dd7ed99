"""
Progress on stderr: a bar on a terminal, else a line for each finished piece.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import defaultdict
from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import click

from ocikit._records import evolve
from ocikit.cli.colour import say
from ocikit.cli.shared import Shared, options, shared
from ocikit.digest import Digest
from ocikit.progress import Event, Meter, Update, add

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ocikit.crane.options import Options

#: Where a command's bar is found in its context.
_BAR: Final = "ocikit.bar"
_SAID: Final = {Event.DONE: "moved", Event.MOUNTED: "mounted", Event.EXISTS: "there already"}


@contextlib.contextmanager
def shown() -> Generator[Options]:
    """
    Give the verbs' options; what they report is shown as suits where a person looks.
    """
    how = _how(shared())
    if how == "bar":
        bar = click.get_current_context().meta[_BAR] = Bar()
        with bar.progress:
            yield evolve(options(), report=bar.report)
    elif how == "lines":
        yield evolve(options(), report=Lines().report)
    else:
        yield options()


@contextlib.contextmanager
def doing(what: str) -> Generator[None]:
    """
    Tell a person at a terminal what takes its time though nothing moves.
    """
    bar: Bar | None = click.get_current_context().meta.get(_BAR)
    if bar is None:
        yield
        return
    task = bar.progress.add_task(what, total=None)
    yield
    bar.progress.remove_task(task)


@contextlib.contextmanager
def aside() -> Generator[None]:
    """
    Leave the terminal to somebody else for a while.
    """
    bar: Bar | None = click.get_current_context().meta.get(_BAR)
    if bar is None:
        yield
        return
    bar.progress.stop()
    yield
    bar.progress.start()


def _how(said: Shared) -> str:
    if said.quiet:
        return "none"
    if said.progress != "auto":
        return said.progress
    # Between the lines of a log a bar would only flicker.
    terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return "bar" if terminal and not said.verbose else "lines"


class Lines:
    """
    One line for each piece that is done.
    """

    def __init__(self) -> None:
        self._moved: dict[Digest, int] = defaultdict(int)

    def report(self, update: Update) -> None:
        """
        Print a line when a piece is done.
        """
        if update.digest is None:
            return
        what = f"{update.digest.algorithm}:{update.digest.short()}"
        if update.event is Event.MOVED:
            self._moved[update.digest] += update.bytes
        elif update.event is Event.RETRIED:
            say(f"{what}  {'':>9}  broke off; trying again")
        elif update.event in _SAID:
            size = update.bytes or self._moved.pop(update.digest, 0)
            say(f"{what}  {in_units(size) if size else '':>9}  {_SAID[update.event]}")


def in_units(size: int) -> str:
    """
    Write a size as people read it.

    >>> in_units(512), in_units(3_000_000)
    ('512 B', '3.0 MB')
    """
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


class Bar:
    """
    One bar for all: bytes done of bytes planned, speed, time left.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self.progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
            # Results go where they are sent, not through the bar's terminal.
            redirect_stdout=False,
        )
        self._task: TaskID | None = None
        self._meter = Meter()

    def report(self, update: Update) -> None:
        """
        Fold an update into the bar.
        """
        self._meter = meter = add(self._meter, update)
        if self._task is None:
            self._task = self.progress.add_task("", total=None)
        done = meter.moved + meter.saved
        self.progress.update(
            self._task,
            total=max(meter.planned, done) or None,
            completed=done,
            description=f"{meter.done} done",
        )
