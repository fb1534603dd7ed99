"""
JSON values to records: strict, keeping what is unknown, naming every problem.

Two converters serve: a quick one, and one that collects all problems with their JSON
paths, used only to explain a failure. They are built on first use.
"""

from __future__ import annotations

import base64
import binascii
import functools
import types
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, get_args, get_origin

from cattrs import Converter
from cattrs.cols import is_any_set
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_mapping_structure_fn, override

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.spec.fields import by_member, is_wire, wire_fields
from ocikit.spec.gojson import JSONInvalid

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

_NAMES: dict[type[Any], str] = {
    dict: "object", list: "array", str: "string", bool: "boolean", int: "integer",
    type(None): "null",
}  # fmt: skip


class _Expected(Exception):
    def __init__(self, kind: str, value: object) -> None:
        super().__init__(f"expected {kind}, got {_NAMES.get(type(value), 'number')}")


def structure(value: Any, cls: type[T], what: str) -> T:
    """
    Make a `cls` of a JSON value.

    Raises:
        JSONInvalid: it is not one; all problems are told, each with its JSON path.
    """
    try:
        return _converter(False).structure(value, cls)
    except Exception:
        problems = tuple(explain(value, cls))
        raise JSONInvalid(what=what, problems=problems) from None


def explain(value: Any, cls: Any) -> Iterator[tuple[str, str]]:
    """
    Find all problems that stand in the way of making a `cls` of a JSON value.
    """
    try:
        _converter(True).structure(value, cls)
    except Exception as error:
        yield from _walk(error, "$")


def structure_member(value: Any, type_: Any) -> Any:
    """
    Make the value of one field of type `type_` from the member it was read from.
    """
    return _converter(False).structure(value, type_)


@functools.cache
def _converter(detailed: bool) -> Converter:
    made = Converter(detailed_validation=detailed, forbid_extra_keys=False)
    for cls, name in ((str, "string"), (int, "integer"), (bool, "boolean")):
        made.register_structure_hook(cls, _exactly(cls, name))
    made.register_structure_hook(bytes, _base64)
    made.register_structure_hook(Digest, _digest)
    made.register_structure_hook_factory(is_any_set, lambda cls: _members_as_set)
    made.register_structure_hook_factory(_is_json, lambda cls: _as_it_is)
    made.register_structure_hook_factory(
        lambda cls: _origin(cls) is tuple, lambda cls: _array(cls, made, detailed)
    )
    made.register_structure_hook_factory(
        lambda cls: _origin(cls) is FrozenMap, lambda cls: _object(cls, made)
    )
    made.register_structure_hook_factory(is_wire, lambda cls: _wire(cls, made))
    return made


def _origin(type_: Any) -> Any:
    return get_origin(type_)


def _is_json(type_: Any) -> bool:
    return bool in get_args(type_) and float in get_args(type_)


def _as_it_is(value: Any, _: Any) -> Any:
    return value


def _exactly(cls: type, name: str) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not cls:
            raise _Expected(name, value)
        return value

    return hook


def _base64(value: Any, _: Any) -> bytes:
    if type(value) is not str:
        raise _Expected("string", value)
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from None


def _digest(value: Any, _: Any) -> Digest:
    if type(value) is not str:
        raise _Expected("string", value)
    return Digest.parse(value)


def _members_as_set(value: Any, _: Any) -> frozenset[str]:
    if type(value) is not dict:
        raise _Expected("object", value)
    return frozenset(value)


def _array(cls: Any, converter: Converter, detailed: bool) -> Hook:
    item = get_args(cls)[0]
    items: Any = types.GenericAlias(list, (item,))
    one = converter.get_structure_hook(item)
    many = converter.get_structure_hook(items) if detailed else None

    def hook(value: Any, _: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _Expected("array", value)
        if many is not None:
            return tuple(many(value, items))
        return tuple([one(each, item) for each in value])

    return hook


def _object(cls: Any, converter: Converter) -> Hook:
    inner = make_mapping_structure_fn(cls, converter, structure_to=FrozenMap)

    def hook(value: Any, type_: Any) -> Any:
        if type(value) is not dict:
            raise _Expected("object", value)
        return inner(value, type_)

    return hook


def _wire(cls: Any, converter: Converter) -> Hook:
    renamed: dict[str, Any] = {
        field.name: override(rename=field.member) for field in wire_fields(cls)
    }
    apart = override(omit=True)
    inner = make_dict_structure_fn(cls, converter, extra=apart, source=apart, **renamed)
    known = frozenset(by_member(cls))
    folded = {name.casefold(): name for name in known}

    def hook(value: Any, type_: Any) -> Any:
        if type(value) is not dict:
            raise _Expected("object", value)
        # Go reads a null as the member's zero value; so an optional member that is
        # null has its default. The null itself stays in `source`.
        members = value
        if None in value.values():
            members = {name: each for name, each in value.items() if each is not None}
        made = inner(members, type_)
        if not known.issuperset(value):
            unknown = {name: each for name, each in value.items() if name not in known}
            _refuse_other_case(unknown, folded)
            _set(made, "extra", FrozenMap(unknown))
        _set(made, "source", value)
        return made

    return hook


# The record is new, and nobody else's yet.
_set = object.__setattr__


def _refuse_other_case(unknown: dict[str, Any], folded: dict[str, str]) -> None:
    # Go takes a member for its field whatever its case: it would read another document.
    for name in unknown:
        meant = folded.get(name.casefold())
        if meant is not None:
            raise ValueError(f"member {name!r} is {meant!r} to some readers; write it like that")


def _walk(error: BaseException, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(error, BaseValidationError):
        yield path, _text(error)
        return
    exceptions: tuple[BaseException, ...] = error.exceptions
    for each in exceptions:
        yield from _walk(each, path + _step(each, error))


def _step(error: BaseException, group: BaseValidationError) -> str:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote) and isinstance(group, ClassValidationError):
            return _member(_member_name(group.cl, note.name))
        if isinstance(note, IterableValidationNote):
            key = note.index
            return f"[{key}]" if isinstance(key, int) else _member(str(key))
    name = getattr(error, "member", None)
    return _member(name) if isinstance(name, str) else ""


def _member_name(cls: Any, name: str) -> str:
    return next((field.member for field in wire_fields(cls) if field.name == name), name)


def _member(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{_shortened(repr(name))}]"


def _text(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "required member is missing"
    if isinstance(error, _Expected | OciError | ValueError):
        return _shortened(str(error))
    return f"{type(error).__name__}: {error}"


def _shortened(text: str) -> str:
    # A document may quote megabytes at whoever reads the log.
    return text if len(text) <= 300 else f"{text[:300]}…"
