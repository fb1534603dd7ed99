"""
`ocikit cache`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ocikit.cli.output import emit, notice
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.cache.store import Cache
    from ocikit.cache.upkeep import Entry


@click.group(name="cache")
def command() -> None:
    """
    Look at the cache, and make it smaller.

    It is the folder that --cache or OCIKIT_CACHE names. What comes from registries is
    kept there by digest, and verified whenever it is used. When there is more than
    OCIKIT_CACHE_SIZE, 10G if that is not set, what was used longest ago goes.
    """


@command.command(short_help="Tell how much it holds")
@shared_options
def info() -> None:
    """
    Tell how much the cache holds; as JSON, each thing in it.

    \b
      ocikit cache info --cache ~/.cache/ocikit
    """
    from ocikit.cache.upkeep import entries
    from ocikit.sizes import counted, in_units

    cache = _cache()
    there = entries(cache)
    if shared().output == "json":
        _tell(there)
        return
    total = sum(entry.size for entry in there)
    blobs = counted(len(there), "blob")
    emit(f"{cache.path}\t{blobs}\t{in_units(total)} of {in_units(cache.limit)}")


@command.command(short_help="Delete what was used longest ago")
@click.option("--size", metavar="SIZE", help="Leave so much.  [default: OCIKIT_CACHE_SIZE, or 10G]")
@click.option("--check", is_flag=True, help="Read everything, and delete what is damaged.")
@shared_options
def prune(size: str | None, check: bool) -> None:
    """
    Delete what was used longest ago until the cache is small enough.

    \b
      ocikit cache prune --size 2G
    """
    from ocikit.cache.upkeep import prune
    from ocikit.cli.setup import size_said

    limit = None if size is None else size_said(size, "--size")
    _gone(prune(_cache(), limit, check=check))


@command.command(short_help="Delete everything in it")
@shared_options
def clear() -> None:
    """
    Delete everything in the cache, and nothing else that may be in its folder.

    \b
      ocikit cache clear --cache ~/.cache/ocikit
    """
    from ocikit.cache.upkeep import clear

    _gone(clear(_cache()))


def _cache() -> Cache:
    from ocikit.cli.setup import cache

    found = cache()
    if found is None:
        raise click.UsageError("name the cache: --cache DIR, or set OCIKIT_CACHE")
    return found


def _gone(entries: tuple[Entry, ...]) -> None:
    from ocikit.sizes import counted, in_units

    _tell(entries)
    total = in_units(sum(entry.size for entry in entries))
    notice(f"deleted {counted(len(entries), 'blob')}, {total}")


def _tell(entries: Iterable[Entry]) -> None:
    for entry in entries:
        emit(
            f"{entry.digest}\t{entry.size}",
            digest=str(entry.digest),
            size=entry.size,
            used=entry.used,
        )
