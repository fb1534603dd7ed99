"""
`ocikit mutate`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ocikit.cli.output import emit_content
from ocikit.cli.remaking import attestations_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.mutate.attestations import Attestations

F = TypeVar("F", bound=Callable[..., Any])


def _many(*names: str, help: str, metavar: str = "KEY") -> Callable[[F], F]:
    return click.option(*names, help=help, metavar=metavar, multiple=True)


@click.command()
@click.argument("image", nargs=-1, required=True)
@_many("-a", "--annotation", metavar="KEY=VALUE", help="Set an annotation.")
@_many("-l", "--label", metavar="KEY=VALUE", help="Set a label.")
@_many("-e", "--env", metavar="KEY=VALUE", help="Set an environment variable.")
@_many("--remove-annotation", help="Remove an annotation.")
@_many("--remove-label", help="Remove a label.")
@_many("--remove-env", help="Remove an environment variable.")
@_many("--entrypoint", metavar="WORDS", help="Set the entrypoint, and clear the command.")
@_many("--cmd", metavar="WORDS", help="Set the command; '' removes it.")
@click.option("-u", "--user", help="Set the user; '' removes it.")
@click.option("-w", "--workdir", metavar="PATH", help="Set the working directory; '' removes it.")
@_many("--exposed-ports", metavar="PORTS", help="Replace the exposed ports; '' removes them.")
@_many("--volumes", metavar="PATHS", help="Replace the volumes; '' removes them.")
@click.option("--stop-signal", metavar="SIGNAL", help="Set the stop signal; '' removes it.")
@click.option("--author", help="Set the author; '' removes it.")
@click.option("--created", metavar="TIME", help="Set the time of creation (RFC 3339).")
@click.option("--set-platform", metavar="OS/ARCH", help="Say another platform.")
@_many("--append", metavar="PATH", help="Append a layer first, as `ocikit append` does.")
@click.option("--repo", metavar="REPOSITORY", help="Push by digest there.")
@click.option("-t", "--tag", metavar="IMAGE", help="Where to write it.  [default: over IMAGE]")
@click.option(
    "-o",
    "--output",
    metavar="FILE|json",
    help="Write an archive to FILE instead; `text` or `json` say how results are printed.",
)
@attestations_option
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
    Change images, or every image of an index; annotations go to the index itself.

    Without -t, -o or --repo the tag IMAGE itself is overwritten; one named by digest is
    pushed by its new digest. WORDS, PORTS and PATHS are lists: with commas, repeated, or
    as JSON.

    \b
      ocikit mutate -l team=infra -e MODE=prod registry.example/app:1
      ocikit mutate --entrypoint /app/run --remove-env DEBUG -t oci:out:1 app:1
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
            steps = changes(said)
        aims = [aim(name, known, tag=tag, file=file, repository=repo) for name in image]
        for name, target in zip(image, aims, strict=True):
            made = mutate(name, steps, known, attestations=attestations)
            emit_content(flush(target.at(made), made, known), made.descriptor)
