"""
Which tags of a repository are meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, TypeAlias

import attrs

from ocikit._records import EMPTY, record
from ocikit._regex import regex
from ocikit.errors import Invalid, OciError
from ocikit.query.pattern import pattern
from ocikit.query.version_range import parse_range
from ocikit.query.versions import Version, read_version

#: By which of two tags the newer is told.
Order: TypeAlias = Literal["semver", "natural", "time"]
ORDERS: Final[tuple[Order, ...]] = ("semver", "natural", "time")

_DIGITS: Final = regex(r"([0-9]+)")


@attrs.frozen(kw_only=True)
class FilterInvalid(Invalid):
    """
    A filter of tags cannot be.
    """

    field: str
    reason: str

    def __str__(self) -> str:
        return f"filter of tags, {self.field}: {self.reason}"


@attrs.frozen(kw_only=True)
class TimeMissing(Invalid):
    """
    Tags are to be in the order of their times, and some have none.
    """

    tags: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(self.tags[:5]) + (", …" if len(self.tags) > 5 else "")
        return f"{shown}: the newest are wanted by time, and no time is given; give one for each"


@record(kw_only=True)
class TagFilter:
    """
    Which tags are meant. What is said works in this order, whatever order it is written in:

    1. `exclude`, `exclude_regex`: what matches one is out, for good;
    2. `keep`: what matches one is in, whatever comes after;
    3. `include`, `include_regex`: of the rest, what matches none is out, if there are any;
    4. `semver`: what is no version in the range is out;
    5. `newest`: all but so many of what is left are out. What `keep` keeps does not count.

    Without anything said every tag is meant. Prereleases are no versions in a range, and
    none of the newest in the order of semver, unless `prereleases` or the range asks for
    them.

    Raises:
        FilterInvalid: a pattern, a range, a number or an order is none.

    >>> releases = TagFilter(semver=">=1.2,<2", newest=2, keep=("latest",))
    >>> select(releases, ["latest", "1.1.9", "1.2.0", "1.10.0", "1.3.0", "1.11.0-rc.1"])
    ('latest', '1.10.0', '1.3.0')
    """

    #: Globs of whole tags: `*`, `?`, `[...]`; case counts.
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    #: Regular expressions that match whole tags; see `ocikit.query.pattern` for what they
    #: may have. They cannot hang.
    include_regex: tuple[str, ...] = ()
    exclude_regex: tuple[str, ...] = ()
    #: Globs of tags that are meant in any case.
    keep: tuple[str, ...] = ()
    #: A range of versions, see `ocikit.query.version_range`; empty for any tag.
    semver: str = ""
    #: Whether versions before a release count as versions.
    prereleases: bool = False
    #: Whether tags as `1` and `1.2` count as the versions `1.0.0` and `1.2.0`.
    short: bool = False
    #: How many of the newest are meant; all when None.
    newest: int | None = None
    #: What is newer: the greater version (other tags are out then), what comes later in the
    #: natural order of text (`r9` before `r10`), or what has the later time.
    order: Order = "semver"

    def __attrs_post_init__(self) -> None:
        for field in ("include_regex", "exclude_regex"):
            for text in getattr(self, field):
                _check(field, pattern, text)
        if self.semver:
            _check("semver", parse_range, self.semver)
        if self.newest is not None and self.newest < 1:
            reason = f"{self.newest} tags are none; give 1 or more, or leave it out for all"
            raise FilterInvalid(field="newest", reason=reason)
        if self.order not in ORDERS:
            reason = f"{self.order!r} is no order; give {', '.join(ORDERS)}"
            raise FilterInvalid(field="order", reason=reason)


#: Every tag.
EVERY: Final = TagFilter()


def select(
    filter: TagFilter, tags: Iterable[str], *, times: Mapping[str, float] = EMPTY
) -> tuple[str, ...]:
    """
    Give the tags that are meant, each once, in the order in which they are given.

    To select of what was selected gives the same again.

    Args:
        filter: what is meant.
        tags: the tags of a repository, in any order.
        times: when each was made or changed, in any unit that rises; only for the order
            of time.

    Raises:
        TimeMissing: the order is that of time, and a tag to be ordered has none.

    >>> select(TagFilter(include=("v*",), exclude_regex=(r".*-rc\\d+",)), ["v1", "v2-rc1", "x"])
    ('v1',)
    """
    given = tuple(dict.fromkeys(tags))
    covered = covers(filter, given)
    kept = {tag for tag in covered if _any(filter.keep, (), tag)}
    meant = [tag for tag in covered if _included(filter, tag) and _in_range(filter, tag)]
    if filter.newest is not None:
        meant = sorted(meant, key=_age(filter, meant, times))[-filter.newest :]
    wanted = kept.union(meant)
    return tuple(tag for tag in given if tag in wanted)


def covers(filter: TagFilter, tags: Iterable[str]) -> tuple[str, ...]:
    """
    Give the tags that a filter is about: all that it selects, and those that are only too old
    for it. The others are none of its business, and nobody may delete them in its name.

    >>> covers(TagFilter(include=("r*",), newest=1, order="natural"), ["r1", "r2", "x"])
    ('r1', 'r2')
    """
    return tuple(
        tag
        for tag in dict.fromkeys(tags)
        if not _any(filter.exclude, filter.exclude_regex, tag)
        and (_any(filter.keep, (), tag) or (_included(filter, tag) and _in_range(filter, tag)))
    )


def natural(text: str) -> tuple[Any, ...]:
    """
    Give the key by which text is in natural order: runs of digits are numbers.

    >>> sorted(["r10", "r9", "r9a", "q"], key=natural)
    ['q', 'r9', 'r9a', 'r10']
    """
    # Text and numbers take turns, so that like is compared with like; the text itself
    # tells 01 from 1. Numbers of any length, without their value.
    parts = _DIGITS.split(text)
    parts[1::2] = [part.lstrip("0") for part in parts[1::2]]
    numbered = tuple(p if n % 2 == 0 else (len(p), p) for n, p in enumerate(parts))
    return numbered, text


def _any(globs: tuple[str, ...], expressions: tuple[str, ...], tag: str) -> bool:
    # The globs of Python's own do not go back to try again.
    return any(fnmatchcase(tag, glob) for glob in globs) or any(
        pattern(text).matches(tag) for text in expressions
    )


def _included(filter: TagFilter, tag: str) -> bool:
    if not (filter.include or filter.include_regex):
        return True
    return _any(filter.include, filter.include_regex, tag)


def _by_version(filter: TagFilter) -> bool:
    return bool(filter.semver) or (filter.newest is not None and filter.order == "semver")


def _in_range(filter: TagFilter, tag: str) -> bool:
    if not _by_version(filter):
        return True
    version = read_version(tag, short=filter.short)
    if version is None:
        return False
    return parse_range(filter.semver or "*").has(version, prereleases=filter.prereleases)


def _age(
    filter: TagFilter, tags: Iterable[str], times: Mapping[str, float]
) -> Callable[[str], Any]:
    if filter.order == "time":
        missing = tuple(tag for tag in tags if tag not in times)
        if missing:
            raise TimeMissing(tags=missing)
        return lambda tag: (times[tag], natural(tag))
    if filter.order == "semver":
        return lambda tag: (_version(filter, tag), natural(tag))
    return natural


def _version(filter: TagFilter, tag: str) -> Version:
    found = read_version(tag, short=filter.short)
    # Only versions are left when it is their order that counts.
    assert found is not None
    return found


def _check(field: str, read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except OciError as error:
        raise FilterInvalid(field=field, reason=str(error)) from error
