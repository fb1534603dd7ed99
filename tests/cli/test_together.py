"""
Many processes of ours at one layout.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from ocikit import layout
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.registry.flush import flush
from ocikit.testing.contracts import all_bytes
from tests.cli.running import done, start

COUNT = 16


def _images() -> list[Image]:
    # All have a layer in common, which all would write at once.
    base = synthetic.image(Random(0), size=100_000)
    own = [synthetic.image(Random(seed + 1), size=100) for seed in range(COUNT)]
    return [image_of(each.config_file, [*base.layers, *each.layers]) for each in own]


def test_sixteen_pulls_into_one_layout(host: str, tmp_path: Path) -> None:
    """
    Each image is there by its name and whole, the layer in common once, and nothing else.
    """
    images, folder = _images(), tmp_path / "out"
    names = [f"{host}/app:{number}" for number in range(COUNT)]
    for name, image in zip(names, images, strict=True):
        flush(name, image)
    argv = ("pull", "--format", "oci", "--annotate-ref")
    running = [start(*argv, name, folder) for name in names]
    said = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * COUNT, said
    for name, image in zip(names, images, strict=True):
        found = layout.load(folder, name)
        assert found == image
        assert all_bytes(found) == all_bytes(image)
    assert len(layout.entries(folder)) == COUNT
    done("layout", "fsck", folder)
    blobs = {path.name for path in (folder / "blobs/sha256").iterdir()}
    wanted = {
        blob.hex
        for image in images
        for blob in (image.digest, image.config.digest, *(each.digest for each in image.layers))
    }
    assert blobs == wanted
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "blobs",
        "index.json",
        "oci-layout",
    ]
