"""
Progress on stderr: a bar on a terminal, else a line for each finished piece, or JSON.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING

import click

from ocikit._records import evolve
from ocikit.cli.colour import wanted
from ocikit.cli.shared import BAR, Shared, options, shared
from ocikit.cli.tally import Lines, Objects, Tally
from ocikit.progress import Event, Update
from ocikit.sizes import in_units

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ocikit.crane.options import Options


@contextlib.contextmanager
def shown() -> Generator[Options]:
    """
    Give the verbs' options; what they report is shown as suits where a person looks.
    """
    how = _how(shared())
    if how == "none":
        yield options()
        return
    from ocikit.registry.parallel import one_at_a_time

    if how == "bar":
        meta = click.get_current_context().meta
        bar = meta[BAR] = Bar()
        try:
            with bar.progress:
                yield evolve(options(), report=one_at_a_time(bar.report))
        finally:
            # Results that come later have the terminal for themselves.
            del meta[BAR]
        return
    told = Objects() if how == "json" else Lines()
    yield evolve(options(), report=one_at_a_time(told.report))
    told.end()


@contextlib.contextmanager
def doing(what: str) -> Generator[None]:
    """
    Tell a person at a terminal what takes its time though nothing moves.
    """
    bar: Bar | None = click.get_current_context().meta.get(BAR)
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
    bar: Bar | None = click.get_current_context().meta.get(BAR)
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


class Bar:
    """
    One bar for all: pieces, bytes done of bytes planned, speed, time left.
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
            # What is told above the bar is broken by the terminal, if by anything: a line
            # that was copied from there is whole.
            console=Console(
                stderr=True, soft_wrap=True, no_color=True if wanted() == "never" else None
            ),
            transient=True,
            # Results go where they are sent, not through the bar's terminal.
            redirect_stdout=False,
        )
        self._task: TaskID | None = None
        self._tally = Tally()

    def report(self, update: Update) -> None:
        """
        Fold an update into the bar.
        """
        tally = self._tally
        tally.add(update)
        if self._task is None:
            self._task = self.progress.add_task("", total=None)
        self.progress.update(
            self._task,
            total=max(tally.bytes[Event.PLANNED], tally.done) or None,
            completed=tally.done,
            description=_described(tally),
        )


def _described(tally: Tally) -> str:
    saved = {"mounted": tally.bytes[Event.MOUNTED], "resumed": tally.bytes[Event.RESUMED]}
    parts = [f"{in_units(size)} {what}" for what, size in saved.items() if size]
    return ", ".join([f"{tally.pieces} done", *parts])
