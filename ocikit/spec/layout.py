"""
The marker file of an OCI image layout (image-spec, image-layout.md).
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, member, record

#: Where the marker and the root index of a layout live, by relative path.
MARKER_FILE: Final = "oci-layout"
INDEX_FILE: Final = "index.json"
#: The annotation that names a manifest within a layout.
REF_NAME: Final = "org.opencontainers.image.ref.name"


@record(kw_only=True)
class LayoutMarker:
    """
    The content of `oci-layout`.
    """

    version: str = attrs.field(default="1.0.0", metadata=member("imageLayoutVersion", always=True))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)
