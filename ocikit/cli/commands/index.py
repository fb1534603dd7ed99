"""
`ocikit index`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ocikit.cli.children import choosing
from ocikit.cli.output import emit, emit_content
from ocikit.cli.remaking import target_option
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.content.image import Index
    from ocikit.crane.options import Options
    from ocikit.mutate.attestations import Attestations

_allow_empty = click.option("--allow-empty", is_flag=True, help="Write an index of nothing, too.")


@click.group(name="index")
def command() -> None:
    """
    Look at indexes, and change what is in them.

    An index lists images, most often one for each platform. A path, as `./DIR`, is all
    that the layout there holds.
    """


@command.command()
@click.argument("base", required=False)
@click.argument("manifest", nargs=-1)
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
    from ocikit.crane.places import PlaceUnsupported

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

    _write(base or "", tag, make)


@command.command(name="filter")
@click.argument("image")
@click.option(
    "--platform",
    metavar="OS[/ARCH[/VARIANT]]",
    multiple=True,
    help="Keep children for this platform; repeat it for several.",
)
@click.option("--keep-unmarked", is_flag=True, help="Keep children that name no platform, too.")
@_allow_empty
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
      ocikit index filter --platform linux/amd64 --platform linux/arm64 debian:12 -t oci:out:12
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

    _write(image, tag, make)


@command.command(name="list")
@click.argument("image")
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
    from ocikit.cli.shared import options
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


@command.command()
@click.argument("image")
@choosing
@_allow_empty
@target_option
@shared_options
def remove(
    image: str,
    platform: tuple[str, ...],
    digest: tuple[str, ...],
    with_annotation: tuple[str, ...],
    allow_empty: bool,
    tag: str | None,
) -> None:
    """
    Take children out of the index IMAGE: those that any of the options means.

    Attestations go with the images that they are about; to take out those alone, say
    --platform unknown/unknown. Without -t the tag IMAGE itself is overwritten.

    \b
      ocikit index remove --platform linux/386 --platform windows registry.example/app:1
      ocikit index remove --digest sha256:... oci:out:1
    """
    from ocikit.cli.children import chosen, source_of
    from ocikit.crane.children import index_remove

    match = chosen(platform, digest, with_annotation)
    if match is None:
        raise click.UsageError("say what to remove: --platform, --digest or --with-annotation")

    def make(known: Options) -> Index:
        return index_remove(source_of(image, known), match, known, allow_empty=allow_empty)

    _write(image, tag, make)


@command.command()
@click.argument("image")
@click.argument("new")
@click.option(
    "--digest",
    metavar="DIGEST",
    help="The child to replace.  [default: that of the platform of NEW]",
)
@click.option(
    "--attestations",
    type=click.Choice(["relink", "keep", "drop"]),
    help="Let attestations of the child name NEW, the child, or be left out."
    "  [default: drop, and say so]",
)
@target_option
@shared_options
def replace(
    image: str,
    new: str,
    digest: str | None,
    attestations: Attestations | None,
    tag: str | None,
) -> None:
    """
    Put the image NEW in the place of a child of the index IMAGE.

    It is the child of the platform that NEW is for, or that --platform names; of an index
    NEW that platform is taken. The child's annotations stay. Without -t the tag IMAGE
    itself is overwritten.

    \b
      ocikit index replace registry.example/app:1 oci:out:arm64
      ocikit index replace --platform linux/arm64 app:1 app:2
    """
    from ocikit.cli.children import source_of
    from ocikit.crane.children import index_replace
    from ocikit.digest import Digest

    old = None if digest is None else Digest.parse(digest)

    def make(known: Options) -> Index:
        return index_replace(
            source_of(image, known),
            source_of(new, known),
            known,
            old=old,
            attestations=attestations,
        )

    _write(image, tag, make)


def _write(image: str, tag: str | None, make: Callable[[Options], Index]) -> None:
    from ocikit.cli.children import is_path
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import aim
    from ocikit.crane.places import flush

    if tag is None and is_path(image):
        raise click.UsageError(f"{image}: say where to write what is made of a layout, with -t")
    with shown() as known:
        target = aim(image, known, tag=tag)
        made = make(known)
        name = flush(target.at(made), made, known)
    emit_content(name, made.descriptor)
