"""
`ocikit push`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit_content
from ocikit.cli.remaking import digestfile_option, packing_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.content.compression import Compression


@click.command()
@click.argument("path")
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.option("--index", is_flag=True, help="Push a layout's whole index.json as an index.")
@click.option("--image-refs", metavar="FILE", help="Write REPOSITORY@DIGEST to FILE, too.")
@digestfile_option
@packing_option
@shared_options
def command(
    path: str,
    image: tuple[str, ...],
    index: bool,
    image_refs: str | None,
    digestfile: str | None,
    compression: Compression | None,
) -> None:
    """
    Write what PATH holds to a registry, as each IMAGE.

    PATH is an archive of `docker save` or an OCI archive, `-` for one on stdin, a layout
    directory, or any place. Layers that an engine has unpacked, or saved so, are
    compressed on their way.

    \b
      ocikit push debian.tar registry.example/debian:12
      ocikit push oci:images:v1 r.example/app:v1 r.example/app:latest
      docker save app:1 | ocikit push - registry.example/app:1
    """
    from ocikit._records import evolve
    from ocikit.cli.progress import shown
    from ocikit.cli.sources import content_of
    from ocikit.crane.options import for_registry
    from ocikit.crane.write import push_all
    from ocikit.files.atomic import write

    with shown() as known:
        known = for_registry(evolve(known, compression=compression))
        content = content_of(path, known, whole=index)
        pushed = push_all(content, image, known)
    if image_refs:
        # No newline, as crane has it: the file is read as one argument.
        write(image_refs, "\n".join(pushed).encode())
    if digestfile:
        write(digestfile, str(content.digest).encode())
    for name in pushed:
        emit_content(name, content.descriptor)
