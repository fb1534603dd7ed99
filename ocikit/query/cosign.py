"""
The tags under which cosign keeps what belongs to a manifest.
"""

from __future__ import annotations

from typing import Final

from ocikit._regex import regex
from ocikit.digest import HEX_LENGTH, Digest

#: How the tags of signatures, attestations and bills of materials end.
ENDINGS: Final = ("sig", "att", "sbom")
_LONGEST_TAG: Final = 128
#: Of long digests the end does not fit.
_HEX: Final = regex(r"[0-9a-f]{64,}")


def tags_for(digest: Digest) -> tuple[str, ...]:
    """
    Give the tags that belong to a manifest; none where they would be too long for tags.

    >>> tags_for(Digest("sha256", "0" * 64))[0][-6:]
    '00.sig'
    """
    tags = (f"{digest.algorithm}-{digest.hex}.{ending}" for ending in ENDINGS)
    return tuple(tag for tag in tags if len(tag) <= _LONGEST_TAG)


def is_tag(text: str) -> bool:
    """
    Tell whether a tag looks like one of cosign's.

    >>> is_tag(f"sha256-{'0' * 64}.att"), is_tag("1.sig")
    (True, False)
    """
    stem, _, ending = text.rpartition(".")
    algorithm, _, digits = stem.partition("-")
    return ending in ENDINGS and algorithm.isalnum() and len(digits) >= 64


def belongs(text: str) -> bool:
    """
    Tell whether a tag looks like one of what belongs to a manifest: cosign's, or that of the
    list of its referrers (distribution-spec, "Referrers Tag Schema").

    >>> belongs(f"sha256-{'0' * 64}"), belongs(f"sha256-{'0' * 64}.sig"), belongs("1")
    (True, True, False)
    """
    algorithm, _, digits = text.partition("-")
    return is_tag(text) or (algorithm in HEX_LENGTH and bool(_HEX.fullmatch(digits)))
