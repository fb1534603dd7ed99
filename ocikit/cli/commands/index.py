"""
`ocikit index`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli.children import allow_empty_option, write_index
from ocikit.cli.completing import places
from ocikit.cli.entries import annotate, remove, replace, set_platform
from ocikit.cli.output import emit, emit_content
from ocikit.cli.remaking import target_option
from ocikit.cli.shared import options, shared, shared_options

if TYPE_CHECKING:
    from ocikit.content.image import Index
    from ocikit.crane.options import Options


@click.group(name="index")
def command() -> None:
    """
    Look at indexes, and change what is in them.

    An index lists images, most often one for each platform. A path, as `./DIR`, is all
    that the layout there holds.
    """


@command.command(short_help="Put images, artifacts and indexes at the end")
@click.argument("base", required=False, shell_complete=places)
@click.argument("manifest", nargs=-1, shell_complete=places)
@click.option(
    "-m",
    "--manifest",
    "more",
    metavar="MANIFEST",
    multiple=True,
    help="What to append; repeatable, or with commas.",
)
@target_option
@click.option("--docker-empty-base", is_flag=True, help="Start from an empty Docker list.")
@click.option(
    "--flatten/--no-flatten",
    default=True,
    show_default=True,
    help="Append the children of an index, and not itself.",
)
@shared_options
def append(
    base: str | None,
    manifest: tuple[str, ...],
    more: tuple[str, ...],
    tag: str | None,
    docker_empty_base: bool,
    flatten: bool,
) -> None:
    """
    Put each MANIFEST, an image, artifact or index, at the end of the index BASE.

    Without BASE a new index is made, and -t is needed. Images are listed for the platform
    that their configuration names. Of an index --platform takes a part. A layout BASE,
    as `./DIR`, gets each MANIFEST as an entry of its own.

    \b
      ocikit index append -m app:amd64 -m app:arm64 -t registry.example/app:1
      ocikit index append registry.example/app:1 oci:out:riscv64
    """
    from ocikit.cli.children import is_path, source_of
    from ocikit.cli.names import listed
    from ocikit.cli.progress import shown
    from ocikit.crane.indexes import index_append, layout_append
    from ocikit.crane.located import PlaceUnsupported

    wanted = (*manifest, *listed(more))
    if base is None and tag is None:
        raise click.UsageError("name the BASE, or say where to write a new index with -t")
    if base is not None and docker_empty_base:
        raise click.UsageError("--docker-empty-base starts from nothing; it excludes BASE")
    if base is not None and not wanted:
        raise click.UsageError(f"name what to append to {base}: MANIFEST, or -m MANIFEST")
    if base is not None and tag is None and is_path(base):
        with shown() as known:
            added = [source_of(each, known) for each in wanted]
            index = layout_append(base, added, known, flatten=flatten)
        emit_content(f"oci:{base}", index.descriptor)
        return

    def make(known: Options) -> Index:
        found = None if base is None else source_of(base, known)
        added = [source_of(each, known) for each in wanted]
        try:
            return index_append(found, added, known, flatten=flatten, docker=docker_empty_base)
        except PlaceUnsupported as error:
            if error.place == base:
                error.add_note("The first place is the BASE; for a new index give all with -m.")
            raise

    write_index(base or "", tag, make)


@command.command(name="filter", short_help="Keep some platforms")
@click.argument("image", shell_complete=places)
@click.option(
    "--platform",
    metavar="OS[/ARCH[/VARIANT]]",
    multiple=True,
    help="Keep children for this platform; repeat it for several.",
)
@click.option("--keep-unmarked", is_flag=True, help="Keep children that name no platform, too.")
@allow_empty_option
@target_option
@shared_options
def filter_(
    image: str,
    platform: tuple[str, ...],
    keep_unmarked: bool,
    allow_empty: bool,
    tag: str | None,
) -> None:
    """
    Keep some platforms of the index IMAGE.

    What a platform leaves open is free: `linux` is every Linux. Attestations stay with
    the images that they are about. Without -t the tag IMAGE itself is overwritten.

    \b
      ocikit index filter --platform linux/arm64 debian:12 -t oci:out:12
    """
    from ocikit.cli.children import platforms, source_of
    from ocikit.crane.indexes import index_filter

    wanted = platforms(platform)
    if not wanted:
        raise click.UsageError("say what to keep: --platform OS/ARCH, once for each")

    def make(known: Options) -> Index:
        return index_filter(
            source_of(image, known),
            wanted,
            known,
            keep_unmarked=keep_unmarked,
            allow_empty=allow_empty,
        )

    write_index(image, tag, make)


@command.command(name="list", short_help="List the children")
@click.argument("image", shell_complete=places)
@click.option("--annotations", is_flag=True, help="Show the annotations of each child, too.")
@shared_options
def list_(image: str, annotations: bool) -> None:
    """
    List the children of the index IMAGE: digest, media type, size and platform.

    As JSON each is its whole descriptor, annotations and all. With --platform, those for
    that platform and what attests them.

    \b
      ocikit index list debian:12
      ocikit index list ./out
    """
    from ocikit.cli.children import source_of, table
    from ocikit.crane.indexes import index_list
    from ocikit.spec.encode import unstructure

    known = options()
    found = index_list(source_of(image, known), known)
    if shared().output == "json":
        for child in found:
            emit("", **unstructure(child))
        return
    for line in table(found, annotations=annotations):
        emit(line)


for each in (remove, replace, annotate, set_platform):
    command.add_command(each)
