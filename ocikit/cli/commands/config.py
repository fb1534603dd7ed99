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
# As skopeo's inspect has it: the bytes are raw anyway.
@click.option("--raw", is_flag=True, hidden=True)
@shared_options
def command(image: tuple[str, ...], raw: bool) -> None:
    """
    Print the exact bytes of the configuration of each IMAGE.

    Of an index that is the configuration for linux/amd64, said on stderr, unless
    --platform names another. Of several, each ends with a newline; `-` is a list of names
    on stdin.

    \b
      ocikit config --platform linux/arm64 debian:12 | jq .config.Env
    """
    from ocikit.cli.many import answers, is_one
    from ocikit.crane.read import config
    from ocikit.spec.descriptor import Descriptor

    known = options()

    def read(name: str) -> tuple[bytes, Descriptor]:
        # Where it is fetched when it is read, several are read at once.
        found = config(name, known)
        return found.content, found.descriptor

    for place, (document, descriptor) in answers(read, image, known):
        emit_document(place, document, descriptor, alone=is_one(image))
