"""
Steps that change an index itself; an image stays as it is.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar, cast

import attrs

from ocikit._records import EMPTY, FrozenMap, record
from ocikit.content.image import Image, Index
from ocikit.mutate import children, members
from ocikit.mutate.children import Match
from ocikit.mutate.frozen import by_name, texts

I = TypeVar("I", bound=Image | Index)  # noqa: E741  # an image or an index


@record
class AnnotateIndex:
    """
    Set and remove annotations of an index itself; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=texts)

    def __call__(self, content: I) -> I:
        """
        Annotate an index.
        """
        if isinstance(content, Image):
            return content
        return members.annotations(content, self.set, self.remove)


@record
class Keep:
    """
    Keep the children of an index that match, as `keep` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    match: Match

    def __call__(self, content: I) -> I:
        """
        Filter an index.
        """
        return (
            content if isinstance(content, Image) else cast("I", children.keep(content, self.match))
        )


@record
class Remove:
    """
    Take out children of an index, as `remove` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    match: Match

    def __call__(self, content: I) -> I:
        """
        Filter an index.
        """
        if isinstance(content, Image):
            return content
        return cast("I", children.remove(content, self.match))
