"""
The repositories that a command shall look at, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from ocikit.cli.existing import Existing


def among_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """
    Give a command the option that names repositories.
    """
    return click.option(
        "--repositories",
        "among",
        type=Existing(dir_okay=False, allow_dash=True),
        metavar="FILE",
        help="With -r: these repositories, one a line, by full names or their paths in the "
        "registry; `-` is stdin.",
    )(command)


def named(path: str | None) -> Iterator[str] | None:
    """
    Give the names in a file, one a line, as `many.names` reads them of stdin.
    """
    if path is None:
        return None
    if path != "-":
        return _lines(path)
    from ocikit.cli.many import names

    return names(["-"])


def _lines(path: str) -> Iterator[str]:
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            yield from line.split(maxsplit=1)[:1]
