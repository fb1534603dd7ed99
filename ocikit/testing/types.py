"""
What `hypothesis.strategies.from_type` gives of our records.

Hypothesis calls `register` when it is imported, by the entry point of its name. Nothing
but the classes is loaded then; strategies are when one is asked for.
"""

from __future__ import annotations

from typing import Any, Final

#: By module and class: the strategy of the kit.
STRATEGIES: Final = {
    ("ocikit.digest", "Digest"): "digests",
    ("ocikit.platforms", "Platform"): "platforms",
    ("ocikit.name.records", "Repository"): "repositories",
    ("ocikit.spec.descriptor", "Descriptor"): "descriptors",
    ("ocikit.spec.config", "ConfigFile"): "configs",
    ("ocikit.spec.config", "Config"): "run_configs",
    ("ocikit.spec.manifest", "Manifest"): "manifests",
    ("ocikit.spec.manifest", "IndexManifest"): "index_manifests",
    ("ocikit.content.blob", "Blob"): "blobs",
    ("ocikit.content.layer", "Layer"): "layers",
    ("ocikit.content.image", "Image"): "images",
    ("ocikit.content.image", "Index"): "indexes",
}


def register() -> None:
    """
    Let Hypothesis know of the kit's strategies, by their types.
    """
    from importlib import import_module

    from hypothesis.strategies import register_type_strategy

    for (module, name), strategy in STRATEGIES.items():
        register_type_strategy(getattr(import_module(module), name), _given_by(strategy))


def _given_by(name: str) -> Any:
    def strategy(type_: type[Any]) -> Any:
        from ocikit.testing import strategies

        return getattr(strategies, name)()

    return strategy
