"""
Which differences are not told.
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from ocikit.content.image import Content, Image
from ocikit.query import ignore
from ocikit.query.diff import diff
from ocikit.query.difference import Difference, Ignore
from ocikit.query.ignore import PRESETS
from ocikit.tree.entry import Entry
from ocikit.tree.writer import header
from tests.query.builders import image, index, layer, listed, loaded, of_tars, tarred
from tests.tree.archives import END, block, file, pax


def configured(**config: Any) -> Image:
    """
    Make an image of one layer with these members in its configuration.
    """
    return image("linux/amd64", layer("a"), config=config)


def entry(**facts: Any) -> Image:
    """
    Make an image of one file with these facts.
    """
    return of_tars(header(Entry(name="a", **facts)) + END)


def named(name: str) -> Content:
    """
    Make an index that lists an image under this name.
    """
    return index(listed(image(), "linux/amd64", **{"org.opencontainers.image.ref.name": name}))


def spelt(indent: int) -> Image:
    """
    Make an image whose manifest is indented.
    """
    made = image()
    raw = json.dumps(json.loads(made.document.raw), indent=indent).encode()
    return loaded(raw, made.media_type, {str(made.config.digest): made.config.opener})


CREATED = "org.opencontainers.image.created"
ALIKE: dict[str, list[tuple[Content, Content]]] = {
    "times": [
        (configured(created="2020-01-01T00:00:00Z"), configured(created=None)),
        (
            configured(history=[{"created": "2020-01-01T00:00:00Z"}]),
            configured(history=[{"created": "2021-01-01T00:00:00Z"}]),
        ),
        (configured(config={"Labels": {CREATED: "1"}}), configured(config={"Labels": {}})),
        (image(manifest={"annotations": {CREATED: "1"}}), image(manifest={"annotations": {}})),
        (entry(mtime_ns=10**9), entry()),
        (
            of_tars(pax({b"ctime": b"1"}) + block() + END),
            of_tars(pax({b"ctime": b"2"}) + block() + END),
        ),
    ],
    "history": [
        (configured(history=[{"created_by": "a"}]), configured(history=[{"created_by": "b"}])),
        (configured(history=[{"comment": "a"}]), configured(history=[])),
        (configured(history=None), configured()),
    ],
    "file-order": [(of_tars(file("a") + file("b") + END), of_tars(file("b") + file("a") + END))],
    "tar-format": [
        (of_tars(block() + END), of_tars(pax({b"path": b"a"}) + block() + END)),
        (of_tars(block() + END), of_tars(block(mode=b"000644 \0") + END)),
        (of_tars(block() + END), of_tars(block() + END * 2)),
    ],
    "mode-bits": [(entry(mode=0o100644), entry(mode=0o644))],
    "paths": [
        (of_tars(file("./a") + END), of_tars(file("a") + END)),
        (of_tars(block(b"d", b"5") + END), of_tars(block(b"d/", b"5") + END)),
    ],
    "names": [(named("a"), named("b"))],
    "compression": [
        (of_tars(file("a") + END), of_tars(file("a") + END, compression="gzip")),
        (
            image("linux/amd64", tarred(file("a") + END, "zstd")),
            image("linux/amd64", tarred(file("a") + END, "gzip")),
        ),
    ],
    "spelling": [(spelt(1), spelt(2)), (spelt(1), image())],
    "annotations": [
        (named("a"), named("b")),
        (image(manifest={"annotations": {"a": "1"}}), image(manifest={"annotations": None})),
    ],
    "owners": [(entry(uid=1, gname="me"), entry())],
}
CASES = [(name, *pair) for name, pairs in ALIKE.items() for pair in pairs]
#: What is two things at once.
BOTH = [{"times", "history"}, {"times", "annotations"}, {"names", "annotations"}]


@pytest.mark.parametrize(("name", "left", "right"), CASES)
def test_presets_ignore_what_they_say(name: str, left: Content, right: Content) -> None:
    """
    And the digests that follow from it; nothing that means something else ignores it.
    """
    assert diff(left, right) != ()
    ignoring = {each for each, preset in PRESETS.items() if not diff(left, right, ignore=[preset])}
    chosen = [*PRESETS][: [*PRESETS].index("semantic")]
    assert name in ignoring
    assert ("semantic" in ignoring) is any(each in chosen for each in ignoring)
    assert ignoring - {"semantic"} in [{name}, *BOTH]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (entry(mode=0o100644), entry(mode=0o600)),
        (of_tars(file("a", b"1") + END), of_tars(file("a", b"2") + END)),
        (of_tars(file("a") + END), of_tars(END)),
        (configured(config={"Env": ["A=1"]}), configured()),
        (image("linux/amd64", layer("a")), image()),
        (index(listed(image(), "linux/amd64")), index()),
        (index(listed(image(), "linux/amd64")), index(listed(image(), "linux/arm64"))),
    ],
)
def test_what_counts_is_never_ignored(left: Content, right: Content) -> None:
    """
    By "semantic" least of all, nor with "digests" beside it.
    """
    every = [PRESETS["semantic"], PRESETS["digests"]]
    found = diff(left, right, ignore=every)
    assert [each for each in found if each.level != "content"]


def test_semantic_is_all_that_comes_before_it() -> None:
    """
    Each difference that a preset ignores is ignored by their union.
    """
    names = [*PRESETS]
    chosen = names[: names.index("semantic")]
    assert PRESETS["semantic"] == ignore.any_of(*(PRESETS[name] for name in chosen))


def test_predicates_compose() -> None:
    """
    All of some, one of some, none: as predicates over descriptors do.
    """
    found = Difference("file", ("linux/arm64", "layer 2", "var/log/x"), "mtime", "1", "2")
    yes, no = ignore.files("var/log/**"), ignore.files("*")
    composed: dict[Ignore, bool] = {
        yes: True,
        no: False,
        ignore.any_of(no, yes): True,
        ignore.any_of(): False,
        ignore.all_of(no, yes): False,
        ignore.all_of(): True,
        ignore.not_(no): True,
        ignore.within("linux/arm64", "layer 2"): True,
        ignore.within("linux/amd64"): False,
        ignore.field("mtime|mode", "file"): True,
        ignore.field("m.*"): True,
        ignore.field("mtime", "layer"): False,
    }
    assert {predicate: predicate(found) for predicate in composed} == composed


@pytest.mark.parametrize("name", [*PRESETS])
def test_presets_print_compare_and_pickle(name: str) -> None:
    """
    They are records, also once they were called.
    """
    found = Difference("file", ("a",), "mtime", "1", "2")
    preset = PRESETS[name]
    preset(found)
    again = pickle.loads(pickle.dumps(preset))
    assert (again, repr(again), hash(again)) == (preset, repr(preset), hash(preset))
    assert again(found) == preset(found)


def test_files_are_ignored_by_glob() -> None:
    """
    In layers and in trees, and the digests with them.
    """
    one = of_tars(file("var/cache/a", b"1") + file("b") + END)
    other = of_tars(file("var/cache/a", b"2") + file("b") + END)
    assert diff(one, other, ignore=[ignore.files("var/cache/**")]) == ()
    assert diff(one, other, ignore=[ignore.files("var/log/**")]) != ()


def test_digests_without_their_causes() -> None:
    """
    Trap: where files are not looked at, the digest is all there is, and may be kept.
    """
    one, other = of_tars(file("a", b"1") + END), of_tars(file("a", b"2") + END)
    only = ignore.not_(ignore.field("digest", "layer"))
    assert [each.field for each in diff(one, other, ignore=[only], files=False)] == ["digest"]
    (found,) = diff(one, other, ignore=[PRESETS["digests"]])
    assert found.field == "content"
