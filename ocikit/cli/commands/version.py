"""
`ocikit version`.
"""

from __future__ import annotations

import click

from ocikit import __version__
from ocikit.cli.output import emit
from ocikit.cli.shared import shared_options


@click.command()
@shared_options
def command() -> None:
    """
    Print the version; as JSON, also that of the members of results.

    \b
      ocikit version --output json
    """
    from ocikit.cli.schemas import VERSION

    emit(__version__, version=__version__, output=VERSION)
