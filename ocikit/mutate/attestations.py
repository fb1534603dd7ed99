"""
Attestations follow the images that they are about.

Where such an image changes or goes, what its attestations name would point at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from ocikit._records import evolve
from ocikit.content.image import Child
from ocikit.digest import Digest
from ocikit.spec.attestation import SUBJECT, about, is_attestation

#: What becomes of attestations whose image has changed: they are linked to the new one,
#: left pointing at the old one, or left out.
Attestations: TypeAlias = Literal["relink", "keep", "drop"]


def settle(
    children: Iterable[Child], moved: Mapping[Digest, Digest], how: Attestations
) -> Iterator[Child]:
    """
    Let the attestations among children follow the images that became others.

    Args:
        children: of one index.
        moved: the new digest of each image that changed, by its old one.
        how: what to do with attestations of those.
    """
    names = {str(old): str(new) for old, new in moved.items()}
    for child in children:
        new = names.get(about(child.descriptor))
        if new is None or how == "keep" or not is_attestation(child.descriptor):
            yield child
        elif how == "relink":
            annotations = child.descriptor.annotations.set(SUBJECT, new)
            yield evolve(child, descriptor=evolve(child.descriptor, annotations=annotations))
