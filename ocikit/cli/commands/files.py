"""
`ocikit files`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit, emit_all, notice
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.crane.filetree import Files


@click.group(name="files")
def command() -> None:
    """
    Look at the files of an image, without unpacking it.

    They are those that a container of the image would see. PATH is relative to its root,
    with a leading slash or without. Of an index it is the image for --platform, else for
    linux/amd64, said on stderr.
    """


def _files(image: str) -> Files:
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.filetree import files

    with shown() as known, doing("reading layers"):
        return files(image, known)


def _files_at(image: str, paths: Sequence[str], *, follow: bool) -> Files:
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.filetree import files_at

    with shown() as known, doing("reading layers"):
        return files_at(image, paths, known, follow=follow)


@command.command(name="list", short_help="List files")
@click.argument("image", shell_complete=places)
@click.argument("path", nargs=-1, metavar="[PATH|GLOB]...")
@click.option("-l", "--long", is_flag=True, help="Show mode, owner, size, time and layer as well.")
@click.option(
    "-d",
    "--depth",
    type=click.IntRange(min=1),
    metavar="N",
    help="Go N levels deep.  [default: all]",
)
@click.option(
    "--layer",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only what layer N put there, counted from 1.",
)
@shared_options
def list_(
    image: str, path: tuple[str, ...], long: bool, depth: int | None, layer: int | None
) -> None:
    """
    List what is below each PATH, or matches each GLOB; everything without one.

    `*`, `?` and `[...]` match within a name, `**` any number of folders.

    \b
      ocikit files list -l -d 1 debian:12 /etc
      ocikit files list oci:out:1 'usr/**/*.so*'
    """
    from ocikit.cli.listing import as_json, long_line
    from ocikit.crane.filetree import listed
    from ocikit.sizes import counted

    found = _files(image)
    if layer is not None and layer > len(found.image.layers):
        notice(f"{image}: has {counted(len(found.image.layers), 'layer')}")
    number = None if layer is None else layer - 1
    for each in path or ("",):
        files = listed(found, each, depth=depth, layer=number)
        emit_all((long_line(file) if long else file.path, as_json(file)) for file in files)


@command.command(short_help="Tell all that is known of files")
@click.argument("image", shell_complete=places)
@click.argument("path", nargs=-1, required=True)
@click.option("-L", "--dereference", is_flag=True, help="Follow a link to what it leads to.")
@shared_options
def stat(image: str, path: tuple[str, ...], dereference: bool) -> None:
    """
    Tell all that is known of the file at each PATH: facts, and which layer put it there.

    Links on the way are followed, within the image; one at the end with -L only.

    \b
      ocikit files stat debian:12 /etc/passwd
    """
    from ocikit.cli.listing import as_json
    from ocikit.tree.filetree import find

    found = _files_at(image, path, follow=dereference)
    for position, each in enumerate(path):
        file = find(found.tree, each, follow=dereference)
        said = {**as_json(file), **_source(found, file)}
        emit("\n".join([*[""][: bool(position)], *_lines(said)]), **said)


@command.command(short_help="List files by name, kind and size")
@click.argument("image", shell_complete=places)
@click.argument("path", nargs=-1, metavar="[PATH|GLOB]...")
@click.option("--name", "names", metavar="GLOB", multiple=True, help="Of this name; repeatable.")
@click.option(
    "--type",
    "kinds",
    metavar="f|d|l|c|b|p",
    multiple=True,
    help="Files, directories, links and so on, as find has it; with commas or repeated.",
)
@click.option("--size", metavar="[+-]SIZE", help="Files of this size, of more (+) or less (-).")
@click.option("-l", "--long", is_flag=True, help="Show mode, owner, size, time and layer as well.")
@shared_options
def find(
    image: str,
    path: tuple[str, ...],
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    size: str | None,
    long: bool,
) -> None:
    """
    List what is below each PATH and passes every test.

    \b
      ocikit files find debian:12 /usr --name '*.so*' --type f
      ocikit files find app:1 --type f --size +10M -l
    """
    from ocikit.cli.finding import matching
    from ocikit.cli.listing import as_json, long_line
    from ocikit.crane.filetree import listed

    matches = matching(names, kinds, size)
    found = _files(image)
    for each in path or ("",):
        for file in listed(found, each, depth=None, layer=None):
            if matches(file):
                emit(long_line(file) if long else file.path, **as_json(file))


@command.command(short_help="Print the content of files")
@click.argument("image", shell_complete=places)
@click.argument("path", nargs=-1, required=True, metavar="PATH|GLOB...")
@shared_options
def read(image: str, path: tuple[str, ...]) -> None:
    """
    Print the content of the file at each PATH, byte for byte; links are followed.

    No layer below the one that has it is downloaded, unless it takes that to know.

    \b
      ocikit files read debian:12 /etc/os-release
      ocikit files cat debian:12 '/etc/apt/sources.list.d/*'
    """
    import sys

    from ocikit.cli.finding import expanded, is_glob
    from ocikit.content.streams import chunks
    from ocikit.files.copy import send_all
    from ocikit.tree.opened import open_file

    found = _files(image) if any(map(is_glob, path)) else _files_at(image, path, follow=True)
    sys.stdout.flush()
    for each in [*expanded(found, path)]:
        with open_file(found.tree, each) as stream:
            for piece in chunks(stream):
                send_all(sys.stdout.buffer, piece)
    sys.stdout.buffer.flush()


# As people call them who think of a shell.
command.add_command(list_, "ls")
command.add_command(read, "cat")


def _source(found: Files, file: Any) -> dict[str, Any]:
    source = found.layer_of(file)
    if source is None:
        return {}
    layer, history = source
    return {
        "layerDigest": str(layer.digest),
        "createdBy": history.created_by,
    }


def _lines(said: dict[str, Any]) -> Iterator[str]:
    for name, value in said.items():
        if value in (None, "", [], {}):
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, dict):
            shown = ", ".join(f"{key}={each}" for key, each in value.items())
        yield f"{name + ':':13} {shown}"
