"""
Strategies of content as it comes: any order of members, unknown ones, nulls, empties.

The kit's strategies make records, and encode them as ocikit does. Here JSON is written by
hand, so that members come in any order, and null where the kit leaves them out: what only an
edit that keeps bytes gets right. Layers cannot be opened, unless a test asks for those that can.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Image, Index
from ocikit.content.layer import Layer
from ocikit.testing import strategies as oci
from ocikit.testing.refusing import Refusing
from tests.query.builders import attestation, described, index, layer, listed, loaded

NAMES: Final = ["a", "b", "c/d", "é"]
PLATFORMS: Final = [
    "linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7", "windows/amd64:10.0.1",
]  # fmt: skip

text = oci.texts(max_size=5)
names = st.sampled_from(["A", "B", "PATH", "x.y", "<&>", "é"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | text | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
unknown = st.dictionaries(text.map(lambda each: f"x-{each}"), json_values, max_size=2)
texts = st.dictionaries(names, text, max_size=3)

# Made once: Hypothesis looks through a strategy when it meets it for the first time, and
# one that is made where it is drawn from is always new.
_truths = st.booleans()
_files = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
_compressions = st.sampled_from(["gzip", "zstd", "none"])
_platforms = st.sampled_from(PLATFORMS)
_lists = st.none() | st.lists(text, max_size=2)
_env = st.lists(st.builds("{}={}".format, names, text), max_size=3, unique=True)
_labels = st.none() | texts
_OFFERED: Final[dict[str, st.SearchStrategy[Any]]] = {
    "Env": st.none() | _env,
    "Cmd": _lists,
    "Entrypoint": _lists,
    "Labels": _labels,
    "User": text,
    "Volumes": st.none() | st.just({"/v": {}}),
    "Healthcheck": st.none() | st.just({"Test": ["NONE"], "x-new": 1}),
}
_chosen = st.lists(st.sampled_from(sorted(_OFFERED)), max_size=4, unique=True)
_created = st.sampled_from(["2026-01-02T03:04:05Z", None])
_indents = st.sampled_from([None, 2])
_children = st.lists(_platforms, max_size=3, unique=True)


@functools.cache
@st.composite
def layers(draw: st.DrawFn, closed: bool = True) -> Layer:
    """
    Give layers of few contents, so that equal ones are common, in any type.
    """
    files, compression = draw(_files), draw(_compressions)
    return layer(*files, compression=compression, docker=draw(_truths), closed=closed)


@functools.cache
def _stacks(closed: bool) -> st.SearchStrategy[list[Layer]]:
    return st.lists(layers(closed), max_size=3)


def _shuffled(draw: st.DrawFn, members: Mapping[str, Any]) -> dict[str, Any]:
    return dict(draw(st.permutations(list(members.items()))))


def _run_config(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(_chosen)
    return _shuffled(draw, {**draw(unknown), **{name: draw(_OFFERED[name]) for name in chosen}})


def _config(draw: st.DrawFn, held: list[Layer], platform: str) -> dict[str, Any]:
    os, architecture, *rest = platform.split(":")[0].split("/")
    members: dict[str, Any] = {
        **draw(unknown),
        "os": os,
        "architecture": architecture,
        "rootfs": {"type": "layers", "diff_ids": [str(each.diff_id) for each in held]},
        "config": _run_config(draw),
    }
    if rest:
        members["variant"] = rest[0]
    if draw(_truths):
        members["created"] = draw(_created)
    if draw(_truths):
        members["history"] = [{"created_by": draw(text), "x-h": 1} for _ in held]
    return _shuffled(draw, members)


@functools.cache
@st.composite
def images(draw: st.DrawFn, closed: bool = True, platform: str | None = None) -> Image:
    """
    Give images of both families, in any spelling.
    """
    held = draw(_stacks(closed))
    where = platform or draw(_platforms)
    docker = draw(_truths)
    spelling: dict[str, Any] = {"indent": draw(_indents)}
    raw = json.dumps(_config(draw, held, where), **spelling).encode()
    file = of_bytes(raw, media.DOCKER_CONFIG if docker else media.OCI_CONFIG)
    said = {**described(file), **draw(unknown)}
    if draw(_truths):
        said["data"] = base64.b64encode(raw).decode()
    members: dict[str, Any] = {
        **draw(unknown),
        "schemaVersion": 2,
        "mediaType": media.DOCKER_MANIFEST if docker else media.OCI_MANIFEST,
        "config": _shuffled(draw, said),
        "layers": [{**described(each.blob), **draw(unknown)} for each in held],
    }
    if draw(_truths):
        members["annotations"] = draw(_labels)
    openers = {str(file.digest): file.opener}
    openers |= {str(each.digest): each.blob.opener for each in held}
    raw = json.dumps(_shuffled(draw, members), **spelling).encode()
    return loaded(raw, str(members["mediaType"]), openers)


@functools.cache
@st.composite
def indexes(draw: st.DrawFn, closed: bool = True, depth: int = 1) -> Index:
    """
    Give indexes of images, attestations and blobs, some with indexes within.
    """
    chosen = draw(_children)
    children: list[Child] = []
    for each in chosen:
        made = draw(images(closed, each))
        children.append(listed(made, each, note=draw(text)))
        if draw(_truths):
            children.append(attestation(made))
    if draw(_truths):
        children.append(listed(of_bytes(b"x", "text/plain")))
    if depth and draw(_truths):
        children.append(listed(draw(indexes(closed, depth - 1))))
    return index(*draw(st.permutations(children)), **draw(unknown))


def sealed(image: Image) -> Image:
    """
    Let the configuration not be opened either.
    """
    return evolve(image, config=evolve(image.config, opener=Refusing()))


def members(raw: bytes, *without: str) -> Any:
    """
    Read JSON so that the order of members counts; leave out members by dotted path.
    """
    dropped = {tuple(path.split("/")) for path in without}

    def plain(value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            items = ((name, (*path, name)) for name in value)
            return tuple(
                (name, plain(value[name], here)) for name, here in items if here not in dropped
            )
        if isinstance(value, list):
            return ["list", *(plain(each, (*path, "*")) for each in value)]
        return value

    return plain(json.loads(raw, parse_float=str), ())


wanted = st.sampled_from(["linux/amd64", "linux/arm64/v8", "linux/arm/v8", "linux/arm", "linux",
                          "windows/amd64", "linux/s390x"])  # fmt: skip
