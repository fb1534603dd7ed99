"""
`ocikit mutate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.completing import places
from ocikit.cli.mutations import DOCUMENTS, HEALTH, LAYERS, OPENINGS, PAST, RUN
from ocikit.cli.output import emit_content
from ocikit.cli.remaking import attestations_option
from ocikit.cli.shared import shared_options
from ocikit.cli.themes import ThemedCommand

if TYPE_CHECKING:
    from ocikit.mutate.attestations import Attestations


@click.command(cls=ThemedCommand)
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@RUN
@OPENINGS
@HEALTH
@LAYERS
@PAST
@DOCUMENTS
@attestations_option
@click.option("--repo", metavar="REPOSITORY", help="Push by digest there.")
@click.option("-t", "--tag", metavar="IMAGE", help="Where to write it.  [default: over IMAGE]")
@click.option(
    "-o",
    "--output",
    metavar="FILE|json",
    help="Write an archive to FILE instead; `text`, `json` or `jsonl` say how results are printed.",
)
@shared_options
def command(
    image: tuple[str, ...],
    repo: str | None,
    tag: str | None,
    output: str | None,
    attestations: Attestations | None,
    **said: Any,
) -> None:
    """
    Change images, or every image of an index.

    Annotations, subject and artifact type go to what is named itself, which may be the
    index. Without -t, -o or --repo the tag IMAGE itself is overwritten; one named by
    digest is pushed by its new digest. WORDS, PORTS and PATHS are lists: with commas,
    repeated, or as JSON. Whatever the order of the options: recipes come first, then
    layers go, come and are merged, then all else; times and compression come last.

    \b
      ocikit mutate -l team=infra -e MODE=prod registry.example/app:1
      ocikit mutate --entrypoint /app/run --remove-env DEBUG -t oci:out:1 app:1
      ocikit mutate --remove-path 'root/.ssh' --squash 2: --canonical app:1
      ocikit mutate --to oci --compression zstd:19 app:1 -t app:small
      ocikit mutate --pipeline harden.toml app:1
    """
    from ocikit.cli.changes import changes
    from ocikit.cli.progress import doing, shown
    from ocikit.cli.targets import aim, file_of
    from ocikit.crane.build import mutate
    from ocikit.crane.places import flush

    file = file_of(output)
    if len(image) > 1 and (tag or file):
        raise click.UsageError("several images cannot go to one place; leave out -t and -o")
    with shown() as known:
        with doing("making layers"):
            steps = changes(said, known, attestations)
        aims = [aim(name, known, tag=tag, file=file, repository=repo) for name in image]
        for name, target in zip(image, aims, strict=True):
            with doing("changing"):
                loading = target.loading(known, packed=said["compression"] is not None)
                made = mutate(name, steps, loading, attestations=attestations)
            emit_content(flush(target.at(made), made, known), made.descriptor)
