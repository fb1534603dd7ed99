"""
`ocikit validate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli import exits
from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import options, shared_options

if TYPE_CHECKING:
    from ocikit.query.finding import Finding


@click.command()
@click.argument("image", nargs=-1, shell_complete=places)
@click.option("--remote", metavar="IMAGE", multiple=True, help="An image in a registry.")
@click.option("--tarball", metavar="FILE", multiple=True, help="An archive of `docker save`.")
@click.option("--fast", is_flag=True, help="Read documents only, and ask a registry for the rest.")
@shared_options
@click.pass_context
def command(
    context: click.Context,
    image: tuple[str, ...],
    remote: tuple[str, ...],
    tarball: tuple[str, ...],
    fast: bool,
) -> None:
    """
    Find everything that is wrong with each IMAGE, and exit with 1 if anything is.

    IMAGE is any place, and `-` a list of them on stdin. Every layer is read and checked
    unless --fast.

    \b
      ocikit validate debian:12 oci:out:1
      ocikit ls --full-ref r.example/app | ocikit validate --fast -
    """
    from ocikit.cli.many import answers
    from ocikit.crane.read import validate

    known = options()
    places = [*(f"docker-archive:{file}" for file in tarball), *remote, *image]
    if not places:
        raise click.UsageError("name an IMAGE, or use --remote or --tarball")
    failed = False

    def find(place: str) -> tuple[Finding, ...]:
        return validate(place, known, deep=not fast)

    # Reading all of one image takes as many cores as there are for it.
    for place, findings in answers(find, places, known, jobs=None if fast else 1):
        faults = sum(finding.severity == "error" for finding in findings)
        failed = failed or faults > 0
        lines = [f"{'FAIL' if faults else 'PASS'}: {place}", *(f"  {f}" for f in findings)]
        said = [{"severity": f.severity, "where": f.where, "message": f.message} for f in findings]
        emit("\n".join(lines), place=place, ok=not faults, findings=said)
    if failed:
        context.exit(exits.NEGATIVE)
