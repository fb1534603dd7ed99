"""
`ocikit explain`.
"""

from __future__ import annotations

import click

from ocikit.cli import exits
from ocikit.cli.completing import places
from ocikit.cli.shared import shared_options


@click.command()
@click.argument("left", shell_complete=places)
@click.argument("right", shell_complete=places)
@shared_options
@click.pass_context
def command(context: click.Context, left: str, right: str) -> None:
    """
    Tell the first cause why the digests of LEFT and RIGHT differ, and exit with 1.

    Where they are equal nothing is told. The cause is sought from the index down to the
    header of a file in a layer, and to how layers are compressed.

    \b
      ocikit explain app:1 app:2
      ocikit explain --platform linux/arm64 oci:first:1 oci:second:1
    """
    from ocikit.cli.differences import tell_cause
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.differ import explain

    with shown() as known, doing("comparing"):
        found = explain(left, right, known)
    if found is not None:
        tell_cause(found)
        context.exit(exits.NEGATIVE)
