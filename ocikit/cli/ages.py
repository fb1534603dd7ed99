"""
Options that name an age.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

from ocikit.ages import AgeInvalid, age_of


class Age(click.ParamType[timedelta]):
    """
    An age as people write it, as 30d or 12h.

    Args:
        seconds: whether a bare number is one of seconds; else only 0 is an age.
    """

    name = "age"

    def __init__(self, *, seconds: bool = False) -> None:
        self._seconds = seconds

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """
        Read an age, unless it is one already.
        """
        if isinstance(value, timedelta):
            return value
        bare = self._seconds and value.strip().replace(".", "", 1).isdigit()
        try:
            return age_of(f"{value.strip()}s" if bare else value)
        except AgeInvalid as error:
            self.fail(str(error), param, ctx)


def younger_stays(help: str, default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    Give a command `--older-than AGE`, which `--grace SECONDS` is as well.
    """
    return click.option(
        "--older-than",
        "--grace",
        "older_than",
        type=Age(seconds=True),
        default=default,
        show_default=True,
        metavar="AGE",
        help=help,
    )
