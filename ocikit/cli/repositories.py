"""
Commands over all repositories below a name, or of a registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ocikit.cli import exits
from ocikit.cli.among import named
from ocikit.cli.output import emit, notice
from ocikit.google.listed import Listed, Listing, as_json
from ocikit.google.walking import Unlisted, read_place, walk
from ocikit.sizes import counted

if TYPE_CHECKING:
    from ocikit.bulk.lacking import Lack, Need
    from ocikit.bulk.outcome import Failed, Ok
    from ocikit.crane.options import Options
    from ocikit.google.listing import Want
    from ocikit.query.tagged import TagFilter

T = TypeVar("T")


class Failures:
    """
    What failed of many things; it is told at once, and the rest goes on.
    """

    def __init__(self) -> None:
        self._first: BaseException | None = None

    def tell(self, error: BaseException) -> None:
        """
        Tell of an error, and remember the first.
        """
        exits.report(error)
        self._first = self._first or error

    def end(self) -> None:
        """
        End the command with the exit code of the first failure, if there was one.
        """
        from ocikit.bulk.repository_copy import CopiesFailed

        error = self._first
        if isinstance(error, CopiesFailed):
            error = error.failures[0][1]
        if error is not None:
            raise click.exceptions.Exit(exits.code_of(error))


def done(outcomes: Iterable[Ok[str, T] | Failed[str]]) -> Iterator[T]:
    """
    Give what went well; the rest is told, and decides the exit code at the end.
    """
    from ocikit.bulk.outcome import Ok

    failures = Failures()
    for outcome in outcomes:
        if isinstance(outcome, Ok):
            yield outcome.value
        else:
            failures.tell(outcome.error)
    failures.end()


def list_all(
    places: Iterable[str], known: Options, want: Want, *, recursive: bool, raw: bool
) -> None:
    """
    List repositories with their manifests, as gcrane does.

    Args:
        places: repositories; with `recursive` registries as well.
        known: how to reach them.
        want: how much shall be known of manifests.
        recursive: whether those below are listed, each after the other.
        raw: print a line of JSON for each repository, in Google's form.
    """
    failures = Failures()
    for text in places:
        place = read_place(text, weak=known.weak)
        among = None if recursive else [text.removeprefix("docker://")]
        for found in walk(place, client=known.client, want=want, repositories=among):
            if isinstance(found, Unlisted):
                failures.tell(found.error)
            elif raw:
                _print_raw(found)
            else:
                _print(found, children=not recursive)
    failures.end()


def _print_raw(listing: Listing) -> None:
    import sys

    from ocikit.spec.gojson import dumps

    sys.stdout.flush()
    sys.stdout.buffer.write(dumps(as_json(listing)) + b"\n")
    sys.stdout.buffer.flush()


def _print(listing: Listing, *, children: bool) -> None:
    name = str(listing.repository)
    if children:
        for child in listing.children:
            emit(f"{name}/{child}", repository=f"{name}/{child}")
    for each in listing.manifests:
        emit(f"{name}@{each.digest}", **manifest_members(listing, each))
        for tag in each.tags:
            # As members they are told with the manifest.
            _emit_text(f"{name}:{tag}")
    known = {tag for each in listing.manifests for tag in each.tags}
    for tag in listing.tags:
        if tag not in known:
            emit(f"{name}:{tag}", repository=name, tag=tag)


def _emit_text(text: str) -> None:
    from ocikit.cli.shared import shared

    said = shared()
    if said.output != "json" and not said.format:
        emit(text)


def manifest_members(listing: Listing, listed: Listed) -> dict[str, Any]:
    """
    Give what JSON says of a manifest; times as in RFC 3339.
    """
    moments = {"created": listed.created, "uploaded": listed.uploaded}
    return {
        "repository": str(listing.repository),
        "digest": str(listed.digest),
        "tags": list(listed.tags),
        "mediaType": listed.media_type or None,
        "size": listed.size,
        **{name: None if each is None else each.isoformat() for name, each in moments.items()},
    }


def copy_all(
    source: str,
    target: str,
    known: Options,
    *,
    tags: TagFilter,
    clobber: bool,
    referrers: bool,
    among: str | None,
    journal: str | None,
    dry_run: bool,
) -> None:
    """
    Copy all repositories below a name, or tell what would be copied.
    """
    from ocikit.bulk.recursive import copy_recursive

    outcomes = copy_recursive(
        source,
        target,
        known,
        tags=tags,
        clobber=clobber,
        referrers=referrers,
        among=named(among),
        dry_run=dry_run,
        journal=journal,
    )
    repositories = manifests = 0
    try:
        for lack in done(outcomes):
            repositories += bool(lack.needs)
            manifests += len(lack.needs)
            _tell(lack, planned=dry_run)
    finally:
        told = counted(manifests, "manifest"), counted(repositories, "repository")
        notice(f"{' of '.join(told)} {'would be copied' if dry_run else 'copied'}")


def _tell(lack: Lack, *, planned: bool) -> None:
    for need in lack.needs:
        for name in _names(need):
            emit(
                f"{need.source} -> {name}" if planned else name,
                source=str(need.source),
                target=name,
                reference=str(need.target.pin(need.source.digest)),
                **({"mediaType": need.media_type} if need.media_type else {}),
            )


def _names(need: Need) -> Iterator[str]:
    yield from (f"{need.target}:{tag}" for tag in need.tags)
    if not need.tags:
        yield str(need.target.pin(need.source.digest))
