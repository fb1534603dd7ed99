"""
Strategies of steps of every kind, made of the types of their fields.

A new step is in the laws as soon as it is in `ocikit.mutate.steps`. Those of the kit run on
any image; these need only be written and read, so that any value of a type will do, be it
one with which no image is made.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from ocikit._records import FrozenMap
from ocikit.content.blob import Blob
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Child, Image, Index, Loaded
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.mutate import steps as known
from ocikit.mutate.pipeline import Pipeline, Step
from ocikit.platforms import Platform
from ocikit.spec.config import Healthcheck, History
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.match import PREDICATES, Match
from ocikit.testing import strategies as oci

STEPS: Final[tuple[type[Any], ...]] = tuple(getattr(known, name) for name in known.__all__)

texts = oci.texts(max_size=5)
names = st.sampled_from(["A", "PATH", "x.y", "a b", "é", "", '"', "remove", "steps"])
odd_platforms = st.builds(
    Platform, os=texts, os_features=st.tuples(texts), extra=oci.extras(max_size=1)
)
descriptors = oci.descriptors(extra=oci.extras(max_size=1))
images = oci.images(max_layers=1)

VALUES: Final[dict[Any, st.SearchStrategy[Any]]] = {
    str: texts,
    int: st.integers(-3, 3) | st.integers(-(1 << 63), (1 << 63) - 1),
    bool: st.booleans(),
    Digest: oci.digests(algorithms=("sha256", "sha512")),
    Platform: oci.platforms() | odd_platforms,
    Descriptor: descriptors,
    History: st.builds(History, created_by=texts, empty_layer=st.booleans(), extra=oci.extras()),
    Healthcheck: st.builds(Healthcheck, test=st.tuples(texts), interval=st.integers(0, 10**12)),
    Layer: oci.layers(max_entries=1),
    Gzip: st.builds(Gzip, st.integers(0, 3), st.sampled_from(["auto", "isal", "zlib-ng", "zlib"])),
    Zstd: st.builds(Zstd, st.integers(0, 22)),
    Plain: st.just(Plain()),
    Image: images,
    Index: oci.indexes(max_children=1),
    Blob: oci.blobs(),
    Child: st.builds(Child, descriptor=descriptors, opener=images.map(Loaded)),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """
    Give values of a type.
    """
    origin, inside = get_origin(hint), get_args(hint)
    if hint in VALUES:
        return VALUES[hint]
    if hint is type(None):
        return st.none()
    if hint == Match:
        return predicates
    if hint == Step:
        return one_step
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(each) for each in inside))
    if origin is Literal:
        return st.sampled_from(inside)
    if origin in (tuple, Sequence, Iterable):
        return st.lists(values(inside[0]), max_size=2).map(tuple)
    if origin in (frozenset, AbstractSet):
        return st.frozensets(values(inside[0]), max_size=2)
    if origin in (FrozenMap, Mapping):
        return st.dictionaries(names, values(inside[1]), max_size=2).map(FrozenMap)
    if typing.is_typeddict(hint):
        fields = {name: values(each) for name, each in typing.get_type_hints(hint).items()}
        some = st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True)
        return some.flatmap(lambda names: st.fixed_dictionaries({n: fields[n] for n in names}))
    return records(hint)


def records(cls: type[Any]) -> st.SearchStrategy[Any]:
    """
    Give records of a class, with any fields that their types allow.
    """
    hints = typing.get_type_hints(cls)
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for field in attrs.fields(cls):
        to = required if field.default is attrs.NOTHING else optional
        to[field.alias or field.name] = values(hints[field.name])
    drawn = st.fixed_dictionaries(required, optional=optional)
    return drawn.map(lambda fields: cls(**fields))


def _deferred(make: Callable[[], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.deferred(make)


predicates: st.SearchStrategy[Match] = _deferred(
    lambda: st.one_of(*(records(cls) for cls in PREDICATES.values()))
)
one_step: st.SearchStrategy[Any] = _deferred(lambda: st.one_of(*map(records, STEPS), pipelines))
pipelines: st.SearchStrategy[Pipeline] = st.builds(
    Pipeline,
    st.lists(one_step, max_size=3),
    select=st.none() | predicates,
    attestations=st.sampled_from(["relink", "keep", "drop"]),
)
