"""
`ocikit gc`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from ocikit.cli.ages import Age
from ocikit.cli.among import among_option, named
from ocikit.cli.output import emit, notice
from ocikit.cli.shared import options, shared_options
from ocikit.query.tagged import ORDERS
from ocikit.sizes import counted

if TYPE_CHECKING:
    from ocikit.bulk.recursive import Collected
    from ocikit.google.garbage import Retention


@click.command()
@click.argument("repository")
@click.option("-r", "--recursive", is_flag=True, help="Look at all repositories below as well.")
@among_option
@click.option(
    "--older-than",
    type=Age(),
    metavar="AGE",
    default="1h",
    show_default=True,
    help="Only what is older, as 30d or 12h; 0 is any age. Pushes under way have what is young.",
)
@click.option(
    "--tags", metavar="GLOB", multiple=True, help="Tags like this may go, too; repeatable."
)
@click.option("--tags-regex", metavar="REGEX", multiple=True, help="And tags like this.")
@click.option("--exclude-tags", metavar="GLOB", multiple=True, help="Tags like this stay.")
@click.option(
    "--keep",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help="The newest N of the tags that may go stay, in each repository.",
)
@click.option(
    "--order",
    type=click.Choice(ORDERS),
    default="time",
    show_default=True,
    help="By which of two tags the newer is told; by semver only versions go.",
)
@click.option(
    "--delete/--dry-run", default=False, help="Delete it, or only tell.  [default: only tell]"
)
@shared_options
def command(
    repository: str,
    recursive: bool,
    among: str | None,
    older_than: timedelta,
    tags: tuple[str, ...],
    tags_regex: tuple[str, ...],
    exclude_tags: tuple[str, ...],
    keep: int,
    order: str,
    delete: bool,
) -> None:
    """
    Find in REPOSITORY what nobody needs, and with --delete delete it.

    That are manifests to which no tag leads, unless a tagged index lists them, or they
    are about something that stays, as signatures are. With --tags it is these tags as well,
    and what they alone lead to. With -r a registry may be named.

    Google's registries list manifests without a tag. Of others is seen only what goes with
    a tag.

    \b
      ocikit gc gcr.io/project/app
      ocikit gc -r gcr.io/project --older-than 30d --delete
      ocikit gc r.example/app --tags 'ci-*' --keep 10 --older-than 2w
    """
    from ocikit.bulk.recursive import collect
    from ocikit.cli.repositories import Failures, done
    from ocikit.google.walking import read_place
    from ocikit.name.records import Registry

    known = options()
    if (among is not None and not recursive) or (
        not recursive and isinstance(read_place(repository, weak=known.weak), Registry)
    ):
        raise click.UsageError("all repositories of a registry, or of a list, are meant with -r")
    retention = _retention(older_than, tags, tags_regex, exclude_tags, keep, order)
    outcomes = collect(
        repository,
        known,
        retention=retention,
        delete=delete,
        recursive=recursive,
        among=named(among),
    )
    told, failures = _Told(delete), Failures()
    try:
        for found in done(outcomes):
            told.tell(found)
            for each in found.removal.failed if found.removal is not None else ():
                failures.tell(each.error)
    finally:
        told.end()
    failures.end()


def _retention(
    older_than: timedelta,
    tags: tuple[str, ...],
    tags_regex: tuple[str, ...],
    exclude_tags: tuple[str, ...],
    keep: int,
    order: str,
) -> Retention:
    from ocikit.google.garbage import Retention
    from ocikit.query.tagged import TagFilter

    filtered = bool(tags or tags_regex)
    if (keep or exclude_tags) and not filtered:
        # All tags are a lot to mean by saying nothing.
        raise click.UsageError("say which tags may go at all: --tags '*' are all")
    wanted = TagFilter(include=tags, include_regex=tags_regex, exclude=exclude_tags)
    return Retention(
        tags=wanted if filtered else None,
        keep=keep,
        order=next(each for each in ORDERS if each == order),
        before=_before(older_than),
    )


def _before(older_than: timedelta) -> datetime | None:
    if not older_than:
        return None
    try:
        return datetime.now(UTC) - older_than
    except OverflowError:
        # Nothing is older than the calendar.
        return datetime.min.replace(tzinfo=UTC)


class _Told:
    """
    What was told, and what is said of it in the end.
    """

    def __init__(self, delete: bool) -> None:
        self._delete = delete
        self._manifests = self._tags = self._ageless = self._blind = 0

    def tell(self, found: Collected) -> None:
        """
        Print what of a repository goes: manifests with their tags, and tags alone.
        """
        from ocikit.cli.repositories import manifest_members

        garbage, gone = found.garbage, found.removal or found.garbage
        name = str(garbage.listing.repository)
        for each in gone.manifests:
            tags = "".join(f"\t{tag}" for tag in each.tags)
            members = manifest_members(garbage.listing, each)
            emit(f"{name}@{each.digest}{tags}", **members, deleted=self._delete)
        for tag in gone.tags:
            emit(f"{name}:{tag}", repository=name, tag=tag, deleted=self._delete)
        self._manifests += len(gone.manifests)
        self._tags += len(gone.tags)
        self._ageless += garbage.ageless
        self._blind += not garbage.listing.extended

    def end(self) -> None:
        """
        Say how much it was, and what could not be known.
        """
        verb = "deleted" if self._delete else "would delete, with --delete:"
        manifests, tags = counted(self._manifests, "manifest"), counted(self._tags, "tag")
        notice(f"{verb} {manifests}, and {tags} alone")
        if self._ageless:
            stay = "stays" if self._ageless == 1 else "stay"
            notice(f"{self._ageless} {stay} whose age nobody knows; --older-than 0 takes any age")
        if self._blind:
            which, verb = counted(self._blind, "repository"), "does" if self._blind == 1 else "do"
            notice(
                f"{which} {verb} not list manifests without a tag; only what goes with a tag "
                "(--tags) is seen there"
            )
