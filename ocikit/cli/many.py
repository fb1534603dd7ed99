"""
Commands over many names: those given, or a list on stdin for `-`, over one warm pool.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import click

from ocikit.cli import exits
from ocikit.errors import OciError

if TYPE_CHECKING:
    from ocikit.crane.options import Options

R = TypeVar("R")
_Failure: TypeAlias = OciError | OSError


def is_one(given: Sequence[str]) -> bool:
    """
    Tell whether a single name was given, and no list.
    """
    return len(given) == 1 and given[0] != "-"


def names(given: Sequence[str]) -> Iterator[str]:
    """
    Give the names that were given; `-` stands for those on stdin, one a line.

    Of a line only what comes before the first blank counts, so that what other commands
    print beside a name does no harm. They are read as they are wanted.

    Raises:
        UsageError: `-` is given twice, or stdin is a terminal.
    """
    if given.count("-") > 1:
        raise click.UsageError("`-` is stdin, which is read only once")
    for name in given:
        if name != "-":
            yield name
            continue
        from ocikit.cli.layers import stdin

        stdin("names, one a line,")
        for line in sys.stdin.buffer:
            yield from line.decode(errors="surrogateescape").split(maxsplit=1)[:1]


def answers(
    do: Callable[[str], R], given: Sequence[str], known: Options, *, jobs: int | None = None
) -> Iterator[tuple[str, R]]:
    """
    Do something with each of many names, several at once, in the order given.

    What fails is told when its turn comes, and the rest goes on, as `cat` does; the
    command then ends with the exit code of the first failure.

    Args:
        do: called with a name, from several threads.
        given: names, and `-` for those on stdin.
        known: how many at once.
        jobs: so many at once, instead.
    """
    if is_one(given):
        yield given[0], do(given[0])
        return
    from ocikit.registry.parallel import in_order

    def attempt(name: str) -> tuple[str, R | _Failure]:
        try:
            return name, do(name)
        except (OciError, OSError) as error:
            return name, error

    first: _Failure | None = None
    for name, found in in_order(attempt, names(given), jobs or known.client.jobs):
        if isinstance(found, OciError | OSError):
            exits.report(found, name)
            first = first or found
        else:
            yield name, found
    if first is not None:
        raise click.exceptions.Exit(exits.code_of(first))


def gathered(
    do: Callable[[str], R], given: Sequence[str], known: Options
) -> tuple[list[R], click.exceptions.Exit | None]:
    """
    Do something with each of many names, and give all that came of it.

    Returns:
        What there is, in the order given; and how the command ends when it has shown
        that, where something failed.
    """
    found: list[R] = []
    try:
        for _, each in answers(do, given, known):
            found.append(each)
    except click.exceptions.Exit as end:
        return found, end
    return found, None
