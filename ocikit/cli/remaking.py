"""
Options of commands that make new images of images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ocikit.content.compression import Compression
    from ocikit.crane.options import Options

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


def packing_option(command: F) -> F:
    """
    Add --compression: how what is unpacked travels.
    """
    return click.option(
        "--compression",
        metavar="NAME[:LEVEL]",
        callback=_compression,
        help="How to compress layers that an engine has unpacked, or saved so: gzip, zstd or "
        "none.  [default: gzip into a registry, else none]",
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


def digestfile_option(command: F) -> F:
    """
    Add --digestfile: where to write the digest of what was written.
    """
    return click.option("--digestfile", metavar="FILE", help="Write its digest to FILE, too.")(
        command
    )


def write_digest(path: str, name: str, options: Options) -> None:
    """
    Write the digest of what a place has to a file, without a newline, as skopeo does.
    """
    from ocikit.crane.read import digest
    from ocikit.files.atomic import write

    _, at, found = name.rpartition("@")
    write(path, (found if at and ":" in found else str(digest(name, options).digest)).encode())


def _compression(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> Compression | None:
    if text is None:
        return None
    from ocikit.content.compression import parse

    return parse(text)
