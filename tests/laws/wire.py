"""
Strategies of documents as they come: any order, nulls, unknown members, odd numbers.

They follow the fields of the wire records, so that each new field is under every law. The
kit's documents are records; these are the JSON from which records are read, and need not
make sense: lone surrogates, numbers that no record makes.
"""

from __future__ import annotations

import base64
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.spec.api import Catalog, Problem, Problems, TagList, TokenGrant
from ocikit.spec.config import Config, ConfigFile, Healthcheck, History, RootFS
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.dockersave import SavedImage
from ocikit.spec.fields import WireField, is_wire, wire_fields
from ocikit.spec.gojson import Number, dumps
from ocikit.spec.layout import LayoutMarker
from ocikit.spec.manifest import IndexManifest, Manifest
from ocikit.testing import strategies as oci

KINDS: Final = (
    Catalog, Config, ConfigFile, Descriptor, Healthcheck, History, IndexManifest, LayoutMarker,
    Manifest, Problem, Problems, RootFS, SavedImage, TagList, TokenGrant,
)  # fmt: skip

# Lone surrogates can be said in JSON, as escapes; nothing else can hold them.
texts = st.sampled_from(["", "a", "<&>\u2028", "é\U0001f40b", "\ud800", '\x00\n"\\'])
anything = oci.json_values(max_leaves=3)
_UNKNOWN: Final = ("x-a", "x-<é>", "x-\ud800", "")
_integers = st.sampled_from([0, 1, -7, 1 << 70])


def values(type_: Any) -> st.SearchStrategy[Any]:
    """
    JSON values from which a field of that type can be made.
    """
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: texts,
        int: _integers,
        bool: st.booleans(),
        bytes: st.binary(max_size=4).map(lambda data: base64.b64encode(data).decode()),
        Digest: oci.digests(algorithms=("sha256", "sha512")).map(str),
    }
    if type_ in simple:
        return simple[type_]
    if is_wire(type_):
        return st.deferred(lambda: objects(type_))
    origin, arguments = typing.get_origin(type_), typing.get_args(type_)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=2)
    if origin is FrozenMap:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if origin is frozenset:
        return st.dictionaries(texts, st.just({}) | anything, max_size=2)
    if origin is types.UnionType and len(arguments) == 2:
        return values(arguments[0])
    return anything


def _member(field: WireField) -> st.SearchStrategy[Any]:
    if field.member == "size":
        return st.just(7)
    said = values(field.type)
    return said if field.required else st.none() | said


def _objects(kind: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = wire_fields(kind)
    members = {field.member: _member(field) for field in fields}
    required = [field.member for field in fields if field.required]
    # Required members come among the others, so that any order is drawn in one go.
    names = st.lists(st.sampled_from([*members, *_UNKNOWN]), max_size=4, unique=True)
    places = st.integers(0, 4)

    @st.composite
    def drawn(draw: st.DrawFn) -> dict[str, Any]:
        order = draw(names)
        for name in required:
            if name not in order:
                order.insert(draw(places), name)
        return {name: draw(members.get(name, anything)) for name in order}

    return drawn()


#: JSON objects that are documents of a kind.
objects: Callable[[Any], st.SearchStrategy[dict[str, Any]]] = functools.cache(_objects)

spaces = st.sampled_from(["", " ", "\n\t", "\r\n   "])


def spell(value: Any, space: str) -> bytes:
    """
    Write a JSON value with other whitespace, and other escapes, than Go.
    """
    if isinstance(value, dict):
        members = [space.encode() + spell(k, "") + b":" + spell(v, space) for k, v in value.items()]
        return b"{" + b",".join(members) + space.encode() + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(space.encode() + spell(each, space) for each in value) + b"]"
    if isinstance(value, str):
        return '"{}"'.format("".join(_escaped(c) for c in value)).encode()
    if isinstance(value, Number):
        return value.text.encode()
    return dumps(value)


def _escaped(character: str) -> str:
    if character == "<":
        return character
    if character in '"\\' or character < " " or "\ud800" <= character <= "\udfff":
        return f"\\u{ord(character):04X}"
    return "\\u0061" if character == "a" else character
