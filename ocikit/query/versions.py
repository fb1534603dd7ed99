"""
Semantic versions, as semver.org has them (version 2.0.0).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.errors import Invalid

_NUMBER = r"0|[1-9][0-9]*"
_WORD = rf"(?:{_NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_AFTER = rf"(?:-({_WORD}(?:\.{_WORD})*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"
_VERSION: Final = regex(rf"v?({_NUMBER})\.({_NUMBER})\.({_NUMBER}){_AFTER}")
_SHORT: Final = regex(rf"v?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?{_AFTER}")
#: How long the text of a version may be; the specification sets no bound, and advises one.
MOST_TEXT: Final = 255

#: A part of a prerelease: numbers before words, each in its own order.
Part: TypeAlias = tuple[int, int, str]


@attrs.frozen(kw_only=True)
class VersionInvalid(Invalid):
    """
    A text is no semantic version, or no range of them.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.text[:80]!r}: {self.reason}"


@record(order=True)
class Version:
    """
    A version; they are in the order of semver.org, section 11, and equal when neither is first.

    What is built of it (`+...`) has no say in that, and is not kept.

    >>> parse_version("1.0.0-rc.2") < parse_version("v1.0.0-rc.10") < parse_version("1.0.0")
    True
    """

    major: int
    minor: int
    patch: int
    #: Whether it is a release; a prerelease is before it.
    release: bool = True
    prerelease: tuple[Part, ...] = ()

    @property
    def core(self) -> tuple[int, int, int]:
        """
        What it is, or is to be, a version of.
        """
        return self.major, self.minor, self.patch


def read_version(text: str, *, short: bool = False) -> Version | None:
    """
    Read a version, or give None when it is none.

    Args:
        text: as `1.2.3-rc.1+build`; a `v` may be in front.
        short: whether `1` and `1.2` count as `1.0.0` and `1.2.0`.

    >>> read_version("1.2.3-rc.1").core, read_version("1.02.3"), read_version("1.2")
    ((1, 2, 3), None, None)
    >>> read_version("1.2", short=True) == read_version("1.2.0")
    True
    """
    found = (_SHORT if short else _VERSION).fullmatch(text) if len(text) <= MOST_TEXT else None
    if found is None:
        return None
    major, minor, patch, before, _ = found.groups()
    return Version(
        int(major),
        int(minor or 0),
        int(patch or 0),
        before is None,
        tuple(map(_part, before.split("."))) if before else (),
    )


def parse_version(text: str) -> Version:
    """
    Read a version.

    Raises:
        VersionInvalid: it is none.
    """
    found = read_version(text)
    if found is None:
        reason = "it is no version of three numbers, as 1.2.3 or v1.2.3-rc.1"
        raise VersionInvalid(text=text, reason=reason)
    return found


def _part(text: str) -> Part:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)
