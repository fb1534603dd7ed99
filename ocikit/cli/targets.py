"""
Where commands that make images put them.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from typing import BinaryIO

import click

from ocikit.cli.shared import result_format
from ocikit.content.image import Content
from ocikit.crane.options import Options
from ocikit.crane.places import locate
from ocikit.crane.write import named_as
from ocikit.name.locator import DockerArchivePlace, Locator, RegistryPlace
from ocikit.name.parse import parse_repository
from ocikit.name.records import Tag

_FORMATS = ("text", "json")


def file_of(output: str | None) -> str | None:
    """
    Tell the file that crane's `-o FILE` names.

    `text` and `json` name none, but how results are printed, as in all other commands.
    """
    if output in _FORMATS:
        result_format(output)
        return None
    return output


@contextlib.contextmanager
def stream_to(path: str, what: str) -> Generator[BinaryIO | None]:
    """
    Give what is written to as a stream: stdout for `-`, a pipe, a device.

    A plain file is none, for that is replaced when all of it is there.
    """
    if path == "-":
        if sys.stdout.isatty():
            raise click.UsageError(f"`-` writes {what} to stdout, but stdout is a terminal")
        yield sys.stdout.buffer
        sys.stdout.flush()
    elif os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        with open(path, "wb") as stream:
            yield stream
    else:
        yield None


def target_of(tag: str | None, file: str | None, options: Options) -> Locator:
    """
    Tell where something new goes: to a file if there is one, else to where its tag says.
    """
    if file is not None:
        archive = DockerArchivePlace(file)
        return named_as(locate(tag, options), archive) if tag else archive
    if tag is None:
        raise click.UsageError("say where to write it: -t IMAGE, or -o FILE")
    return locate(tag, options)


def target_in_place(image: str, repository: str | None, made: Content, options: Options) -> Locator:
    """
    Tell where a changed image goes when nothing says: over itself, or by digest.

    An image that was named by digest cannot be overwritten; the new one is pushed by
    its own digest. So is one for `--repo`.
    """
    if repository is not None:
        name = parse_repository(repository.removeprefix("docker://"), weak=options.weak)
        return RegistryPlace(name.pin(made.digest))
    locator = locate(image, options)
    if isinstance(locator, RegistryPlace) and not isinstance(locator.reference, Tag):
        return RegistryPlace(locator.reference.repository.pin(made.digest))
    return locator
