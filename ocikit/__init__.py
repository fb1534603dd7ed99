"""
Read, change and write OCI and Docker images as plain immutable records.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ocikit import (
        auth,
        bulk,
        cache,
        content,
        crane,
        daemon,
        files,
        google,
        layout,
        mutate,
        name,
        picture,
        query,
        registry,
        server,
        spec,
        tarball,
    )
    from ocikit.content import Blob, Image, Index, Layer
    from ocikit.digest import Digest
    from ocikit.errors import OciError
    from ocikit.platforms import Platform

__all__ = [
    "Blob",
    "Digest",
    "Image",
    "Index",
    "Layer",
    "OciError",
    "Platform",
    "auth",
    "bulk",
    "cache",
    "content",
    "crane",
    "daemon",
    "files",
    "google",
    "layout",
    "mutate",
    "name",
    "picture",
    "query",
    "registry",
    "server",
    "spec",
    "tarball",
]

# Importing ocikit costs nothing but this file: what is named is imported when it is
# used (PEP 562).
_RECORDS: Final = {
    "Blob": "ocikit.content",
    "Digest": "ocikit.digest",
    "Image": "ocikit.content",
    "Index": "ocikit.content",
    "Layer": "ocikit.content",
    "OciError": "ocikit.errors",
    "Platform": "ocikit.platforms",
}


def __getattr__(name: str) -> Any:
    if name in _RECORDS:
        return getattr(importlib.import_module(_RECORDS[name]), name)
    if name in __all__:
        return importlib.import_module(f"ocikit.{name}")
    raise AttributeError(f"module 'ocikit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
