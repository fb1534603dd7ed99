"""
`ocikit catalog`.
"""

from __future__ import annotations

import click

from ocikit.cli.output import emit_all
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("registry", nargs=-1, required=True)
@click.option("--full-ref", is_flag=True, help="Print REGISTRY/REPOSITORY.")
@shared_options
def command(registry: tuple[str, ...], full_ref: bool) -> None:
    """
    List the repositories of each REGISTRY, one a line. Not every registry tells.

    \b
      ocikit catalog localhost:5000
      ocikit catalog --full-ref localhost:5000 | ocikit ls --full-ref -
    """
    from ocikit.crane.read import catalog

    known = options()
    for host in registry:
        before = f"{host}/" if full_ref else ""
        found = catalog(host, known)
        emit_all((before + path, {"registry": host, "repository": path}) for path in found)
