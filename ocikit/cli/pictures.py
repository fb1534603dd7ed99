"""
Pictures on the terminal, in its width and colours, and in files.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from ocikit.cli.colour import coloured
from ocikit.cli.output import notice

if TYPE_CHECKING:
    from ocikit.picture.page import Part
    from ocikit.picture.tables import Role
    from ocikit.picture.text import Picture

#: Columns where nobody looks on and COLUMNS does not say.
_WIDTH: Final = 120
_LEAST, _MOST = 70, 400
_STYLES: Final[dict[Role, dict[str, Any]]] = {
    "plain": {},
    "title": {"bold": True},
    "faint": {"dim": True},
    "digest": {"fg": "cyan"},
    "bar": {"fg": "blue"},
    "added": {"fg": "green"},
    "removed": {"fg": "red"},
    "changed": {"fg": "yellow"},
    "bad": {"fg": "red", "bold": True},
}

html_option: Final = click.option(
    "--html",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write one page of pictures, that needs nothing else; - is stdout.",
)


def columns() -> int:
    """
    Give the width of the terminal: COLUMNS, else what it says, else 120.
    """
    return min(max(shutil.get_terminal_size((_WIDTH, 24)).columns, _LEAST), _MOST)


def drawn(picture: Picture, width: int | None = None) -> str:
    """
    Draw a picture for stdout.
    """
    from ocikit.picture.text import text

    if coloured(sys.stdout):
        return text(picture, width=width or columns(), paint=_paint)
    return text(picture, width=width or columns())


def _paint(text: str, role: Role) -> str:
    return click.style(text, **_STYLES[role]) if _STYLES[role] and text.strip() else text


def write_page(path: str, title: str, parts: Iterable[Part]) -> None:
    """
    Write a page of pictures to a file, or to stdout for `-`.
    """
    from ocikit.picture.page import page

    write(path, page(title, parts))


def write(path: str, made: str) -> None:
    """
    Write what was made to a file, or to stdout for `-`.
    """
    if path == "-":
        sys.stdout.buffer.write(made.encode())
        sys.stdout.buffer.flush()
        return
    from ocikit.files.atomic import replacing

    with replacing(path) as file:
        file.write(made.encode())
    notice(f"wrote {path}")
