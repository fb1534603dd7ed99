"""
`ocikit flatten`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit_content
from ocikit.cli.remaking import attestations_option, compression_option, target_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.content.compression import Compression
    from ocikit.mutate.attestations import Attestations


@click.command()
@click.argument("image", shell_complete=places)
@target_option
@compression_option
@attestations_option
@shared_options
def command(
    image: str,
    tag: str | None,
    compression: Compression | None,
    attestations: Attestations | None,
) -> None:
    """
    Make all layers of IMAGE one, or those of every image of an index.

    What a layer took away is gone for good. Without -t the tag IMAGE itself is
    overwritten; one named by digest is pushed by its new digest.

    \b
      ocikit flatten registry.example/app:1 -t registry.example/app:flat
      ocikit flatten --compression zstd:19 oci:out:1 -t oci:out:small
    """
    from ocikit.cli.progress import doing, shown
    from ocikit.cli.targets import aim
    from ocikit.crane.layering import flatten
    from ocikit.crane.places import flush

    with shown() as known:
        target = aim(image, known, tag=tag)
        with doing("merging layers"):
            loading = target.loading(known, packed=compression is not None)
            made = flatten(image, loading, compression=compression, attestations=attestations)
        name = flush(target.at(made), made, known)
    emit_content(name, made.descriptor)
