"""
`ocikit rebase`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli.output import emit_content
from ocikit.cli.remaking import attestations_option, target_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.mutate.attestations import Attestations


@click.command()
@click.argument("image", required=False)
@click.option("--old_base", "--old-base", metavar="IMAGE", help="What it was built on.")
@click.option("--new_base", "--new-base", metavar="IMAGE", help="What it is to be on.")
@target_option
@click.option("--rebased", metavar="IMAGE", hidden=True)
@click.option("--original", metavar="IMAGE", hidden=True)
@attestations_option
@shared_options
def command(
    image: str | None,
    old_base: str | None,
    new_base: str | None,
    tag: str | None,
    rebased: str | None,
    original: str | None,
    attestations: Attestations | None,
) -> None:
    """
    Put the layers of IMAGE on another base, in every image of an index.

    What is not named is read from the annotations or labels of IMAGE that say which base
    it was built on: by digest the old one, and by name the new one. No layer is read.

    \b
      ocikit rebase registry.example/app:1
      ocikit rebase app:1 --old-base debian:12.1 --new-base debian:12.2 -t app:2
    """
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import aim
    from ocikit.crane.places import flush
    from ocikit.crane.rebasing import rebase

    # crane's older names of two things.
    name, tag = image or original, tag or rebased
    if name is None:
        raise click.UsageError("Missing argument 'IMAGE'.")
    with shown() as known:
        target = aim(name, known, tag=tag)
        made = rebase(name, known, old_base=old_base, new_base=new_base, attestations=attestations)
        found = flush(target.at(made), made, known)
    emit_content(found, made.descriptor)
