"""
`ocikit delete`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.option(
    "--swap",
    is_flag=True,
    help="Where a registry deletes no tag alone, put something else under it, and delete that.",
)
@shared_options
def command(image: tuple[str, ...], swap: bool) -> None:
    """
    Delete each IMAGE, by tag or by digest, from its registry.

    A tag goes alone, and what it named stays. With a manifest, which is named by its
    digest as `ocikit digest --full-ref` prints it, go all its tags. Some registries
    delete no tag alone, and say so: --swap takes one away nevertheless. Some delete with
    a tag what it named, and all its other tags: that is told when it has happened. `-` is
    a list of names on stdin.

    \b
      ocikit delete registry.example/app:old
      ocikit digest --full-ref r.example/app:old | ocikit delete -
    """
    from ocikit.cli.many import answers
    from ocikit.crane.write import delete

    known = options()
    for _, gone in answers(lambda name: delete(name, known, swap=swap), image, known):
        emit(gone, deleted=gone)
