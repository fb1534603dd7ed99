"""
Predicates over differences: which of them are not to be told.

They are records that are called: they print, compare and pickle. Any function from a
difference to a bool serves as well. `PRESETS` has them by name.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from ocikit._records import FrozenMap, record
from ocikit.query.difference import Difference, Ignore, Level

_DOCUMENTS: Final[tuple[Level, ...]] = ("index", "manifest", "config")


@record
class OfField:
    """
    Matches a field by a regular expression, at some levels, or at any.
    """

    pattern: str
    levels: tuple[Level, ...] = ()

    @functools.cached_property
    def _matches(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.DOTALL)

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether the whole field matches.
        """
        here = not self.levels or difference.level in self.levels
        return here and self._matches.fullmatch(difference.field) is not None


@record
class OfFile:
    """
    Matches files by a glob of their path.
    """

    pattern: str

    @functools.cached_property
    def _matches(self) -> re.Pattern[str]:
        from ocikit.tree.globs import expression

        return expression(self.pattern)

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether the difference is one of such a file.
        """
        return (
            difference.level == "file" and self._matches.fullmatch(difference.path[-1]) is not None
        )


@record
class Within:
    """
    Matches what lies within a path, or is at its end.
    """

    path: tuple[str, ...]

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether the path of the difference begins with this one.
        """
        return difference.path[: len(self.path)] == self.path


@record
class OnBothSides:
    """
    Matches what is on both sides, and differs.
    """

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether neither side has nothing.
        """
        return difference.left is not None and difference.right is not None


@record
class RedundantModeBits:
    """
    Matches modes that differ in bits that only repeat the kind of the file.
    """

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether the permissions are the same.
        """
        left, right = difference.left, difference.right
        if difference.level != "file" or difference.field != "mode":
            return False
        return None not in (left, right) and _permissions(left) == _permissions(right)


@record
class AllOf:
    """
    Matches what all of some predicates match.
    """

    ignores: tuple[Ignore, ...]

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether all predicates match; true when there are none.
        """
        return all(ignore(difference) for ignore in self.ignores)


@record
class AnyOf:
    """
    Matches what one of some predicates matches.
    """

    ignores: tuple[Ignore, ...]

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether one predicate matches; false when there are none.
        """
        return any(ignore(difference) for ignore in self.ignores)


@record
class Not:
    """
    Matches what a predicate does not match.
    """

    ignore: Ignore

    def __call__(self, difference: Difference) -> bool:
        """
        Tell whether the predicate does not match.
        """
        return not self.ignore(difference)


def field(pattern: str, *levels: Level) -> OfField:
    """
    Ignore a field by a regular expression for all of it, at some levels, or at any.

    >>> field(r"annotations\\..*", "manifest")
    OfField(pattern='annotations\\\\..*', levels=('manifest',))
    """
    return OfField(pattern, levels)


def files(pattern: str) -> OfFile:
    """
    Ignore files by a glob of their path, in layers and trees: `var/cache/**`.

    >>> cache = Difference("file", ("layer 1", "var/cache/x"), "content", "1", "2")
    >>> files("var/cache/**")(cache)
    True
    """
    return OfFile(pattern)


def within(*path: str) -> Within:
    """
    Ignore what lies within a path, such as "linux/arm64" or "linux/arm64", "layer 2".
    """
    return Within(path)


def all_of(*ignores: Ignore) -> AllOf:
    """
    Ignore what all of these match.
    """
    return AllOf(ignores)


def any_of(*ignores: Ignore) -> AnyOf:
    """
    Ignore what one of these matches.
    """
    return AnyOf(ignores)


def not_(ignore: Ignore) -> Not:
    """
    Ignore all but what this matches.
    """
    return Not(ignore)


def _permissions(mode: str | None) -> int:
    return int((mode or "").strip('"'), 8) & 0o7777


#: Names that images go by in a layout.
_NAMES: Final = r"(org\.opencontainers\.image\.ref\.name|io\.containerd\.image\.name)"
#: Labels and annotations that hold a time.
_CREATED: Final = r"org\.opencontainers\.image\.created"

_CHOSEN: Final[dict[str, Ignore]] = {
    # When files were changed, and images and their layers were made.
    "times": any_of(
        field(r"created|history\[\d+\]\.created", "config"),
        field(rf"(config\.Labels|.*annotations)\.{_CREATED}", *_DOCUMENTS, "layer"),
        field(r"mtime|pax (atime|ctime|LIBARCHIVE\.creationtime)", "file"),
    ),
    # How images and their layers came to be.
    "history": field(r"(order of )?history\b.*", "config"),
    # In which order archives have their members.
    "file-order": field("file order", "layer"),
    # How archives are written, when they say the same.
    "tar-format": any_of(
        field(r"format|header|pax GNU\.sparse\..*", "file"), field("end", "layer")
    ),
    # Bits of modes that repeat what kind of file it is.
    "mode-bits": RedundantModeBits(),
    # How paths are written, when they mean the same.
    "paths": field("spelling|linkname spelling", "file"),
    # By which names images go.
    "names": field(rf".*annotations\.{_NAMES}", *_DOCUMENTS),
    # How layers are compressed.
    "compression": field("compression", "layer"),
    # How JSON is written, when it says the same.
    "spelling": field("form|bytes|order of .*", *_DOCUMENTS, "layer"),
}

#: Predicates by name. "semantic" is all of the others but those that follow it.
PRESETS: Final[FrozenMap[str, Ignore]] = FrozenMap(
    {
        **_CHOSEN,
        "semantic": any_of(*_CHOSEN.values()),
        # All that annotations say.
        "annotations": field(r"(order of )?(.*\.)?annotations\b.*", *_DOCUMENTS, "layer"),
        # Who files belong to.
        "owners": field("uid|gid|uname|gname", "file"),
        # What follows from other differences, if those are looked for.
        "digests": all_of(field("digest|size|diffID", "content", "config", "layer"), OnBothSides()),
    }
)
