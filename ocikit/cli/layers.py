"""
Layers from what a person names on the command line.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from ocikit.content.layer import Layer
    from ocikit.content.streams import Stream


def layer_of(
    path: str,
    *,
    into: str = "/",
    owner: str | None = None,
    mode: str | None = None,
    exclude: Sequence[str] = (),
    xattrs: bool = False,
) -> Layer:
    """
    Make a layer of a folder, of a tar file, or of a tar on stdin for `-`.

    Times of files in folders are at most SOURCE_DATE_EPOCH when that is set. What folders
    become is for them alone: archives are taken as they are.
    """
    from ocikit.files.layer import layer, tar_layer

    if path == "-":
        return tar_layer(stdin("a tar"))
    if os.path.isdir(path):
        return layer(
            path,
            into=into,
            owner=owner_of(owner),
            mode=octal(mode),
            epoch=epoch(),
            exclude=exclude,
            xattrs=xattrs,
        )
    if os.path.isfile(path) or not os.path.exists(path):
        return tar_layer(path)
    with open(path, "rb") as stream:
        return tar_layer(stream)


def stdin(what: str) -> Stream:
    """
    Give standard input, from which something is to be read.
    """
    if sys.stdin.isatty():
        raise click.UsageError(f"`-` reads {what} from stdin, but that is a terminal")
    return cast("Stream", sys.stdin.buffer)


def owner_of(text: str | None) -> tuple[int, int] | None:
    """
    Read UID:GID, or UID for both.
    """
    if text is None:
        return None
    user, _, group = text.partition(":")
    if not (user.isdecimal() and (group or user).isdecimal()):
        raise click.UsageError(f"--owner {text!r}: write it as UID:GID, in numbers")
    return int(user), int(group or user)


def octal(text: str | None) -> int | None:
    """
    Read permission bits as chmod takes them in numbers.

    >>> octal("755") == octal("0755") == 0o755
    True
    """
    if text is None:
        return None
    if not re.fullmatch("[0-7]{3,5}", text):
        raise click.UsageError(f"--mode {text!r}: write it in octal, such as 644")
    return int(text, 8)


def epoch() -> int | None:
    """
    Read SOURCE_DATE_EPOCH, seconds since 1970.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    if not text.isdecimal():
        raise click.UsageError(f"SOURCE_DATE_EPOCH={text!r}: expected seconds since 1970")
    return int(text)


def modified() -> int:
    """
    Give the time of what is written now: SOURCE_DATE_EPOCH, else the clock's.
    """
    since = epoch()
    return int(time.time()) if since is None else since
