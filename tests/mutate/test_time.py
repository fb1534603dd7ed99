"""
Images of one time.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.blob import of_bytes
from ocikit.content.build import build_layer
from ocikit.content.compression import Plain, Zstd
from ocikit.content.image import Image, Index, NotAnImage
from ocikit.content.layer import Layer
from ocikit.mutate.changes import ConfigInvalid
from ocikit.mutate.children import map_images
from ocikit.mutate.time import canonical, time
from ocikit.query.validate import validate
from ocikit.spec.config import ZERO_TIME
from ocikit.tree.checked import DiffIDMismatch
from ocikit.tree.entry import Entry
from tests.mutate.stacked import stacked, uncompressed
from tests.query.builders import artifact, attestation, image, index, layer, listed
from tests.tree.archives import entries
from tests.tree.stacks import archive

SECOND = 10**9
EARLY, LATE = "2001-09-09T01:46:39Z", "2026-01-02T03:04:05.678Z"
WHEN = "2001-09-09T01:46:40Z"


def files(*mtimes: int) -> bytes:
    """
    Make an archive of files that were changed then, in nanoseconds.
    """
    return archive([(Entry(name=f"f{at}", mtime_ns=at), b"") for at in mtimes])


def times(made: Image) -> list[list[int]]:
    """
    List when the files of each layer were changed.
    """
    return [[entry.mtime_ns for entry in entries(each)] for each in uncompressed(made)]


def said(made: Image) -> Any:
    """
    Give the configuration as JSON.
    """
    return json.loads(made.config.content)


HISTORY: list[dict[str, Any]] = [
    {"created": EARLY},
    {"created": LATE, "empty_layer": True},
    {"created_by": "x"},
]


def test_everything_is_of_one_time() -> None:
    """
    Files, the configuration, and its history, whatever they said before.
    """
    base = stacked(
        files(5, 10**18), files(7 * SECOND), config={"created": LATE, "history": HISTORY}
    )
    made = time(base, 10**9)
    assert times(made) == [[10**18, 10**18], [10**18]]
    assert said(made)["created"] == WHEN
    assert [each["created"] for each in said(made)["history"]] == [WHEN] * 3
    assert made == time(base, WHEN)
    assert validate(made) == ()
    assert time(made, WHEN) is made
    assert times(base) == [[5, 10**18], [7 * SECOND]]


def test_clamping_leaves_what_is_earlier() -> None:
    """
    SOURCE_DATE_EPOCH: nothing is later; what says no time goes on saying none.
    """
    base = stacked(
        files(5, 10**18 + 1), files(7 * SECOND), config={"created": LATE, "history": HISTORY}
    )
    made = time(base, 10**9, clamp=True)
    assert times(made) == [[5, 10**18], [7 * SECOND]]
    assert made.layers[1] == base.layers[1]
    assert said(made)["created"] == WHEN
    assert said(made)["history"] == [HISTORY[0], {**HISTORY[1], "created": WHEN}, HISTORY[2]]
    assert time(made, 10**9, clamp=True) is made
    assert time(base, "2100-01-01T00:00:00+01:00", clamp=True) is base
    odd = stacked(config={"created": "yesterday", "history": [{"created": "2026-13-01T00:00:00Z"}]})
    made = time(odd, 10**9, clamp=True)
    assert (said(made)["created"], said(made)["history"][0]["created"]) == (WHEN, WHEN)


@pytest.mark.parametrize(
    ("when", "text", "seconds"),
    [
        (0, "1970-01-01T00:00:00Z", 0),
        (-1, "1969-12-31T23:59:59Z", 0),
        (ZERO_TIME, ZERO_TIME, 0),
        ("2001-09-09T01:46:40.75Z", "2001-09-09T01:46:40.75Z", 10**9),
        ("2001-09-09T03:46:40+02:00", "2001-09-09T03:46:40+02:00", 10**9),
        ("2001-09-09T01:46:40.123456789Z", "2001-09-09T01:46:40.123456789Z", 10**9),
    ],
)
def test_times_are_seconds_or_text(when: int | str, text: str, seconds: int) -> None:
    """
    The text goes in as it is; Go's zero time is 1970 to archives, as crane has it.
    """
    made = time(stacked(files(1)), when)
    assert said(made)["created"] == text
    assert times(made) == [[seconds * SECOND]]
    assert time(made, when) is made


@pytest.mark.parametrize(
    "when", ["now", "2026-01-02", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", 10**12, -(10**12)]
)
def test_what_is_no_time_is_refused(when: int | str) -> None:
    """
    Before anything is read.
    """
    with pytest.raises(ConfigInvalid, match="created"):
        time(image("linux/amd64", layer("a", closed=True)), when)


ENTRY = {"created": LATE, "author": "a", "created_by": "b", "comment": "c", "x": 1}
RUN = {"Env": ["A=1"], "x-run": 1, "Healthcheck": {"StartInterval": 5}}
KEPT = {"author": "me", "variant": "v2", "os.version": "1", "os.features": ["f"], "x": {"b": [1]}}
GONE = {"docker_version": "1", "container": "c"}


@pytest.mark.parametrize("docker", [True, False])
def test_all_else_stays(docker: bool) -> None:
    """
    Trap: types, annotations, subject, variant, features, author and what nobody knows are
    lost where an image is put together anew.
    """
    about = {"mediaType": media.OCI_MANIFEST, "size": 1, "digest": f"sha256:{64 * '0'}"}
    base = stacked(
        files(1),
        docker=docker,
        config={
            **KEPT,
            **GONE,
            "created": LATE,
            "history": [ENTRY],
            "config": {**RUN, "Hostname": "h"},
        },
        manifest={"annotations": {"z": "1", "a": "2"}, "subject": about, "x": 1},
        inline=True,
    )
    made = canonical(base)
    epoch = "1970-01-01T00:00:00Z"
    assert said(made) == {
        **KEPT,
        "architecture": "amd64",
        "os": "linux",
        "created": epoch,
        "history": [{**ENTRY, "created": epoch}],
        "config": RUN,
        "rootfs": said(made)["rootfs"],
    }
    assert list(said(made)) == [name for name in said(base) if name not in GONE]
    listing, new = json.loads(base.document.raw), json.loads(made.document.raw)
    assert list(new) == list(listing)
    assert [new[name] for name in ("mediaType", "annotations", "subject", "x")] == [
        listing[name] for name in ("mediaType", "annotations", "subject", "x")
    ]
    assert new["layers"][0]["mediaType"] == listing["layers"][0]["mediaType"]
    assert made.manifest.config.data == made.config.content
    assert canonical(made) is made


def test_compression_stays() -> None:
    """
    Each layer has the compression that it had, and the type of its family.
    """
    for compression in (Zstd(), Plain()):
        base = stacked(files(1), compression=compression)
        made = canonical(base)
        assert made.layers[0].media_type == base.layers[0].media_type
        assert times(made) == [[0]]


def described(kind: str) -> Image:
    """
    Make an image of one layer of that type, with annotations of its bytes.
    """
    made = build_layer([files(1)])
    said = {
        "mediaType": kind,
        "digest": str(made.digest),
        "size": made.size,
        "urls": ["https://example.com/layer"],
        "annotations": {"containerd.io/snapshot/stargz/toc.digest": "x", "mine": "1"},
        "x": 1,
    }
    return image("linux/amd64", made, manifest={"layers": [said]})


def test_descriptors_say_what_is_still_true() -> None:
    """
    Trap: where the old bytes are, and what is where in them, is not said of the new ones.
    """
    (new,) = canonical(described(media.OCI_LAYER_GZIP)).manifest.layers
    assert (new.urls, new.annotations, new.extra) == ((), FrozenMap(mine="1"), FrozenMap(x=1))


def test_what_is_not_ours_stays() -> None:
    """
    Foreign layers, and what is no layer of files, are not opened.
    """
    foreign = evolve(described(media.OCI_FOREIGN_LAYER_GZIP))
    made = time(foreign, 0)
    assert made.layers[0].descriptor == foreign.layers[0].descriptor
    statement = Layer(blob=of_bytes(b"{}", "application/vnd.in-toto+json"))
    statement = evolve(statement, diff_id=statement.digest)
    assert time(image("linux/amd64", statement), 0).layers[0].digest == statement.digest
    with pytest.raises(NotAnImage):
        time(artifact(layer("a", closed=True)), 0)


def test_no_layers_and_the_same_layer_twice() -> None:
    """
    An image without layers has a time too; a layer that is listed twice still is.
    """
    assert said(time(image(), 0))["created"] == "1970-01-01T00:00:00Z"
    made = time(stacked(files(1), files(2), files(1)), 0)
    assert made.layers[0] == made.layers[2]
    assert len(made.config_file.rootfs.diff_ids) == 3
    assert validate(made) == ()


def test_other_layers_than_those_of_the_configuration_are_refused() -> None:
    """
    They would be given out as right ones.
    """
    lying = evolve(layer("a"), diff_id=layer("b").diff_id)
    with pytest.raises(DiffIDMismatch):
        canonical(image("linux/amd64", lying))


def test_every_image_of_an_index_is_of_one_time() -> None:
    """
    Attestations are linked to what came out; inline manifests are renewed.
    """
    one = stacked(files(1))
    child = listed(one, "linux/amd64", note="x")
    child = evolve(child, descriptor=evolve(child.descriptor, data=one.document.raw))
    made = map_images(index(child, attestation(one)), canonical)
    assert isinstance(made, Index)
    assert made.children[0].content == canonical(one)
    assert made.manifest.manifests[0].data == canonical(one).document.raw
    assert validate(made) == ()
