"""
Image manifests and indexes (image-spec, manifest.md and image-index.md).
"""

from __future__ import annotations

from typing import Any

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, member, record
from ocikit.spec.descriptor import Descriptor


@record(kw_only=True)
class Manifest:
    """
    An image manifest: one configuration and the layers it is run with (manifest.md).

    Docker's schema 2 manifest has the same members.
    """

    schema_version: int = attrs.field(default=2, metadata=member("schemaVersion", always=True))
    media_type: str = ""
    config: Descriptor
    layers: tuple[Descriptor, ...] = attrs.field(default=(), metadata=member("layers", always=True))
    annotations: FrozenMap[str, str] = EMPTY
    #: The manifest that this one is about; it makes this one a referrer.
    subject: Descriptor | None = None
    artifact_type: str = ""
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class IndexManifest:
    """
    An image index: manifests of one thing for several platforms (image-index.md).

    Docker's manifest list has the same members.
    """

    schema_version: int = attrs.field(default=2, metadata=member("schemaVersion", always=True))
    media_type: str = ""
    manifests: tuple[Descriptor, ...] = attrs.field(
        default=(), metadata=member("manifests", always=True)
    )
    annotations: FrozenMap[str, str] = EMPTY
    subject: Descriptor | None = None
    artifact_type: str = ""
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)
