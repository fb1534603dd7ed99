"""
`ocikit tag`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", shell_complete=places)
@click.argument("tag", nargs=-1, required=True)
@shared_options
def command(image: str, tag: tuple[str, ...]) -> None:
    """
    Give IMAGE each TAG in its repository; no blob moves. `-` is a list of images on stdin.

    \b
      ocikit tag registry.example/app:1.2 1 latest
      ocikit ls --full-ref r.io/app | grep -- -stable | ocikit tag - keep
    """
    from ocikit.cli.many import answers
    from ocikit.crane.write import tag as give

    known = options()
    for _, given in answers(lambda name: give(name, tag, known), [image], known):
        for name, new in zip(given, tag, strict=True):
            emit(name, reference=name, tag=new)
