"""
`ocikit delete`.
"""

from __future__ import annotations

import click

from ocikit.cli.output import emit
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", nargs=-1, required=True)
@shared_options
def command(image: tuple[str, ...]) -> None:
    """
    Delete each IMAGE, by tag or by digest, from its registry.

    Some registries delete by digest only: take it from `ocikit digest --full-ref`. Some
    delete with a tag the manifest, and with it all its other tags.
    """
    from ocikit.crane.write import delete

    known = options()
    for name in image:
        gone = delete(name, known)
        emit(gone, deleted=gone)
