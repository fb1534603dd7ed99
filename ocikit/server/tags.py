"""
The tags of a repository in memory, kept in order.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence

from ocikit.digest import Digest


class Tags:
    """
    What each tag points to; a page of their names costs no more than a page.

    >>> tags = Tags({"b": Digest.of(b""), "a": Digest.of(b"")})
    >>> tags.page("", 1), tags.page("a", 10)
    (['a'], ['b'])
    """

    def __init__(self, targets: Mapping[str, Digest] | None = None) -> None:
        self._targets = dict(targets or {})
        self._order = sorted(self._targets)

    def get(self, tag: str) -> Digest | None:
        """
        Find what a tag points to.
        """
        return self._targets.get(tag)

    def point(self, tag: str, digest: Digest) -> None:
        """
        Point a tag to a manifest.
        """
        if tag not in self._targets:
            bisect.insort(self._order, tag)
        self._targets[tag] = digest

    def remove(self, tag: str) -> None:
        """
        Forget a tag, if there is one of that name.
        """
        if self._targets.pop(tag, None) is not None:
            del self._order[bisect.bisect_left(self._order, tag)]

    def of(self, digest: Digest) -> list[str]:
        """
        List the tags that point to a manifest.
        """
        return [tag for tag, target in self._targets.items() if target == digest]

    def page(self, last: str, limit: int) -> Sequence[str]:
        """
        List up to `limit` tags that come after `last`, in ASCII order.
        """
        start = bisect.bisect_right(self._order, last) if last else 0
        return self._order[start : start + limit]

    def targets(self) -> dict[str, Digest]:
        """
        Give all of them, in order.
        """
        return {tag: self._targets[tag] for tag in self._order}
