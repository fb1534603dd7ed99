"""
Images without some of their layers, or some of their files.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import Zstd
from ocikit.content.image import Image, NotAnImage
from ocikit.content.layer import Layer
from ocikit.mutate.remade import NotALayer
from ocikit.mutate.removal import (
    HistoryUnpaired,
    LayerMissing,
    NothingCreatedBy,
    PatternInvalid,
    remove_layers,
    remove_paths,
)
from ocikit.query.validate import validate
from ocikit.testing import building
from ocikit.testing.building import directory, link, symlink
from ocikit.tree.checked import DiffIDMismatch
from ocikit.tree.entry import Entry
from ocikit.tree.resolve import LinkTargetMissing
from tests.mutate.stacked import files, stacked, uncompressed
from tests.query.builders import artifact, image
from tests.query.builders import layer as closed_layer
from tests.tree import stacks

A, B, C = (closed_layer(name, closed=True) for name in "abc")


def made_by(*entries: str) -> Image:
    """
    Make an image of three layers; of entries in small letters nothing was made.
    """
    said = [
        {"created_by": each, **({"empty_layer": True} if each.islower() else {})}
        for each in entries
    ]
    return image("linux/amd64", A, B, C, config={"history": said or None})


def history(made: Image) -> list[str]:
    """
    Tell what is left of the history.
    """
    return [entry.created_by for entry in made.config_file.history]


@pytest.mark.parametrize(
    ("positions", "left", "entries"),
    [
        ((0,), [B, C], ["x", "B", "y", "C"]),
        ((-1,), [A, B], ["A", "x", "B", "y"]),
        ((1, -2), [A, C], ["A", "x", "y", "C"]),
        ((2, 0), [B], ["x", "B", "y"]),
        ((0, 1, 2), [], ["x", "y"]),
        ((), [A, B, C], ["A", "x", "B", "y", "C"]),
    ],
)
def test_layers_go_by_position(
    positions: tuple[int, ...], left: list[Layer], entries: list[str]
) -> None:
    """
    With their diff IDs and their entries; those of empty layers stay, and nothing is opened.
    """
    made = remove_layers(made_by("A", "x", "B", "y", "C"), *positions)
    assert list(made.layers) == left
    assert made.config_file.rootfs.diff_ids == tuple(each.diff_id for each in left)
    assert history(made) == entries


def test_layers_go_by_history() -> None:
    """
    Wherever the expression is found; entries that made no layer do not count.
    """
    base = made_by("ADD rootfs", "env secret", "COPY secret /a", "COPY b /b")
    made = remove_layers(base, created_by="secret|^ADD")
    assert list(made.layers) == [C]
    assert history(made) == ["env secret", "COPY b /b"]
    assert remove_layers(base, 0, created_by="b /b") == remove_layers(base, 0, 2)


@pytest.mark.parametrize(
    ("entries", "positions", "left"),
    [
        ((), (0,), []),
        (("T",), (-1,), []),
        (("T",), (0,), ["T"]),
        (("T", "x", "U"), (1, 2), ["x"]),
        (("A", "B", "C", "D"), (0,), ["A", "B", "C", "D"]),
    ],
)
def test_histories_that_do_not_add_up(
    entries: tuple[str, ...], positions: tuple[int, ...], left: list[str]
) -> None:
    """
    Of too few, each is one of the topmost layers'; too many never outnumber the layers.
    """
    made = remove_layers(made_by(*entries), *positions)
    assert history(made) == left
    full = [each for each in made.config_file.history if not each.empty_layer]
    assert len(full) <= len(made.layers)
    with pytest.raises(HistoryUnpaired, match="name the layers by their positions"):
        remove_layers(made_by(*entries), created_by="A")


@pytest.mark.parametrize("position", [3, -4])
def test_layers_that_are_not_there(position: int) -> None:
    """
    Trap: a removal that removes nothing must not look as if it had.
    """
    base = made_by("A", "B", "env C")
    with pytest.raises(LayerMissing, match=f"has no layer {position}, but 3 in all") as it:
        remove_layers(base, 0, position)
    assert pickle.loads(pickle.dumps(it.value)) == it.value
    base = made_by("A", "B", "env x", "C")
    with pytest.raises(NothingCreatedBy, match="whose history matches 'env'"):
        remove_layers(base, created_by="env")
    with pytest.raises(PatternInvalid, match="no regular expression"):
        remove_layers(base, created_by="(")


def test_artifacts_lose_layers_too() -> None:
    """
    Their configuration is theirs, and stays closed; history they have none.
    """
    made = remove_layers(artifact(A, B), 0)
    assert made.layers == (B,)
    assert made == artifact(B)
    with pytest.raises(NotAnImage):
        remove_layers(artifact(A), created_by="A")


def test_paths_go_from_every_layer() -> None:
    """
    With all that is below them, and the marks of them; other layers are the same records.
    """
    base = stacked(
        building.archive(directory("app"), ("app/key", b"1"), "app/run", "other"),
        building.archive("more"),
        building.archive(("app/key", b"2"), "app/.wh.run", directory("app/d"), "app/d/key"),
        building.archive("app/.wh.key", ".wh.other"),
    )
    made = remove_paths(base, "app/key", "/app/d/")
    assert files(made) == [
        [("app/", b""), ("app/run", b""), ("other", b"")],
        [("more", b"")],
        [("app/.wh.run", b"")],
        [(".wh.other", b"")],
    ]
    assert made.layers[1] == base.layers[1]
    assert made.layers[1].blob is base.layers[1].blob
    assert validate(made) == ()
    assert history(made) == history(base)
    assert remove_paths(made, "app/key", "/app/d/") is made


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*", []),
        ("**", []),
        ("a/*.pyc", ["a/", "a/b/", "a/b/y.pyc", "z"]),
        ("**/*.pyc", ["a/", "a/b/", "z"]),
        ("./a//b/", ["a/", "a/x.pyc", "z"]),
        ("a/[bx]*", ["a/", "z"]),
        ("?", []),
        ("a/b/**", ["a/", "a/x.pyc", "a/b/", "z"]),
    ],
)
def test_paths_are_named_by_globs(pattern: str, left: list[str]) -> None:
    """
    As trees are searched; however the pattern is written.
    """
    base = stacked(building.archive(directory("a"), "a/x.pyc", directory("a/b"), "a/b/y.pyc", "z"))
    assert [name for name, _ in files(remove_paths(base, pattern))[0]] == left


def test_the_root_stays() -> None:
    """
    With its facts; a pattern of it alone is a mistake.
    """
    base = stacked(building.archive(directory("./", 0o700), "./a", directory("./b")))
    assert files(remove_paths(base, "*")) == [[("./", b"")]]
    # What stays is written as it was.
    assert files(remove_paths(base, "a")) == [[("./", b""), ("./b/", b"")]]
    assert remove_paths(base) is base
    for root in ("", "/", "a/..", "."):
        with pytest.raises(PatternInvalid, match="the root, which stays"):
            remove_paths(base, "a", root)
    with pytest.raises(PatternInvalid, match=r"pattern '\[z-a\]': bad character range"):
        remove_paths(base, "[z-a]")


def test_other_names_of_a_file_keep_it() -> None:
    """
    Trap: a hard link whose file is gone has its content, in the same layer or above.
    """
    base = stacked(
        building.archive(("a", b"1"), link("b", "a"), link("c", "./a"), ("x", b"2")),
        building.archive(link("d", "a"), link("y", "x")),
        building.archive(link("z", "y"), link("w", "x")),
    )
    assert files(remove_paths(base, "a")) == [
        [("b", b"1"), ("c", b"b"), ("x", b"2")],
        [("d", b"c"), ("y", b"x")],
        [("z", b"y"), ("w", b"x")],
    ]
    made = remove_paths(base, "x")
    assert files(made) == [
        [("a", b"1"), ("b", b"a"), ("c", b"./a")],
        [("d", b"a"), ("y", b"2")],
        [("z", b"y"), ("w", b"y")],
    ]
    assert made.layers[2] != base.layers[2]
    assert files(remove_paths(base, "[abcd]"))[:2] == [[("x", b"2")], [("y", b"x")]]


def test_what_is_written_through_links() -> None:
    """
    Files are where they lie: a link on the way may go, and they stay there.
    """
    base = stacked(
        building.archive(directory("usr"), directory("usr/lib"), symlink("lib", "usr/lib")),
        building.archive("lib/a", "lib/b"),
        building.archive("lib/.wh.a"),
    )
    assert files(remove_paths(base, "usr/lib/a")) == [
        [("usr/", b""), ("usr/lib/", b""), ("lib", b"usr/lib")],
        [("usr/lib/b", b"")],
        [],
    ]
    assert files(remove_paths(base, "lib")) == [
        [("usr/", b""), ("usr/lib/", b"")],
        [("usr/lib/a", b""), ("usr/lib/b", b"")],
        [("usr/lib/.wh.a", b"")],
    ]
    assert remove_paths(base, "lib/a") is base
    assert remove_paths(base, "etc") is base


def test_marks_keep_their_meaning() -> None:
    """
    An opaque directory is still one; it takes away what the layers below have left.
    """
    base = stacked(
        building.archive(directory("d"), "d/a", "d/b"),
        building.archive(directory("d"), "d/.wh..wh..opq", "d/c", "d/e"),
    )
    assert files(remove_paths(base, "d/c")) == [
        [("d/", b""), ("d/a", b""), ("d/b", b"")],
        [("d/", b""), ("d/.wh..wh..opq", b""), ("d/e", b"")],
    ]
    assert files(remove_paths(base, "d")) == [[], []]


def test_directories_stay_without_what_was_in_them() -> None:
    """
    Trap: one of which only the file that goes spoke; a file in its place would be back.
    """
    base = stacked(building.archive("d"), building.archive("d/key", "e/f/key"))
    assert files(remove_paths(base, "**/key")) == [
        [("d", b"")],
        [("d/", b""), ("e/f/", b"")],
    ]


def test_layers_stay_what_they_are() -> None:
    """
    Compression, media type, annotations and unknown members; but not what it said of bytes.
    """
    zstd = build_layer([building.archive("a", "b")], compression=Zstd())
    said = {
        "mediaType": media.OCI_LAYER_ZSTD,
        "digest": str(zstd.digest),
        "size": zstd.size,
        "annotations": {"mine": "1", "io.github.containers.zstd-chunked.manifest-checksum": "x"},
        "x-unknown": 1,
    }
    base = image("linux/amd64", zstd, manifest={"layers": [said], "x": 1})
    made = remove_paths(base, "a")
    (new,) = made.manifest.layers
    assert new.media_type == media.OCI_LAYER_ZSTD
    assert new.annotations == FrozenMap(mine="1")
    assert new.extra == {"x-unknown": 1}
    assert made.document.raw.endswith(b',"x":1}')
    assert [each.severity for each in validate(made)] == []
    docker = remove_paths(stacked(building.archive("a"), docker=True), "a")
    assert docker.layers[0].media_type == media.DOCKER_LAYER_GZIP
    assert docker.media_type == media.DOCKER_MANIFEST


def test_what_cannot_be_read_is_refused() -> None:
    """
    Artifacts, blobs that are no layers, layers of another image, and links to nothing.
    """
    with pytest.raises(NotAnImage):
        remove_paths(artifact(A), "a")
    blob = closed_layer("a", media_type="application/in-toto+json", closed=True)
    with pytest.raises(NotALayer):
        remove_paths(image("linux/amd64", blob), "a")
    lying = evolve(closed_layer("a"), diff_id=A.digest)
    with pytest.raises(DiffIDMismatch):
        remove_paths(image("linux/amd64", lying), "a")
    with pytest.raises(LinkTargetMissing):
        remove_paths(stacked(building.archive(link("l", "f"))), "l")


def test_headers_that_stay_are_the_same_bytes() -> None:
    """
    Whatever tar wrote them, and whoever owns what they are about.
    """
    kept = stacks.archive([(Entry(name="./b", size=3, uname="röt", mtime_ns=5), b"123")])
    base = stacked(building.archive("a")[:-1024] + kept + bytes(9000))
    assert uncompressed(remove_paths(base, "a")) == [kept]
