"""
What refers to other content: to which, and how lists of referrers describe it.
"""

from __future__ import annotations

from ocikit._records import evolve
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.spec.descriptor import Descriptor


def subject_of(content: Content) -> Digest | None:
    """
    Give what content is about; None when it is about nothing.
    """
    about = content.manifest.subject if isinstance(content, Image | Index) else None
    return about.digest if about is not None else None


def as_referrer(content: Content) -> Descriptor:
    """
    Describe content as lists of referrers do: with its annotations and the type of the
    artifact (distribution-spec, "Listing Referrers").

    >>> from ocikit.content.partial import artifact
    >>> as_referrer(artifact("text/plain")).artifact_type
    'text/plain'
    """
    if not isinstance(content, Image | Index):
        return content.descriptor
    config = content.config.media_type if isinstance(content, Image) else ""
    return evolve(
        content.descriptor,
        artifact_type=content.artifact_type or config,
        annotations=content.manifest.annotations,
    )
