"""
`ocikit registry gc` and `ocikit registry fsck`.
"""

from __future__ import annotations

from datetime import timedelta

import click

from ocikit.cli import exits
from ocikit.cli.ages import younger_stays
from ocikit.cli.collecting import described, line_of
from ocikit.cli.existing import Existing
from ocikit.cli.output import emit, notice
from ocikit.cli.shared import shared_options
from ocikit.sizes import counted


@click.command(short_help="Remove what nothing refers to")
@click.argument("path", type=Existing(file_okay=False))
@click.option("--untagged", is_flag=True, help="Remove manifests that no tag leads to, as well.")
@younger_stays("Only what was pushed or found longer ago, as 30d or 12h.", default="1h")
@click.option("--dry-run", is_flag=True, help="Tell what would be removed, and remove nothing.")
@shared_options
def gc(path: str, untagged: bool, older_than: timedelta, dry_run: bool) -> None:
    """
    Remove what no manifest refers to from the folder of a registry.

    What it removes is listed, one a line. The registry must not be served meanwhile:
    one that is served collects by itself with --gc-every.

    \b
      ocikit registry gc --untagged --dry-run /srv/registry
    """
    from ocikit.server.disk.storage import Disk
    from ocikit.server.garbage import collect

    with Disk(path) as storage:
        grace = older_than.total_seconds()
        removed = collect(storage, grace=grace, untagged=untagged, dry_run=dry_run)
    for each in removed:
        emit(line_of(each), **described(each))
    freed = sum(each.size for each in removed if each.kind in ("content", "upload"))
    notice(f"{'would free' if dry_run else 'freed'} {counted(freed, 'byte')}")


@click.command(short_help="Find what is damaged, and repair it")
@click.argument("path", type=Existing(file_okay=False))
@click.option("--repair", is_flag=True, help="Set aside what is damaged, make anew what can be.")
@shared_options
@click.pass_context
def fsck(context: click.Context, path: str, repair: bool) -> None:
    """
    Read everything in the folder of a registry, and list all that is wrong.

    It exits with 1 when something is, and was not put right.

    \b
      ocikit registry fsck --repair /srv/registry
    """
    from ocikit.server.disk.fsck import fsck as look

    found = look(path, repair)
    for each in found:
        done = " (repaired)" if each.repaired else ""
        emit(
            f"{each.kind} {each.path}: {each.text}{done}",
            kind=each.kind,
            path=each.path,
            repository=each.repository,
            digest=None if each.digest is None else str(each.digest),
            problem=each.text,
            repaired=each.repaired,
        )
    if not all(each.repaired for each in found):
        context.exit(exits.NEGATIVE)
