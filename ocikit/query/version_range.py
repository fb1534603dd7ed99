"""
Ranges of versions, as npm and Cargo write them.

======================  ========================================================
`1.2.3`, `=1.2.3`       that version
`1.2`, `1.2.x`          every version 1.2, as `~1.2`; `*` is every version
`>1.2 >=1 <2 <=2.3`     before and after; a number left out stands for all of them
`!=1.2.3`               every other
`^1.2.3`                to before 2.0.0; `^0.2.3` to before 0.3.0, `^0.0.3` is that one
`~1.2.3`                to before 1.3.0; `~1` to before 2.0.0
`1.2 - 2.3`             `>=1.2 <=2.3`
`A,B` and `A B`         both hold
`A || B`                one of them holds
======================  ========================================================

Prereleases are in only when they are asked for, or are of a version of which the range
names a prerelease itself: `>=1.2.3-rc.1` has 1.2.3-rc.2, and not 1.3.0-rc.1. Where a
range ends before 2.0.0 of its own accord (`^1.2`, `~1`, `<2`) no prerelease of 2.0.0 is in.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final, TypeAlias

from ocikit._records import record
from ocikit._regex import regex
from ocikit.query.versions import Version, VersionInvalid, read_version

#: How long the text of a range may be.
MOST_TEXT: Final = 1000

_NUMBER = r"(?:0|[1-9][0-9]*|[xX*])"
_COMPARED: Final = regex(
    rf"(>=|<=|!=|==|=|>|<|\^|~>|~|)\s*v?({_NUMBER}(?:\.{_NUMBER}){{0,2}})([-+][0-9A-Za-z.+-]*)?"
)
_HYPHEN: Final = regex(r"(\S+)\s+-\s+(\S+)")
_GAP: Final = regex(r"[\s,]*")
_OPEN: Final = frozenset("xX*")

#: Just before a version, or with 1 just after it.
Bound: TypeAlias = tuple[Version, int]

_START: Final[Bound] = (Version(0, 0, 0, release=False), 0)


@record
class Span:
    """
    The versions from one bound to another; with `outside` all but those.
    """

    low: Bound
    #: None for no end.
    high: Bound | None
    #: The version that was written, of which prereleases may be meant; else None.
    named: Version | None = None
    outside: bool = False

    def has(self, version: Version) -> bool:
        """
        Tell whether a version is between the bounds, whatever kind it is of.
        """
        here = (version, 0)
        inside = self.low <= here and (self.high is None or here < self.high)
        return inside != self.outside


@record
class VersionRange:
    """
    Versions that are meant; make it with `parse_range`.
    """

    text: str
    #: In one of these, all have to hold.
    ways: tuple[tuple[Span, ...], ...]

    def has(self, version: Version, *, prereleases: bool = False) -> bool:
        """
        Tell whether a version is meant; `prereleases` says that any may be.
        """
        return any(
            all(span.has(version) for span in way)
            and (version.release or prereleases or _names_one(way, version))
            for way in self.ways
        )


def _names_one(way: tuple[Span, ...], version: Version) -> bool:
    named = (span.named for span in way)
    return any(v is not None and not v.release and v.core == version.core for v in named)


@functools.lru_cache(maxsize=256)
def parse_range(text: str) -> VersionRange:
    """
    Read a range.

    Raises:
        VersionInvalid: it is none.

    >>> meant = parse_range(">=1.2,<2 || ^3.1")
    >>> [meant.has(Version(*core)) for core in [(1, 2, 0), (2, 0, 0), (3, 9, 1)]]
    [True, False, True]
    """
    if len(text) > MOST_TEXT:
        raise VersionInvalid(text=text, reason=f"a range is no longer than {MOST_TEXT} letters")
    return VersionRange(text, tuple(tuple(_way(each, text)) for each in text.split("||")))


def _way(text: str, whole: str) -> Iterator[Span]:
    hyphen = _HYPHEN.fullmatch(text.strip())
    said = f">={hyphen[1]} <={hyphen[2]}" if hyphen else text.strip(" \t\n,")
    position = 0
    while position < len(said) or not position:
        found = _COMPARED.match(said, position)
        gap = _GAP.match(said, found.end()) if found else None
        if not found or not gap or (gap.end() < len(said) and not gap[0]):
            what = f"{said[position:][:40]!r} is no range" if said else "a range is empty; write *"
            reason = f"{what}; they are as >=1.2,<2 or ^1.2 or ~1.2 or 1.2.x"
            raise VersionInvalid(text=whole, reason=reason)
        position = gap.end()
        yield _span(found[1], found[2], found[3] or "", whole)


def _span(operator: str, numbers: str, after: str, whole: str) -> Span:
    given: list[str] = []
    for number in numbers.split("."):
        if number in _OPEN:
            break
        given.append(number)
    filled = ".".join([*given, "0", "0", "0"][:3])
    version = read_version(filled + after)
    if version is None or (after and len(given) < 3):
        reason = f"{numbers}{after} is no version of three numbers, as 1.2.3-rc.1"
        raise VersionInvalid(text=whole, reason=reason)
    return _compared(operator, version, len(given))


def _compared(operator: str, version: Version, given: int) -> Span:
    whole = given == 3
    first = (version, 0) if whole else (_first_of(version), 0)
    last = (version, 1) if whole else _end(version, given)
    match operator:
        case ">":
            # After all versions there is none.
            return Span(last or _START, None, version) if last else Span(_START, _START)
        case ">=":
            return Span(first, None, version)
        case "<":
            return Span(_START, first, version)
        case "<=":
            return Span(_START, last, version)
        case "^":
            leading = next((n for n, number in enumerate(version.core, 1) if number), 3)
            return Span(first, _end(version, min(leading, given)), version)
        case "~" | "~>":
            return Span(first, _end(version, min(2, given)), version)
        case _:
            return Span(first, last, version, outside=operator == "!=")


def _end(version: Version, kept: int) -> Bound | None:
    """
    Where the first `kept` numbers are no longer the same; None when that is never.
    """
    if kept == 0:
        return None
    parts = [*version.core[: kept - 1], version.core[kept - 1] + 1, 0, 0]
    return _first_of(Version(parts[0], parts[1], parts[2])), 0


def _first_of(version: Version) -> Version:
    # A prerelease without parts is before every one that can be written.
    return Version(*version.core, release=False)
