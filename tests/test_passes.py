"""
How often each layer is opened: counts that no machine, and no load, can change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest

from ocikit import files, layout, mutate, registry, tarball
from ocikit._records import evolve
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.crane import Options, export_to
from ocikit.picture import changes
from ocikit.query import diff, diff_trees, validate
from ocikit.query.plan import plan
from ocikit.registry import Client
from ocikit.server import registry as in_process
from ocikit.spec.config import ConfigFile
from ocikit.testing import building
from ocikit.testing.refusing import Counting
from ocikit.tree import load as load_tree
from ocikit.tree.needed import needed


@attrs.frozen
class Watched:
    """
    An image of three layers, each of another compression, and who opens them.
    """

    image: Image
    openers: tuple[Counting, ...]

    @property
    def opened(self) -> list[int]:
        """
        How often each layer was opened.
        """
        return [each.opened for each in self.openers]


@pytest.fixture
def watched() -> Watched:
    """
    A new one, of which nothing was opened.
    """
    layers, openers = [], []
    made_of = [
        building.layer(("a", b"one"), compression=Gzip()),
        building.layer(("b", b"two"), compression=Zstd()),
        building.layer(building.directory("c"), ("c/d", b"three"), compression=Plain()),
    ]
    for made in made_of:
        opener = Counting(made.blob.open().read())
        openers.append(opener)
        layers.append(evolve(made, blob=evolve(made.blob, opener=opener)))
    return Watched(image_of(ConfigFile(os="linux"), layers), tuple(openers))


Verb: TypeAlias = Callable[[Image, Path], object]


def _forced(image: Image) -> None:
    for blob in plan(image, foreign=True).blobs:
        blob.open().read()


def _pushed(image: Image, folder: Path) -> None:
    client = Client(send=in_process())
    registry.flush("localhost/a:1", image, client=client)
    # The second time all is there, and in another repository it is not mounted by itself.
    registry.flush("localhost/a:2", image, client=client)


def _rebased(image: Image, folder: Path) -> None:
    base = image_of(image.config_file, image.layers[:1])
    new = image_of(image.config_file, image.layers[1:2])
    mutate.rebase(image, base, new)


ONCE: dict[str, Verb] = {
    "layout.flush": lambda image, folder: layout.flush(folder / "out", image),
    "tarball.flush": lambda image, folder: tarball.flush(folder / "a.tar", image),
    "tarball.flush_oci": lambda image, folder: tarball.flush_oci(folder / "a.tar", image),
    "registry.flush": _pushed,
    "export": lambda image, folder: export_to(image, str(folder / "a.tar"), Options()),
    "files.extract": lambda image, folder: files.extract(image, folder / "root"),
    "validate": lambda image, folder: validate(image),
    "tree.load": lambda image, folder: load_tree(image.layers),
    "diff_trees": lambda image, folder: list(diff_trees(image, building.image())),
    "mutate.flatten": lambda image, folder: _forced(mutate.flatten(image)),
    "mutate.time": lambda image, folder: _forced(mutate.time(image, "2020-01-01T00:00:00Z")),
    "mutate.recompress": lambda image, folder: _forced(mutate.recompress(image, Zstd(level=1))),
}
NEVER: dict[str, Verb] = {
    "mutate.append": lambda image, folder: mutate.append(image, building.layer("x")),
    "mutate.config": lambda image, folder: mutate.config(image, user="me"),
    "mutate.labels": lambda image, folder: mutate.labels(image, {"a": "b"}),
    "mutate.annotations": lambda image, folder: mutate.annotations(image, {"a": "b"}),
    "mutate.docker": lambda image, folder: mutate.docker(image),
    "mutate.rebase": _rebased,
    "mutate.remove_layers": lambda image, folder: mutate.remove_layers(image, 0),
    "validate, documents only": lambda image, folder: validate(image, deep=False),
    "diff of the same": lambda image, folder: diff(image, image),
    "plan": lambda image, folder: plan(image),
    "a dry run": lambda image, folder: repr((image, image.digest, image.size)),
}


@pytest.mark.parametrize("verb", ONCE)
def test_layers_are_opened_once(watched: Watched, tmp_path: Path, verb: str) -> None:
    """
    One pass reads, checks, hashes and writes; a second would be a second download.
    """
    ONCE[verb](watched.image, tmp_path)
    assert watched.opened == [1, 1, 1]


@pytest.mark.parametrize("verb", NEVER)
def test_layers_are_not_opened(watched: Watched, tmp_path: Path, verb: str) -> None:
    """
    What changes documents, or asks about them, costs no byte of a layer.
    """
    NEVER[verb](watched.image, tmp_path)
    assert watched.opened == [0, 0, 0]


def test_a_file_is_looked_up_from_the_top(watched: Watched) -> None:
    """
    Layers below the one that settles it stay closed.
    """
    assert needed(watched.image.layers, "c/d") == 2
    assert watched.opened == [0, 0, 1]


@pytest.mark.parametrize("verb", [changes, diff_trees])
def test_two_images_are_read_once(watched: Watched, verb: Callable[[Image, Image], object]) -> None:
    """
    What both have is read for both, and what may differ in content is compared by digests that
    were taken meanwhile.
    """
    other = mutate.append(mutate.remove_layers(watched.image, 2), building.layer(("c/d", b"other")))
    assert verb(watched.image, other)
    assert watched.opened == [1, 1, 1]


def test_only_what_differs_is_compared(watched: Watched) -> None:
    """
    Of two images, layers of the same diff ID are the same files.
    """
    other = mutate.append(mutate.remove_layers(watched.image, 2), building.layer(("c/d", b"4")))
    diff(watched.image, other)
    assert watched.opened == [0, 0, 1]
