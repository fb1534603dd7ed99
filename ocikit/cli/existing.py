"""
Files and folders that a command reads, and that have to be there.
"""

from __future__ import annotations

import os
from typing import Any

import attrs
import click

from ocikit.errors import Missing


@attrs.frozen(kw_only=True)
class NothingThere(Missing):
    """
    There is nothing where a command was told to read.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: there is no such file or directory"


class Existing(click.Path):
    """
    The path of what is to be read; what is not there is missing, and no fault of usage.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Read a path, and see that something is there.

        Raises:
            NothingThere: nothing is.
        """
        path = super().convert(value, param, ctx)
        if not (self.allow_dash and path == "-"):
            see_that_it_is_there(os.fsdecode(path))
        return path


def see_that_it_is_there(path: str) -> None:
    """
    See that something is at a path.

    Raises:
        NothingThere: nothing is.
    """
    if not os.path.exists(path):
        raise NothingThere(path=path)
