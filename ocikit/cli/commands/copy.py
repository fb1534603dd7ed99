"""
`ocikit copy`.
"""

from __future__ import annotations

import click

from ocikit.cli.output import emit
from ocikit.cli.shared import shared_options


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("-a", "--all-tags", is_flag=True, help="Copy all tags of a repository.")
@click.option("-n", "--no-clobber", is_flag=True, help="Refuse to overwrite a tag.")
@shared_options
def command(source: str, target: str, all_tags: bool, no_clobber: bool) -> None:
    """
    Copy SOURCE to TARGET, any places, with the same digests.

    An index is copied whole unless --platform narrows it.

    \b
      ocikit copy debian:12 registry.example/debian:12
      ocikit copy registry.example/app:1 oci:out:1
      ocikit copy oci:out:1 docker-daemon:app:1
    """
    from ocikit.cli.progress import shown
    from ocikit.crane.write import copy, copy_repository

    with shown() as known:
        if not all_tags:
            name = copy(source, target, known, clobber=not no_clobber)
            emit(name, source=source, target=target, reference=name)
            return
        for tag, name in copy_repository(source, target, known, clobber=not no_clobber):
            emit(tag, source=source, target=tag, reference=name)
