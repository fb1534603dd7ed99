"""
Verbs that compare what two places have: diff, explain.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ocikit._records import evolve, record
from ocikit.content.image import Child, Content, Image, Index
from ocikit.crane.fetched import kept
from ocikit.crane.options import Options
from ocikit.crane.places import load

if TYPE_CHECKING:
    from ocikit.query.difference import Difference, Ignore
    from ocikit.query.explanation import Explanation


def diff(
    left: str,
    right: str,
    options: Options,
    *,
    ignore: Iterable[Ignore] = (),
    files: bool = True,
    trees: bool = False,
) -> tuple[Difference, ...]:
    """
    Give all that differs between two images, indexes or artifacts.

    See `ocikit.query.diff` and `ocikit.query.diff_trees`. What is the same by digest is
    not downloaded.

    Args:
        left: any place.
        right: any place.
        options: how to reach them, and which of their platforms are wanted.
        ignore: which differences not to tell; `ocikit.query.ignore` has them by name.
        files: read layers that differ, and compare what is in them.
        trees: compare only the files that containers would see, in whatever layers.

    Raises:
        PlatformMissing: an index lacks a platform that is wanted.
        Missing, Refused, Unreachable, Corrupt: something could not be had.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> one, two = (
    ...     flush(f"localhost/app:{n}", image(random.Random(n)), options) for n in (1, 2)
    ... )
    >>> diff(one, one, options)
    ()
    >>> [found.field for found in diff(one, two, options) if found.path == ("layer 1",)]
    ['digest', 'diffID']
    """
    one, other = sides(left, right, options)
    if trees:
        from ocikit.query.trees import diff_trees

        return diff_trees(kept_content(one), kept_content(other), ignore=ignore)
    from ocikit.query.diff import diff as compare

    return compare(one, other, ignore=ignore, files=files)


def explain(left: str, right: str, options: Options) -> Explanation | None:
    """
    Name the first cause why two digests differ, from the index to the byte.

    See `ocikit.query.explain`. No more is downloaded than what leads to the cause.

    Args:
        left: any place.
        right: any place.
        options: how to reach them, and which of their platforms are wanted.

    Returns:
        The cause; None when the digests are equal.

    Raises:
        PlatformMissing: an index lacks a platform that is wanted.
        Missing, Refused, Unreachable, Corrupt: something could not be had.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.crane.places import flush
    >>> from ocikit.mutate.settings import config
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> old = image(random.Random(1))
    >>> one = flush("localhost/app:1", old, options)
    >>> two = flush("localhost/app:2", config(old, user="me"), options)
    >>> explain(one, one, options), explain(one, two, options).path
    (None, ('config',))
    """
    from ocikit.query.explain import explain as cause

    one, other = sides(left, right, options)
    return cause(kept_content(one), kept_content(other))


def sides(left: str, right: str, options: Options) -> tuple[Content, Content]:
    """
    Load what is compared, and say so when one is an index and the other is none.
    """
    one, other = load(left, options), load(right, options)
    if isinstance(one, Index) != isinstance(other, Index):
        which = left if isinstance(one, Index) else right
        options.notice(f"{which}: is an index, and the other is none; choose with --platform")
    return one, other


def kept_content(content: Content) -> Content:
    """
    Let layers be downloaded no more than once, though they are read twice: for names and
    for content, or for what is packed and how.
    """
    if isinstance(content, Index):
        children = (evolve(each, opener=_KeptChild(each)) for each in content.children)
        return evolve(content, children=tuple(children))
    return evolve(content, layers=kept(content.layers)) if isinstance(content, Image) else content


@record
class _KeptChild:
    """
    A child whose layers are downloaded no more than once.
    """

    child: Child

    def open(self) -> Content:
        """
        Load the child.
        """
        return kept_content(self.child.content)
