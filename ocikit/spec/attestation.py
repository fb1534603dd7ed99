"""
Attestations of BuildKit: entries of an index that are about other entries.

Such an entry names the image it is about in an annotation of its descriptor, and says
that it is for the platform `unknown/unknown`.
"""

from __future__ import annotations

from typing import Final

from ocikit.spec.descriptor import Descriptor

_TYPE: Final = "vnd.docker.reference.type"
#: The annotation that holds the digest of the entry it is about.
SUBJECT: Final = "vnd.docker.reference.digest"


def is_attestation(descriptor: Descriptor) -> bool:
    """
    Tell whether an entry is about another one and not itself something to run.
    """
    platform = descriptor.platform
    return _TYPE in descriptor.annotations or (platform is not None and platform.unknown)


def about(descriptor: Descriptor) -> str:
    """
    Give the digest of the entry that an attestation is about; empty when there is none.
    """
    return descriptor.annotations.get(SUBJECT, "")
