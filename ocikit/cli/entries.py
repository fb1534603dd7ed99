"""
`ocikit index`, so far as it changes entries: remove, replace, annotate, set-platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli.children import allow_empty_option, choosing, write_index
from ocikit.cli.completing import places
from ocikit.cli.remaking import target_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.content.image import Index
    from ocikit.crane.options import Options
    from ocikit.mutate.attestations import Attestations


@click.command(short_help="Take children out")
@click.argument("image", shell_complete=places)
@choosing
@allow_empty_option
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
      ocikit index remove --platform linux/386 --platform windows r.io/app:1
      ocikit index remove --digest sha256:... oci:out:1
    """
    from ocikit.cli.children import chosen, source_of
    from ocikit.crane.children import index_remove

    match = chosen(platform, digest, with_annotation)
    if match is None:
        raise click.UsageError("say what to remove: --platform, --digest or --with-annotation")

    def make(known: Options) -> Index:
        return index_remove(source_of(image, known), match, known, allow_empty=allow_empty)

    write_index(image, tag, make)


@click.command(short_help="Put an image in the place of a child")
@click.argument("image", shell_complete=places)
@click.argument("new", shell_complete=places)
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

    write_index(image, tag, make)


@click.command(short_help="Set and remove annotations")
@click.argument("image", shell_complete=places)
@click.option("-a", "--annotation", metavar="KEY=VALUE", multiple=True, help="Set an annotation.")
@click.option("--remove-annotation", metavar="KEY", multiple=True, help="Remove an annotation.")
@click.option("--each", is_flag=True, help="Every child, attestations too.")
@choosing
@target_option
@shared_options
def annotate(
    image: str,
    annotation: tuple[str, ...],
    remove_annotation: tuple[str, ...],
    each: bool,
    platform: tuple[str, ...],
    digest: tuple[str, ...],
    with_annotation: tuple[str, ...],
    tag: str | None,
) -> None:
    """
    Set and remove annotations of the index IMAGE itself, or of entries of it.

    Entries are those of the children that any of the options means. The children
    themselves stay as they are. Without -t the tag IMAGE itself is overwritten.

    \b
      ocikit index annotate -a org.opencontainers.image.version=1 r.io/app:1
      ocikit index annotate --platform linux/arm64 -a tested=no r.io/app:1
    """
    from ocikit.cli.children import chosen, source_of
    from ocikit.cli.names import pairs
    from ocikit.crane.children import index_annotate
    from ocikit.spec.match import all_of

    wanted = pairs(annotation, "--annotation", split=True)
    if not (wanted or remove_annotation):
        raise click.UsageError("say what to change: -a KEY=VALUE, or --remove-annotation KEY")
    match = all_of() if each else chosen(platform, digest, with_annotation)

    def make(known: Options) -> Index:
        source = source_of(image, known)
        return index_annotate(source, known, set=wanted, remove=remove_annotation, match=match)

    write_index(image, tag, make)


@click.command(name="set-platform", short_help="Say what children are listed for")
@click.argument("image", shell_complete=places)
@click.argument("new", metavar="[OS/ARCH[/VARIANT]]", required=False)
@click.option("--from-config", is_flag=True, help="What each image's own configuration names.")
@choosing
@target_option
@shared_options
def set_platform(
    image: str,
    new: str | None,
    from_config: bool,
    platform: tuple[str, ...],
    digest: tuple[str, ...],
    with_annotation: tuple[str, ...],
    tag: str | None,
) -> None:
    """
    Say for which platform children of the index IMAGE are listed; '' for none.

    They are those that any of the options means; with --from-config and no other, all
    that name none. The children themselves stay as they are. Without -t the tag IMAGE
    itself is overwritten.

    \b
      ocikit index set-platform --digest sha256:... r.io/app:1 linux/arm/v7
      ocikit index set-platform --from-config oci:out:1
    """
    from ocikit.cli.children import chosen, source_of
    from ocikit.crane.children import index_set_platform
    from ocikit.platforms import Platform, parse

    if (new is None) is not from_config:
        raise click.UsageError("name the platform, or say --from-config")
    match = chosen(platform, digest, with_annotation)
    if match is None and not from_config:
        raise click.UsageError("say of which: --platform, --digest or --with-annotation")
    wanted = None if new is None else parse(new) if new else Platform()

    def make(known: Options) -> Index:
        return index_set_platform(source_of(image, known), match, wanted, known)

    write_index(image, tag, make)
