"""
Steps in a row, over an image or over every image of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.errors import Unsupported
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import Match, map_images

C = TypeVar("C", bound=Content)

#: Anything that gives a new image: the records of `steps`, or any function.
Step: TypeAlias = Callable[[Image], Image]


@attrs.frozen(kw_only=True)
class NotChangeable(Unsupported):
    """
    Content that is neither image nor index is opaque to mutations.
    """

    digest: Digest
    media_type: str

    def __str__(self) -> str:
        return f"{self.digest} is {self.media_type!r}; only images and indexes can be changed"


def _in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(steps)


@record
class Pipeline:
    """
    Several steps as one; called, it applies them to an image or an index.

    >>> from ocikit.mutate.steps import SetEnv, ToOCI
    >>> Pipeline([SetEnv({"A": "1"}), ToOCI()]).steps[1]
    ToOCI()
    """

    steps: tuple[Step, ...] = attrs.field(converter=_in_order)
    select: Match | None = None
    attestations: Attestations = "relink"

    def __call__(self, content: C) -> C:
        """
        Apply the steps in order.
        """
        return apply(content, self.steps, select=self.select, attestations=self.attestations)


def apply(
    content: C,
    steps: Iterable[Step],
    *,
    select: Match | None = None,
    attestations: Attestations = "relink",
) -> C:
    """
    Apply steps in order: to an image, or to every image of an index.

    Args:
        content: what is changed.
        steps: records of `steps`, or functions from image to image. Those that have
            a true `whole` are given an index as it is.
        select: which images of an index are meant; see `map_images`.
        attestations: what becomes of the attestations of images that changed; likewise.

    Raises:
        NotChangeable: the content is neither an image nor an index.
    """
    todo = tuple(steps)
    if isinstance(content, Blob):
        if todo:
            raise NotChangeable(digest=content.digest, media_type=content.media_type)
        return cast("C", content)
    if isinstance(content, Image):
        return cast("C", _each(content, todo))
    index: Index = content
    for whole, run in groupby(todo, key=_is_whole):
        index = _over(index, tuple(run), whole, select, attestations)
    return cast("C", index)


def _over(
    index: Index,
    steps: tuple[Any, ...],
    whole: bool,
    select: Match | None,
    attestations: Attestations,
) -> Index:
    if not whole:
        return map_images(index, lambda i: _each(i, steps), select, attestations=attestations)
    for step in steps:
        index = step(index)
    return index


def _is_whole(step: Step) -> bool:
    return bool(getattr(step, "whole", False))


def _each(image: Image, steps: tuple[Step, ...]) -> Image:
    for step in steps:
        image = step(image)
    return image
