"""
`ocikit man`.
"""

from __future__ import annotations

import os

import click

from ocikit.cli.output import emit
from ocikit.cli.shared import shared_options


@click.command()
@click.argument("dir", required=False)
@shared_options
@click.pass_context
def command(context: click.Context, dir: str | None) -> None:
    """
    Write a manual page for each command and topic into DIR, or that of ocikit to stdout.

    They go into man1 and man7 below DIR, where man(1) looks for them.

    \b
      ocikit man | man -l -
      ocikit man ~/.local/share/man
    """
    from ocikit.cli.manpages import pages
    from ocikit.cli.program import cli

    root = click.Context(cli, info_name="ocikit")
    if dir is None:
        click.echo(next(pages(root))[1], nl=False)
        return
    from ocikit.files.atomic import write

    for name, page in pages(root):
        folder = os.path.join(dir, f"man{name[-1]}")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, name)
        write(path, page.encode())
        emit(path, path=path)
