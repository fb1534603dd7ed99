"""
Text for people, on stderr; in colours where they can be seen and nobody minds.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final, TextIO

import click

#: Where a context remembers what `--color` said.
KEY: Final = "ocikit.color"


def wanted() -> str:
    """
    Tell what `--color` said: auto, always or never.
    """
    context = click.get_current_context(silent=True)
    said: str = context.meta.get(KEY, "auto") if context else "auto"
    return said


def coloured(stream: TextIO) -> bool:
    """
    Tell whether a stream takes colours.

    `--color` decides, then NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE; else what is a
    terminal takes them, unless TERM=dumb. Only the thread of a command knows its
    options: others are told beforehand.
    """
    said = wanted()
    if said != "auto":
        return said == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE") not in (None, "", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def paint(text: str, stream: TextIO, **style: Any) -> str:
    """
    Style a text for a stream, if that takes colours; see `click.style`.
    """
    return click.style(text, **style) if style and coloured(stream) else text


def say(text: str, **style: Any) -> None:
    """
    Print a line on stderr.
    """
    write(paint(text, sys.stderr, **style))


def write(line: str) -> None:
    """
    Write a line to stderr as it is: above a bar, where one is shown.
    """
    # Not by click, which would find the terminal behind what the bar puts in its way.
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
