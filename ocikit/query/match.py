"""
Predicates over descriptors: which children of an index are meant.

They live in `ocikit.spec.match`, for changes take them too.
"""

from __future__ import annotations

from ocikit.spec.match import (
    AllOf,
    Annotated,
    AnyOf,
    IsFor,
    Match,
    Not,
    OfType,
    Satisfies,
    WithDigest,
    all_of,
    annotation,
    any_of,
    digest,
    exactly,
    media_type,
    name,
    not_,
    platform,
)

__all__ = [
    "AllOf",
    "Annotated",
    "AnyOf",
    "IsFor",
    "Match",
    "Not",
    "OfType",
    "Satisfies",
    "WithDigest",
    "all_of",
    "annotation",
    "any_of",
    "digest",
    "exactly",
    "media_type",
    "name",
    "not_",
    "platform",
]
