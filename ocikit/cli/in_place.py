"""
Where changed images go when nothing says: over themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ocikit._records import evolve
from ocikit.content.image import Index
from ocikit.content.streams import Opener
from ocikit.crane.located import locate
from ocikit.crane.options import Options, read_from
from ocikit.crane.places import load
from ocikit.name.locator import (
    DaemonPlace,
    DockerArchivePlace,
    LayoutArchivePlace,
    LayoutPlace,
    Locator,
    RegistryPlace,
)
from ocikit.name.records import Repository, Tag
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.layout import REF_NAME


def over(image: str, options: Options) -> Locator | Repository:
    """
    Tell where an image is that can be overwritten, before anything is made.

    What is named by digest in a registry cannot be: the new one has another, and goes to
    the same repository by that.

    Raises:
        UsageError: to write over it would take more with it, or leave it there.
    """
    locator = locate(image, options)
    _refuse_to_narrow(image, locator, options)
    match locator:
        case RegistryPlace(reference) if not isinstance(reference, Tag):
            return reference.repository
        case DaemonPlace(name) if not isinstance(name, Tag):
            raise _unclear(image, "an image named by ID cannot be overwritten")
        case LayoutPlace(path, None, _):
            return LayoutPlace(path, _entry_of_layout(image, locator))
        case LayoutArchivePlace(path):
            return LayoutArchivePlace(path, _only_entry(image, read_from(path, options)))
        case DockerArchivePlace(path):
            return DockerArchivePlace(path, _only_tag(image, read_from(path, options)))
        case _:
            return locator


def _refuse_to_narrow(image: str, locator: Locator, options: Options) -> None:
    if options.platforms and isinstance(load(locator, evolve(options, platforms=())), Index):
        names = " and ".join(map(str, options.platforms))
        raise _unclear(image, f"of the index there only {names} would be left")


def _entry_of_layout(image: str, place: LayoutPlace) -> str:
    from ocikit.layout.load import entries
    from ocikit.query.entries import pick

    name = _name(pick(entries(place.path), place.path, None, place.position))
    if name is None:
        raise _unclear(image, "it has no name there under which it could be overwritten")
    return name


def _only_entry(image: str, source: str | Opener) -> str | None:
    from ocikit.tarball.archive import scan
    from ocikit.tarball.exact import index_of

    index = index_of(scan(source)).value
    return _only(image, [_name(entry) for entry in index.manifests])


def _only_tag(image: str, source: str | Opener) -> Tag | None:
    from ocikit.name.parse import parse_reference
    from ocikit.tarball.load import load_all

    names = [tag for tags, _ in load_all(source) for tag in tags or (None,)]
    only = _only(image, names)
    name = None if only is None else parse_reference(only, weak=True)
    return name if isinstance(name, Tag) else None


def _only(image: str, names: Sequence[str | None]) -> str | None:
    if len(names) > 1:
        listed = ", ".join(name or "(unnamed)" for name in names)
        raise _unclear(image, f"the archive would be written anew, and it has {listed}")
    return names[0] if names else None


def _name(entry: Descriptor) -> str | None:
    return entry.annotations.get(REF_NAME)


def _unclear(image: str, why: str) -> click.UsageError:
    return click.UsageError(f"{image}: {why}; say where to write it with -t")
