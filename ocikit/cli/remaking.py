"""
Options of commands that make new images of images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ocikit.content.compression import Compression

F = TypeVar("F", bound=Callable[..., Any])


def target_option(command: F) -> F:
    """
    Add -t: where the result goes.
    """
    return click.option(
        "-t", "--tag", metavar="IMAGE", help="Where to write it.  [default: over IMAGE]"
    )(command)


def compression_option(command: F) -> F:
    """
    Add --compression: how new layers are written.
    """
    return click.option(
        "--compression",
        metavar="NAME[:LEVEL]",
        callback=_compression,
        help="How to compress: gzip, zstd or none.  [default: as it was]",
    )(command)


def attestations_option(command: F) -> F:
    """
    Add --attestations: what becomes of those about images that change.
    """
    return click.option(
        "--attestations",
        type=click.Choice(["relink", "keep", "drop"]),
        help="Let attestations name the changed images, those before, or be left out."
        "  [default: relink, and say so]",
    )(command)


def _compression(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> Compression | None:
    if text is None:
        return None
    from ocikit.content.compression import parse

    return parse(text)
