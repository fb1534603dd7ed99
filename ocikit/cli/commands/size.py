"""
`ocikit size`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.content.image import Image
    from ocikit.crane.options import Options
    from ocikit.picture.sizes import Sized, Sizes


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.option("--unpacked", is_flag=True, help="Read the layers; tell the size of their files.")
@click.option("--layers", is_flag=True, help="List the layers of each image too.")
@shared_options
def command(image: tuple[str, ...], unpacked: bool, layers: bool) -> None:
    """
    Tell how large each IMAGE is to pull, and how much of it others of them have too.

    Of an index all its images count, or those for --platform. Sizes are of manifest,
    configuration and layers as they are stored, each once; with --unpacked also of the
    files in all layers. `-` is a list of names on stdin.

    \b
      ocikit size debian:12
      ocikit size --layers --unpacked app:1 app:2
    """
    from ocikit.cli.many import gathered
    from ocikit.cli.progress import doing, shown
    from ocikit.picture.scan import scan
    from ocikit.picture.sizes import sizes

    with shown() as known, doing("reading"):
        loaded, end = gathered(lambda name: _images(name, known), image, known)
        given = [each for images in loaded for each in images]
        runnable = {one.digest: one for _, one in given if not one.artifact_type}
        scans = {digest: scan(one) for digest, one in runnable.items()} if unpacked else {}
        found = sizes(given, scans=scans)
    _tell(found, layers)
    if end is not None:
        raise end


def _tell(found: Sizes, layers: bool) -> None:
    from ocikit.cli.pictures import drawn

    if shared().output == "json":
        for each in found.images:
            emit("", **_members(each))
        return
    if found.images:
        emit(drawn(found))
    for each in found.images if layers else ():
        emit(f"\n{_title(each)}\n{drawn(each)}")


def _images(name: str, known: Options) -> list[tuple[str, Image]]:
    from ocikit.crane.places import load
    from ocikit.query.walk import images

    return [(name, found) for found in images(load(name, known)) if not _is_attestation(found)]


def _is_attestation(image: Image) -> bool:
    from ocikit import media

    runs = media.is_config(image.config.media_type)
    return runs and image.platform is not None and image.platform.unknown


def _title(each: Sized) -> str:
    from ocikit._shown import shown

    return shown(f"{each.name} {each.platform}".rstrip())


def _members(each: Sized) -> dict[str, Any]:
    from ocikit.cli.picture_facts import waterfall

    layers = [
        {**layer, "images": holders}
        for layer, holders in zip(waterfall(each.layers), each.holders, strict=True)
    ]
    return {
        "place": each.name,
        "platform": each.platform,
        "digest": str(each.digest),
        "size": each.size,
        "shared": each.shared,
        **({} if each.unpacked is None else {"unpacked": each.unpacked}),
        "layers": layers,
    }
