"""
Comparing what two places have.
"""

from __future__ import annotations

from pathlib import Path

from ocikit.content.partial import index_of
from ocikit.crane.differ import diff, explain
from ocikit.crane.places import flush
from ocikit.mutate.flatten import flatten
from ocikit.mutate.settings import config
from ocikit.platforms import parse
from ocikit.query.diff import diff as pure
from ocikit.query.explain import explain as cause
from ocikit.query.ignore import PRESETS
from ocikit.query.trees import diff_trees
from ocikit.testing.building import archive, directory, image
from tests.crane.conftest import Reach

ONE, TWO = "r.example/one:1", "r.example/two:1"
BASE = archive(directory("etc"), ("etc/motd", b"hello"))
LEFT = image(BASE, archive(("a", b"1"), "b"))
RIGHT = image(BASE, archive(("a", b"2"), "c"))
ARM = image(BASE, platform="linux/arm64")


def test_it_is_the_pure_one(reach: Reach, tmp_path: Path) -> None:
    """
    Whatever the places are.
    """
    flush(ONE, LEFT, reach.options)
    two = flush(f"oci:{tmp_path}/out:1", RIGHT, reach.options)
    assert diff(ONE, two, reach.options) == pure(LEFT, RIGHT) != ()
    assert diff(ONE, two, reach.options, trees=True) == diff_trees(LEFT, RIGHT) != ()
    some = diff(ONE, two, reach.options, ignore=[PRESETS["times"]], files=False)
    assert some == pure(LEFT, RIGHT, ignore=[PRESETS["times"]], files=False)
    assert not any(each.level == "file" for each in some)
    assert reach.notices == []


def test_what_is_the_same_is_not_downloaded(reach: Reach) -> None:
    """
    Only the layers that differ are read, and each of them once.
    """
    flush(ONE, LEFT, reach.options)
    flush(TWO, RIGHT, reach.options)
    reach.asked()

    def layers() -> list[str]:
        known = {str(each.digest) for side in (LEFT, RIGHT) for each in side.layers}
        names = [line.split()[1].rpartition("/")[2] for line in reach.asked()]
        return sorted(name for name in names if name in known)

    assert diff(ONE, ONE, reach.options) == ()
    assert layers() == []
    assert diff(ONE, TWO, reach.options)
    assert layers() == sorted(str(side.layers[1].digest) for side in (LEFT, RIGHT))


def test_trees_are_downloaded_once(reach: Reach) -> None:
    """
    Though layers with files that differ are read twice.
    """
    flush(ONE, LEFT, reach.options)
    flush(TWO, index_of([RIGHT]), reach.options)
    flush("r.example/three:1", index_of([LEFT]), reach.options)
    reach.asked()
    assert diff(TWO, "r.example/three:1", reach.options, trees=True)
    asked = [line for line in reach.asked() if "/blobs/" in line]
    assert len(asked) == len(set(asked))


def test_how_it_is_layered_makes_no_difference_to_trees(reach: Reach) -> None:
    """
    An image and its flattened one have the same files.
    """
    flush(ONE, LEFT, reach.options)
    flush(TWO, flatten(LEFT), reach.options)
    assert diff(ONE, TWO, reach.options) != ()
    assert diff(ONE, TWO, reach.options, trees=True) == ()


def test_platforms_are_compared_each_with_its_own(reach: Reach) -> None:
    """
    All of an index, or those that are asked for.
    """
    flush(ONE, index_of([LEFT, ARM]), reach.options)
    flush(TWO, index_of([config(ARM, user="me"), LEFT]), reach.options)
    found = diff(ONE, TWO, reach.options)
    assert {each.path[0] for each in found if each.level == "config"} == {"linux/arm64"}
    amd = reach.but(platforms=(parse("linux/amd64"),))
    assert diff(ONE, TWO, amd) == ()


def test_an_index_is_no_image(reach: Reach) -> None:
    """
    It is not taken for one of its images silently, nor aloud; it says what to do.
    """
    flush(ONE, index_of([LEFT]), reach.options)
    flush(TWO, LEFT, reach.options)
    assert {each.field for each in diff(ONE, TWO, reach.options)} >= {"mediaType"}
    assert reach.notices == [f"{ONE}: is an index, and the other is none; choose with --platform"]
    assert diff(TWO, ONE, reach.but(platforms=(parse("linux/amd64"),))) == ()


def test_explain_is_the_pure_one(reach: Reach) -> None:
    """
    And downloads no layer twice.
    """
    flush(ONE, LEFT, reach.options)
    flush(TWO, RIGHT, reach.options)
    reach.asked()
    found = explain(ONE, TWO, reach.options)
    assert found == cause(LEFT, RIGHT)
    assert found is not None
    asked = [line for line in reach.asked() if "/blobs/" in line]
    assert len(asked) == len(set(asked))
