"""
The same change for an image or for every image of an index, and what a person is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ocikit.content.image import Content, Image, Index
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.options import Options
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import Match
from ocikit.mutate.pipeline import apply
from ocikit.spec.attestation import is_attestation


def changed(
    content: Content,
    steps: Iterable[Callable[[Image], Image]],
    what: str,
    options: Options,
    attestations: Attestations | None = None,
    *,
    select: Match | None = None,
) -> Image | Index:
    """
    Apply steps to an image, or to every image of an index.

    Args:
        content: what is changed.
        steps: the records of `ocikit.mutate.steps`, or functions, in order.
        what: what a person calls it.
        options: who is told.
        attestations: what becomes of the attestations of images that changed; None is
            "relink", and says so.
        select: which images of an index are meant; all when None.

    Raises:
        PlaceUnsupported: it is neither image nor index.

    >>> from ocikit.content.empty import IMAGE
    >>> changed(IMAGE, [], "nothing", Options()) == IMAGE
    True
    """
    if not isinstance(content, Image | Index):
        raise PlaceUnsupported(place=what, reason=f"a {content.media_type} is not an image")
    made = apply(content, steps, select=select, attestations=attestations or "relink")
    if attestations is None and isinstance(content, Index) and isinstance(made, Index):
        _tell(content, made, what, options)
    return made


def _tell(old: Index, new: Index, what: str, options: Options) -> None:
    before, after = (
        {child.descriptor for child in index.children if is_attestation(child.descriptor)}
        for index in (old, new)
    )
    if moved := len(after - before):
        options.notice(
            f"{what}: its attestations ({moved}) now name the changed images, though what is"
            " signed in them is about those before; choose with --attestations"
        )
