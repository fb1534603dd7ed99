"""
`ocikit config`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit_document
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@shared_options
def command(image: tuple[str, ...]) -> None:
    """
    Print the exact bytes of the configuration of each IMAGE.

    Of an index that is the configuration for linux/amd64, said on stderr, unless
    --platform names another.
    """
    from ocikit.crane.read import config

    known = options()
    for place in image:
        found = config(place, known)
        emit_document(place, found.content, found.descriptor, alone=len(image) == 1)
