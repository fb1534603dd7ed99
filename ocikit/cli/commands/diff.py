"""
`ocikit diff`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ocikit.cli import exits
from ocikit.cli.completing import places
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.query.difference import Ignore


@click.command()
@click.argument("left", shell_complete=places)
@click.argument("right", shell_complete=places)
@click.option(
    "--ignore",
    "names",
    multiple=True,
    metavar="NAME",
    help="Leave out differences of this kind; repeatable.",
)
@click.option("--ignore-path", "paths", multiple=True, metavar="GLOB", help="Leave out files.")
@click.option("--no-files", is_flag=True, help="Read documents only, and no layer.")
@click.option(
    "--files-only", is_flag=True, help="Compare the files that containers see, in any layers."
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write a page of pictures of what differs instead of lines; - is stdout.",
)
@shared_options
@click.pass_context
def command(
    context: click.Context,
    left: str,
    right: str,
    names: tuple[str, ...],
    paths: tuple[str, ...],
    no_files: bool,
    files_only: bool,
    html: str | None,
) -> None:
    """
    Tell all that differs between LEFT and RIGHT, and exit with 1 if anything does.

    Documents are compared member by member, layers file by file. What is the same by
    digest is not read. Of an index all platforms are compared, each with its own.

    \b
      ocikit diff debian:12.1 debian:12.2 --platform linux/amd64
      ocikit diff --ignore semantic --ignore-path 'var/cache/**' app:1 oci:out:1
      ocikit diff --files-only app:1 app:flat
      ocikit diff --html page.html app:1 app:2

    \b
    NAME is one of times, history, file-order, tar-format, mode-bits, paths,
    names, compression, spelling; semantic for all of these; annotations, owners,
    digests.
    """
    from ocikit.cli.differences import ignores, tell
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.differ import diff

    if no_files and files_only:
        raise click.UsageError("--no-files and --files-only leave nothing to compare")
    ignore = ignores(names, paths)
    if html is not None:
        if files_only:
            raise click.UsageError("--files-only is for lines; a page of --html has it all")
        if _pictured(html, left, right, ignore, files=not no_files):
            context.exit(exits.NEGATIVE)
        return
    with shown() as known, doing("comparing"):
        found = diff(left, right, known, ignore=ignore, files=not no_files, trees=files_only)
    for difference in found:
        tell(difference)
    if found:
        context.exit(exits.NEGATIVE)


def _pictured(path: str, left: str, right: str, ignore: Sequence[Ignore], *, files: bool) -> bool:
    """
    Write a page, and tell whether the digests differ.
    """
    from ocikit.cli.pictures import write_page
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.looking import changes

    with shown() as known, doing("comparing"):
        found = changes(left, right, known, ignore=ignore, files=files)
    write_page(path, f"{left} and {right}", [found])
    return found.before != found.after
