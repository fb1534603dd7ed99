"""
Files: layers from folders and archives, and folders from layers; openers of files; writes
that are whole or not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from ocikit.files.atomic import replacing
from ocikit.files.layer import layer, tar_layer
from ocikit.files.opener import FileOpener

if TYPE_CHECKING:
    from ocikit.files.extraction import extract
    from ocikit.files.repack import difference

__all__ = ["FileOpener", "difference", "extract", "layer", "replacing", "tar_layer"]

# Every push of a file comes by here; these read archives, and need all that does.
_MODULES: Final = {"difference": "repack", "extract": "extraction"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"ocikit.files.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'ocikit.files' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]
