"""
`manifest.json` of the archives that `docker save` writes.
"""

from __future__ import annotations

from typing import Any

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, member, record
from ocikit.digest import Digest
from ocikit.spec.descriptor import Descriptor


@record(kw_only=True)
class SavedImage:
    """
    One image of the archive: names of its files and of itself.
    """

    config: str = attrs.field(metadata=member("Config"))
    #: References this image is known by; none for an untagged one.
    repo_tags: tuple[str, ...] = attrs.field(default=(), metadata=member("RepoTags", always=True))
    layers: tuple[str, ...] = attrs.field(default=(), metadata=member("Layers", always=True))
    #: Descriptors by diff ID, of layers that live elsewhere.
    layer_sources: FrozenMap[Digest, Descriptor] = attrs.field(
        default=EMPTY, metadata=member("LayerSources")
    )
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)
