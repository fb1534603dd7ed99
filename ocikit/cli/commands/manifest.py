"""
`ocikit manifest`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit_document
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
# As skopeo's inspect has it: the bytes are raw anyway.
@click.option("--raw", is_flag=True, hidden=True)
@shared_options
def command(image: tuple[str, ...], raw: bool) -> None:
    """
    Print the exact bytes of the manifest or index of each IMAGE.

    With --platform, the manifest of that platform. Of several, each ends with a newline;
    `-` is a list of names on stdin.

    \b
      ocikit manifest debian:12
      ocikit manifest --platform linux/arm64 debian:12 | jq .layers
    """
    from ocikit.cli.many import answers, is_one
    from ocikit.crane.places import load
    from ocikit.crane.read import raw_of

    known = options()
    for place, found in answers(lambda name: load(name, known), image, known):
        emit_document(place, raw_of(found), found.descriptor, alone=is_one(image))
