"""
Hypothesis strategies of everything that ocikit knows.

Import this module under a short name: `from ocikit.testing import strategies as oci`.
Arguments are keyword-only, and take a value or a strategy of values; every default
shrinks towards the empty image. Content is real: its digests, sizes, diff IDs and
history agree, so that a pipeline that breaks them is what fails.

    @given(oci.images())
    def test_my_pipeline_keeps_the_user(image):
        assert my_pipeline(image).config_file.config.user == image.config_file.config.user
"""

from ocikit.testing.contents import (
    artifacts,
    blobs,
    contents,
    entries,
    images,
    indexes,
    layers,
)
from ocikit.testing.documents import (
    annotations,
    configs,
    descriptors,
    digests,
    extras,
    histories,
    index_manifests,
    json_values,
    manifests,
    media_types,
    platforms,
    run_configs,
    texts,
)
from ocikit.testing.faults import fault_plans, faults
from ocikit.testing.files import (
    compressions,
    file_entries,
    file_paths,
    hostile_layers,
    layer_stacks,
    trees,
)
from ocikit.testing.holdings import registries
from ocikit.testing.names import (
    hosts,
    malformed_references,
    paths,
    references,
    repositories,
    tags,
)
from ocikit.testing.pipelines import matches, pipelines, steps

__all__ = [
    "annotations",
    "artifacts",
    "blobs",
    "compressions",
    "configs",
    "contents",
    "descriptors",
    "digests",
    "entries",
    "extras",
    "fault_plans",
    "faults",
    "file_entries",
    "file_paths",
    "histories",
    "hostile_layers",
    "hosts",
    "images",
    "index_manifests",
    "indexes",
    "json_values",
    "layer_stacks",
    "layers",
    "malformed_references",
    "manifests",
    "matches",
    "media_types",
    "paths",
    "pipelines",
    "platforms",
    "references",
    "registries",
    "repositories",
    "run_configs",
    "steps",
    "tags",
    "texts",
    "trees",
]
