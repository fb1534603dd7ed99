"""
`ocikit rebase`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli import exits
from ocikit.cli.completing import places
from ocikit.cli.output import emit, emit_content, notice
from ocikit.cli.remaking import attestations_option, target_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.mutate.attestations import Attestations


@click.command()
@click.argument("image", required=False, shell_complete=places)
@click.option("--old_base", "--old-base", metavar="IMAGE", help="What it was built on.")
@click.option("--new_base", "--new-base", metavar="IMAGE", help="What it is to be on.")
@target_option
@click.option("--rebased", metavar="IMAGE", hidden=True)
@click.option("--original", metavar="IMAGE", hidden=True)
@click.option(
    "--check", is_flag=True, help="Write nothing; tell what may break, and exit with 1 if it will."
)
@attestations_option
@shared_options
@click.pass_context
def command(
    context: click.Context,
    image: str | None,
    old_base: str | None,
    new_base: str | None,
    tag: str | None,
    rebased: str | None,
    original: str | None,
    check: bool,
    attestations: Attestations | None,
) -> None:
    """
    Put the layers of IMAGE on another base, in every image of an index.

    What is not named is read from the annotations or labels of IMAGE that say which base
    it was built on: by digest the old one, and by name the new one. No layer is read but
    with --check, which compares the files of IMAGE and of both bases.

    \b
      ocikit rebase registry.example/app:1
      ocikit rebase --check registry.example/app:1
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
    if check:
        if tag is not None:
            raise click.UsageError("--check writes nothing; leave out -t")
        if not _is_safe(name, old_base, new_base):
            context.exit(exits.NEGATIVE)
        return
    with shown() as known:
        target = aim(name, known, tag=tag)
        made = rebase(
            name,
            target.loading(known),
            old_base=old_base,
            new_base=new_base,
            attestations=attestations,
        )
        found = flush(target.at(made), made, known)
    emit_content(found, made.descriptor)


def _is_safe(image: str, old_base: str | None, new_base: str | None) -> bool:
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.rebasing import rebase_conflicts

    with shown() as known, doing("comparing files"):
        found = rebase_conflicts(image, known, old_base=old_base, new_base=new_base)
    for platform, conflict in found:
        said = {} if conflict.layer is None else {"layer": conflict.layer}
        emit(
            f"{platform}: {conflict}" if platform else str(conflict),
            place=image,
            platform=None if platform is None else str(platform),
            severity=conflict.severity,
            kind=conflict.kind,
            path=conflict.path,
            message=conflict.message,
            **said,
        )
    if not found:
        notice(f"{image}: no conflicts")
    return not any(conflict.severity == "error" for _, conflict in found)
