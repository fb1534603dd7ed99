"""
Text for people, on stderr; in colours where they can be seen and nobody minds.
"""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

import click


def coloured(stream: TextIO) -> bool:
    """
    Tell whether a stream takes colours: NO_COLOR, FORCE_COLOR, TERM=dumb, or a terminal.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
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
    click.echo(paint(text, sys.stderr, **style), err=True, color=True)
