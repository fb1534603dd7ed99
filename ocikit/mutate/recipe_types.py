"""
The written form of each type that a step may have in it.

Steps, predicates and pipelines are written by their fields, so that a new one needs
nothing here.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from ocikit._records import FrozenMap
from ocikit.content.blob import Blob
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Child, Image, Index
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.mutate.pipeline import Pipeline, Step
from ocikit.mutate.recipe_changes import changed, fields_changed
from ocikit.mutate.recipe_content import ANYTHING, Listed, Whole, content_form, layer_form
from ocikit.mutate.recipe_faults import NotWritable
from ocikit.mutate.recipe_form import (
    BOOLEAN,
    INTEGER,
    TEXT,
    Form,
    Hooks,
    chosen,
    either,
    listed,
    mapped,
)
from ocikit.mutate.recipe_tables import arguments, step_name, table, tagged
from ocikit.mutate.recipe_values import BYTES, COMPRESSION, DIGEST, PLATFORM, check_plain, object_of
from ocikit.platforms import Platform
from ocikit.spec.config import Healthcheck, History
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.fields import is_wire
from ocikit.spec.match import PREDICATES, Match

NONE: Final = type(None)
#: A value of any kind, that is not looked into.
_ANY: Final = Form(
    said="a value",
    takes=ANYTHING,
    holds=lambda _: True,
    from_tree=lambda value, _: value,
    to_tree=lambda value, _: check_plain(value),
)
_KNOWN: Final[dict[Any, Form]] = {
    str: TEXT,
    int: INTEGER,
    bool: BOOLEAN,
    bytes: BYTES,
    Digest: DIGEST,
    Platform: PLATFORM,
    Any: _ANY,
}
_OBJECTS: Final[dict[type, str]] = {
    Descriptor: "a descriptor",
    Healthcheck: "a healthcheck",
    History: "an entry of history",
}
_CONTENT: Final = (Image, Index, Blob, Child)
_COMPRESSIONS: Final = (Gzip, Zstd, Plain)


@functools.cache
def form_of(hint: Any) -> Form:
    """
    Give the written form of a type; None in it is what is left out.
    """
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return either(tuple(_parts([each for each in inside if each is not NONE])))
    if hint in _KNOWN:
        return _KNOWN[hint]
    if hint == Step:
        return STEP
    if hint == Match:
        return PREDICATE
    if origin is Literal:
        return chosen(inside)
    if (origin is tuple and inside[1:] == (...,)) or origin in (Sequence, Iterable):
        return listed(form_of(inside[0]))
    if origin in (frozenset, AbstractSet):
        return listed(form_of(inside[0]), unordered=True)
    if origin in (FrozenMap, Mapping):
        value = form_of(inside[1])
        return changed(value) if NONE in get_args(inside[1]) else mapped(value)
    return _form_of_class(hint)


def _parts(hints: list[Any]) -> list[Form]:
    """
    Give the forms of the types of a union; what has one form together is one.
    """
    content = tuple(each for each in hints if each in _CONTENT)
    others = [each for each in hints if each not in (*_CONTENT, *_COMPRESSIONS)]
    forms = [form_of(each) for each in others]
    if len(others) + len(content) < len(hints):
        forms.append(COMPRESSION)
    if content:
        forms.append(content_form(content, table_of(Listed)))
    return forms


def _form_of_class(cls: Any) -> Form:
    if cls is Layer:
        return layer_form(table_of(Whole))
    if cls in _CONTENT:
        return content_form((cls,), table_of(Listed))
    if cls in _COMPRESSIONS:
        return COMPRESSION
    if typing.is_typeddict(cls):
        return fields_changed(cls, form_of)
    if isinstance(cls, type) and attrs.has(cls):
        return object_of(cls, _OBJECTS.get(cls, cls.__name__)) if is_wire(cls) else table_of(cls)
    return _unwritable(cls)


def _table_of(cls: type[Any]) -> Form:
    return table(cls, form_of)


def _arguments_of(cls: type[Any]) -> Form:
    # A pipeline is one table wherever it stands.
    return table_of(cls) if cls is Pipeline else arguments(cls, form_of)


#: Give the form of a record as a table of its fields.
table_of: Callable[[Any], Form] = functools.cache(_table_of)
#: Give the form of what is behind the name of a step or a predicate.
arguments_of: Callable[[Any], Form] = functools.cache(_arguments_of)


def _unwritable(hint: Any) -> Form:
    said = f"nothing that can be written down ({hint})"

    def to_tree(value: Any, _: Hooks) -> Any:
        raise NotWritable(reason=f"{value!r:.100} cannot be written down")

    return Form(
        said=said,
        takes=frozenset(),
        holds=lambda _: True,
        from_tree=lambda value, _: value,
        to_tree=to_tree,
    )


def known_steps() -> FrozenMap[str, type[Any]]:
    """
    Give the steps that ocikit has, by name; a pipeline can be one of another.
    """
    from ocikit.mutate import steps

    records = (getattr(steps, name) for name in steps.__all__)
    return FrozenMap({step_name(cls): cls for cls in (*records, Pipeline)})


STEP: Final = tagged(
    "step",
    lambda hooks: hooks.steps,
    arguments_of,
    "make it a record with its arguments as fields, and pass its class as one of `steps`",
)
_PREDICATES: Final = FrozenMap(PREDICATES)
PREDICATE: Final = tagged(
    "predicate",
    lambda _: _PREDICATES,
    arguments_of,
    "compose one of those in ocikit.query.match",
)
