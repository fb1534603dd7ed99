"""
`ocikit referrers`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import described, emit
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", shell_complete=places)
@click.option(
    "--artifact-type", metavar="TYPE", multiple=True, help="List those of this type; repeatable."
)
@shared_options
def command(image: str, artifact_type: tuple[str, ...]) -> None:
    """
    List what refers to IMAGE: signatures, attestations, bills of materials.

    A line has a name and, after a tab, the type of the artifact. --platform asks about
    one image of an index. IMAGE lies in a registry or a layout. Registries that list none
    themselves are asked for the tag under which clients do.

    \b
      ocikit referrers registry.example/app:1
      ocikit referrers --artifact-type application/spdx+json r.example/app:1
    """
    from ocikit.crane.belonging import referrers

    for name, found in referrers(image, options(), artifact_types=artifact_type):
        emit(
            f"{name}\t{found.artifact_type}",
            reference=name,
            **described(found),
            artifactType=found.artifact_type,
            annotations=dict(found.annotations),
        )
