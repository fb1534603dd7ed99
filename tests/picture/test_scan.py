"""
One pass over layers: sizes, waste, space.
"""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content import synthetic
from ocikit.content.compression import Gzip
from ocikit.content.layer import Layer
from ocikit.content.partial import artifact, image_of
from ocikit.errors import OciError
from ocikit.picture.page import page
from ocikit.picture.scan import NoFiles, scan, space, waste
from ocikit.picture.spaces import Space
from ocikit.picture.text import text
from ocikit.picture.waste import Lost
from ocikit.picture.waterfall import waterfall
from ocikit.spec.config import ConfigFile
from ocikit.testing import strategies as oci
from ocikit.testing.building import image
from ocikit.testing.files import Written, archive_of
from ocikit.tree.entry import Entry
from ocikit.tree.filetree import load


def _file(path: str, size: int) -> Written:
    return Written(Entry(name=path, size=size), b"x" * size)


def _layer(*members: Written) -> bytes:
    return archive_of(members)


def _gone(path: str) -> Written:
    return Written(Entry(name=path))


def _leaves(space: Space) -> int:
    return sum(map(_leaves, space.inside)) if space.inside else space.size


@given(oci.layer_stacks(max_layers=4))
def test_what_is_seen_and_what_is_wasted_is_all_there_is(layers: tuple[Layer, ...]) -> None:
    """
    Law: bytes of files that containers see, each once, and wasted ones are all bytes; what
    is said to be there in the end is, and no path is told twice for one reason.
    """
    found = scan(image_of(ConfigFile(), layers))
    tree = load(layers)
    seen = {file.place: file.size for file in tree.files.values() if file.kind == "file"}
    held = found.waste.held
    assert found.space.size == sum(seen.values()) == held - found.waste.wasted
    assert found.space.files == sum(each.kind != "directory" for each in tree.files.values())
    assert held == sum(layer.size for layer in found.layers)
    assert found.waste.wasted == sum(each.size for each in found.waste.paths)
    assert _leaves(found.space) == found.space.size
    told = found.waste.paths
    for lost in told:
        assert not lost.there or lost.path in tree.files
        assert lost.by is None or lost.by >= max(lost.layers)
    assert len({(lost.path, lost.there, lost.by) for lost in told}) == len(told)


@given(oci.hostile_layers(), st.booleans())
def test_hostile_layers_are_drawn_or_refused(hostile: tuple[Layer, str], more: bool) -> None:
    """
    Law: a layer that no honest builder writes gives a picture, or an error of ours.
    """
    layers = (hostile[0], *([hostile[0]] if more else []))
    made = image_of(ConfigFile(), layers)
    try:
        found = scan(made)
    except OciError:
        return
    for each in (found.space, found.waste):
        assert text(each).replace("\n", "").isprintable()
    assert len(page("hostile", [found.space, found.waste, waterfall(made, scan=found)])) < 40_000


def test_waste_says_where_and_why() -> None:
    """
    Written again, deleted, deleted with its folder, hidden by an opaque mark.
    """
    made = image(
        _layer(
            *(_file("a", 100), _file("d/b", 45), _file("d/x/y", 5)),
            *(_file("e/c", 30), _file("f/k", 20)),
        ),
        _layer(_file("a", 10)),
        _layer(_gone(".wh.d"), _gone("e/.wh..wh..opq"), _file("e/n", 5), _gone("f/.wh.k")),
    )
    found = waste(made)
    assert found.paths == (
        Lost(path="a", size=100, layers=(1,), there=True, by=2),
        Lost(path="d", size=50, files=2, layers=(1,), there=False, by=3),
        Lost(path="e", size=30, layers=(1,), there=False, by=3),
        Lost(path="f/k", size=20, layers=(1,), there=False, by=3),
    )
    assert (found.held, found.wasted) == (215, 200)
    assert found.efficiency == pytest.approx(15 / 215)
    assert text(found, width=60).splitlines()[:3] == [
        "7.0% efficient: 200 B of 215 B in layers are not seen",
        "WASTED  FILES  IN LAYERS  BECAUSE     PATH",
        " 100 B      1  1          again in 2  a",
    ]


def test_waste_names_the_largest_and_counts_the_others() -> None:
    """
    Of many paths so many are named, and of the others the sum is.
    """
    files = [_file(f"f{size}", size) for size in range(1, 11)]
    made = image(_layer(*files), _layer(*(_gone(f".wh.f{size}") for size in range(1, 11))))
    found = waste(made, most=3)
    assert [each.size for each in found.paths] == [10, 9, 8]
    assert (found.others, found.others_size) == (7, 28)
    assert text(found).splitlines()[-1] == "7 others, 28 B"


def test_a_further_name_is_no_further_space() -> None:
    """
    Trap: a hard link is the same bytes; when the first name goes, they are still seen.
    """
    link = Written(Entry(name="b", kind="hardlink", linkname="a"))
    made = image(_layer(_file("a", 40), link), _layer(_gone(".wh.a")))
    found = scan(made)
    assert found.waste.wasted == 0
    assert [(each.path, each.size) for each in found.space.inside] == [("b", 40)]


def test_paths_through_links_are_found() -> None:
    """
    Trap: what is written through a link is where that leads, also when it is written again.
    """
    base = _layer(
        _file("usr/lib/x", 7), Written(Entry(name="lib", kind="symlink", linkname="usr/lib"))
    )
    (lost,) = waste(image(base, _layer(_file("lib/x", 9)), _layer(_file("usr/lib/x", 8)))).paths[:1]
    assert (lost.path, lost.there, lost.by) == ("lib/x", True, 3)


def test_space_is_divided_where_it_is_largest() -> None:
    """
    The largest parts come first, small ones are together, a layer is where most is from.
    """
    many = [_file(f"many/{number}", 1) for number in range(30)]
    made = image(_layer(_file("big/one", 500), *many), _layer(_file("big/two", 600)))
    found = space(made)
    assert [(each.name, each.size, each.layer) for each in found.inside] == [
        ("big", 1100, 2),
        ("many", 30, 1),
    ]
    assert [(each.name, each.layer) for each in found.inside[0].inside] == [("two", 2), ("one", 1)]
    assert found.inside[1].inside[-1].others == 6
    assert space(made, most=1).inside == ()


def test_an_artifact_has_no_files() -> None:
    """
    It is refused, in words that say what can be drawn.
    """
    with pytest.raises(NoFiles, match="only what manifests say can be drawn"):
        scan(artifact("text/plain"))


def test_waterfalls_go_on_where_the_last_layer_ended() -> None:
    """
    Sizes as they are stored; of layers that were read also what is in them.
    """
    made = image(_layer(_file("a", 100)), _layer(_gone(".wh.a")))
    fall = waterfall(made, scan=scan(made))
    assert [bar.below for bar in fall.bars] == [0, made.layers[0].size]
    assert [(bar.unpacked, bar.files) for bar in fall.bars] == [(100, 1), (0, 0)]
    assert [bar.instruction for bar in fall.bars] == ["step 0", "step 1"]


def test_content_is_not_kept() -> None:
    """
    A layer of 48 MB takes a small part of that in memory.
    """
    made = image(_layer(_file("zeros", 48 << 20)), compression=Gzip(1))
    tracemalloc.start()
    assert scan(made).space.size == 48 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 << 20


def test_pictures_of_many_files_are_small() -> None:
    """
    Thousands of files, in the image and among what is wasted, make a page as any other.
    """
    files = [
        _file(f"d{number % 97}/{number % 11}/f{number}", number % 1000) for number in range(8000)
    ]
    made = image(_layer(*files), _layer(*files))
    found = scan(made)
    assert found.waste.wasted * 2 == found.waste.held
    assert len(page("many", [found.space, found.waste])) < 150_000
    assert text(found.space).count("\n") < 150


def test_no_layers_no_pictures() -> None:
    """
    Trap: nothing is divided by nothing.
    """
    found = scan(image())
    assert found.waste.efficiency == 1.0
    for each in (found.space, found.waste, waterfall(image())):
        assert page("empty", [each])
        assert text(each)


def test_synthetic_images_are_drawn() -> None:
    """
    The README's picture is of such an image.
    """
    from random import Random

    made = synthetic.image(Random(1), layers=3, size=1000)
    assert text(waterfall(made), width=60).count("█") > 10
