"""
What Google's registries tell with a list of tags, beyond what the specification has.

They answer `tags/list` with the repositories below as well, and with all manifests, of
those without a tag too. Numbers are texts there, and may be empty.
"""

from __future__ import annotations

from typing import Any

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, member, record
from ocikit.digest import Digest


@record(kw_only=True)
class ManifestInfo:
    """
    One manifest of a repository; sizes are in bytes, times in milliseconds since 1970.
    """

    image_size_bytes: str = attrs.field(default="", metadata=member("imageSizeBytes", always=True))
    media_type: str = attrs.field(default="", metadata=member("mediaType", always=True))
    time_created_ms: str = attrs.field(default="", metadata=member("timeCreatedMs", always=True))
    time_uploaded_ms: str = attrs.field(default="", metadata=member("timeUploadedMs", always=True))
    tag: tuple[str, ...] = attrs.field(default=(), metadata=member("tag", always=True))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class ExtendedTags:
    """
    A list of tags with the repositories below, and all manifests by their digests.
    """

    child: tuple[str, ...] = attrs.field(default=(), metadata=member("child", always=True))
    manifest: FrozenMap[Digest, ManifestInfo] = attrs.field(
        default=EMPTY, metadata=member("manifest", always=True)
    )
    name: str = attrs.field(default="", metadata=member("name", always=True))
    tags: tuple[str, ...] = attrs.field(default=(), metadata=member("tags", always=True))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)
