"""
`ocikit doctor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from ocikit.cli.output import emit, notice
from ocikit.cli.shared import options, shared_options

if TYPE_CHECKING:
    from ocikit.crane.options import Options
    from ocikit.name.records import Registry, Repository
    from ocikit.registry.probing import Checked

#: What comes first in a line, in a colour.
_COLOURS: Final = {"yes": "green", "no": "yellow", "odd": "yellow", "unknown": "bright_black"}


@click.command()
@click.argument("place", metavar="REGISTRY[/REPOSITORY[:TAG]]")
@click.option(
    "--write", is_flag=True, help="Also upload, mount and delete in REPOSITORY, then clean up."
)
@click.option("--limits", is_flag=True, help="With --write, try how large things may be.")
@shared_options
def command(place: str, write: bool, limits: bool) -> None:
    """
    Examine what a registry does, and where it goes its own way.

    Of a registry alone the API, the way to log in and the catalog are looked at; of a
    REPOSITORY also tags, manifests, blobs, ranges and referrers, by its first tag or by
    TAG. Each question is asked once. Nothing is written without --write; with it small
    blobs and a tag `ocikit-doctor-...` are, and are deleted again where the registry
    deletes. A name without a dot, such as localhost/app, is a registry and a repository.

    \b
      ocikit doctor ghcr.io
      ocikit doctor quay.io/me/app:1
      ocikit doctor --write --limits registry.example/scratch
    """
    registry, repository, tag = _place(place)
    if write and repository is None:
        raise click.UsageError("--write: say where, as REGISTRY/REPOSITORY")
    if limits and not write:
        raise click.UsageError("--limits are found out by writing; say --write, too")
    known = options()
    left = 0
    for found in _examined(repository or registry, tag, known, write=write, limits=limits):
        _tell(registry.host, found)
        left += found.left
    if left:
        notice(f"{place}: {left} things that were written for this were not deleted again")


def _place(text: str) -> tuple[Registry, Repository | None, str]:
    from ocikit.crane.located import of_registry
    from ocikit.name.parse import parse_reference, parse_registry
    from ocikit.name.records import Tag

    bare = of_registry(text).removesuffix("/")
    if "/" not in bare:
        return parse_registry(bare), None, ""
    named = parse_reference(bare)
    tagged = ":" in bare.rpartition("/")[2] and isinstance(named, Tag)
    return named.repository.registry, named.repository, named.identifier if tagged else ""


def _examined(
    place: Registry | Repository, tag: str, known: Options, *, write: bool, limits: bool
) -> Iterator[Checked]:
    import secrets

    from ocikit.name.records import Repository
    from ocikit.registry.doctor import examine
    from ocikit.registry.doctor_write import examine_writes

    yield from examine(place, client=known.client, tag=tag)
    if write and isinstance(place, Repository):
        salt = secrets.token_hex(6)
        yield from examine_writes(place, client=known.client, salt=salt, limits=limits)


def _tell(host: str, found: Checked) -> None:
    import sys

    from ocikit.cli.colour import paint

    sign = paint(f"{found.verdict:7}", sys.stdout, fg=_COLOURS[found.verdict])
    emit(
        f"{sign}  {found.name:21}  {found.detail}".rstrip(),
        registry=host,
        check=found.name,
        verdict=found.verdict,
        detail=found.detail,
    )
