"""
`ocikit convert`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit_content
from ocikit.cli.remaking import attestations_option, target_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.mutate.attestations import Attestations


@click.command()
@click.argument("image", shell_complete=places)
@click.option(
    "--to", type=click.Choice(["oci", "docker"]), metavar="oci|docker", help="Change media types."
)
@click.option(
    "--compression",
    metavar="NAME[:LEVEL]",
    help="Compress layers so: gzip, zstd or none; with a level those that are so, too.",
)
@click.option("--squash", is_flag=True, help="Make all layers one.")
@attestations_option
@target_option
@shared_options
def command(
    image: str,
    to: str | None,
    compression: str | None,
    squash: bool,
    attestations: Attestations | None,
    tag: str | None,
) -> None:
    """
    Change the form of IMAGE, or of every image of an index, and nothing that it holds.

    Layers that are compressed as wanted stay byte for byte. Containers see the same files
    and the same configuration. Docker's own registries and engines of before 2020 know
    neither OCI's types nor zstd. Without -t the tag IMAGE itself is overwritten.

    \b
      ocikit convert --to oci --compression zstd r.example/app:1 -t app:zstd
      ocikit convert --to docker --compression gzip oci:out:1 -t app:gzip
      ocikit convert --compression none --squash app:1 -t oci:plain:1
    """
    from ocikit.cli.progress import doing, shown
    from ocikit.cli.targets import aim
    from ocikit.crane.build import mutate
    from ocikit.crane.places import flush

    steps = tuple(_steps(to, compression, squash=squash))
    if not steps:
        raise click.UsageError("say into what: --to, --compression or --squash")
    with shown() as known:
        target = aim(image, known, tag=tag)
        with doing("converting"):
            loading = target.loading(known, packed=compression is not None)
            made = mutate(image, steps, loading, attestations=attestations)
        name = flush(target.at(made), made, known)
    emit_content(name, made.descriptor)


def _steps(
    to: str | None, compression: str | None, *, squash: bool
) -> Iterator[Callable[..., Any]]:
    from ocikit.mutate import flavours
    from ocikit.mutate.steps import Flatten, Recompress, ToDocker, ToOCI

    if squash:
        yield Flatten()
    if to is not None:
        # Images first and one by one, so that their attestations are settled as is wanted.
        yield flavours.docker if to == "docker" else flavours.oci
        yield ToDocker() if to == "docker" else ToOCI()
    if compression is not None:
        yield Recompress(compression, force=":" in compression)
