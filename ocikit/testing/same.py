"""
How content differs, in the few lines that a failing test shows.
"""

from __future__ import annotations

from collections.abc import Iterable

from ocikit.content.image import Content, Image, Index
from ocikit.errors import OciError
from ocikit.query.difference import Difference

#: More lines than these nobody reads in a failing test.
_SHOWN = 20


def differing(left: Content, right: Content) -> str:
    """
    Tell what differs, down to the file; empty when nothing does.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import labels
    >>> print(differing(IMAGE, labels(IMAGE, set={"a": "b"})))
    config > config.Labels.a: nothing | "b"
    """
    from ocikit.query.diff import diff
    from ocikit.query.explain import explain

    if left == right:
        return ""
    if not isinstance(left, Image | Index) or not isinstance(right, Image | Index):
        return f"{left.digest} | {right.digest}"
    try:
        found = diff(left, right)
        # Digests and sizes follow from what differs, unless nothing else does.
        causes = tuple(each for each in found if each.field not in ("digest", "size"))
        return _lines(causes or found) or str(explain(left, right))
    except OciError as error:
        # A test that fails is to say how, also when content is damaged.
        return f"{left.digest} | {right.digest} ({error})"


def differing_files(left: Image, right: Image, besides: Iterable[str] = ()) -> str:
    """
    Tell which files differ as containers see them, but for those that match a glob.

    >>> from ocikit.testing import building
    >>> left, right = building.image(building.layer("a")), building.image(building.layer("b"))
    >>> print(differing_files(left, right, ["b"]))
    a > kind: "file" | nothing
    """
    from ocikit.query.ignore import OfFile
    from ocikit.query.trees import diff_trees

    return _lines(diff_trees(left, right, ignore=[OfFile(glob) for glob in besides]))


def _lines(found: tuple[Difference, ...]) -> str:
    lines = [str(each) for each in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"... and {len(found) - _SHOWN} more")
    return "\n".join(lines)
