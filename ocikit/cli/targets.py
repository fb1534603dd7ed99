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

from ocikit._records import evolve, record
from ocikit.cli.shared import FORMS, result_format
from ocikit.content.image import Content
from ocikit.crane.located import locate
from ocikit.crane.options import Options, for_target
from ocikit.crane.write import named_as
from ocikit.name.locator import DockerArchivePlace, Locator, RegistryPlace
from ocikit.name.parse import parse_repository
from ocikit.name.records import Repository


def file_of(output: str | None) -> str | None:
    """
    Tell the file that crane's `-o FILE` names.

    `text`, `json` and `jsonl` name none, but how results are printed, as in all other commands.
    """
    if output in FORMS:
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


@record
class Aim:
    """
    Where what is made of an image goes: to a place, or to a repository by its own digest.
    """

    where: Locator | Repository

    def at(self, made: Content) -> Locator:
        """
        Tell the place of what was made.
        """
        if isinstance(self.where, Repository):
            return RegistryPlace(self.where.pin(made.digest))
        return self.where

    def loading(self, options: Options, *, packed: bool = False) -> Options:
        """
        Tell how that is loaded of which it is made.

        Args:
            options: how all else is loaded.
            packed: whether layers are compressed anew anyway; then not before.
        """
        return options if packed else for_target(self.where, options)


def aim(
    image: str,
    options: Options,
    *,
    tag: str | None = None,
    file: str | None = None,
    repository: str | None = None,
    whole: bool = False,
) -> Aim:
    """
    Tell where what is made of an image goes, before it is made.

    Args:
        image: what is changed; over it goes what nobody gives another place.
        options: how names are read.
        tag: any place.
        file: an archive to write instead.
        repository: where to put it by its own digest.
        whole: whether an index stays one, though platforms were chosen.

    Raises:
        UsageError: the image cannot be written over.
    """
    if tag is not None or file is not None:
        return Aim(target_of(tag or image, file, options))
    if repository is not None:
        return Aim(parse_repository(repository.removeprefix("docker://"), weak=options.weak))
    from ocikit.cli.in_place import over

    return Aim(over(image, evolve(options, platforms=()) if whole else options))
