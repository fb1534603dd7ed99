"""
Attestations of BuildKit: children of an index that are about other children.

Such a child names the image it is about in an annotation of its descriptor. Where that
image changes or goes, the name would point at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

from ocikit._records import evolve
from ocikit.content.image import Child
from ocikit.digest import Digest
from ocikit.spec.descriptor import Descriptor

_TYPE: Final = "vnd.docker.reference.type"
_DIGEST: Final = "vnd.docker.reference.digest"

#: What becomes of attestations whose image has changed: they are linked to the new one,
#: left pointing at the old one, or left out.
Attestations: TypeAlias = Literal["relink", "keep", "drop"]


def is_attestation(descriptor: Descriptor) -> bool:
    """
    Tell whether a child is about another one and not itself something to run.
    """
    platform = descriptor.platform
    return _TYPE in descriptor.annotations or (platform is not None and platform.unknown)


def about(descriptor: Descriptor) -> str:
    """
    Give the digest of the child that an attestation is about; empty when there is none.
    """
    return descriptor.annotations.get(_DIGEST, "")


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
            annotations = child.descriptor.annotations.set(_DIGEST, new)
            yield evolve(child, descriptor=evolve(child.descriptor, annotations=annotations))
