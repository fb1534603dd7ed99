"""
Records to JSON values, in the order and with the omissions of Go.

A record that was read remembers the JSON object it came from. Of such a one each member
whose value is still what was read goes out as it came (order, nulls, explicit empties,
members we do not know), and only what was changed is new.
"""

from __future__ import annotations

import base64
from typing import Any

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.spec.fields import WireField, by_member, is_wire, wire_fields

_ABSENT = object()


def unstructure(record: Any) -> dict[str, Any]:
    """
    Give the JSON object of a wire record.
    """
    source: dict[str, Any] = record.source or {}
    members: dict[str, Any] = {}
    known = by_member(type(record))
    for name, raw in source.items():
        field = known.get(name)
        value = _unknown(record, name) if field is None else _kept(record, field, raw)
        if value is not _ABSENT:
            members[name] = value
    members = _with_new(record, members, source)
    return {**members, **{k: v for k, v in record.extra.items() if k not in members}}


def _unknown(record: Any, name: str) -> Any:
    return record.extra.get(name, _ABSENT)


def _kept(record: Any, field: WireField, raw: Any) -> Any:
    value = getattr(record, field.name)
    if raw is None:
        return None if value == _default(field) else _new(value)
    if is_wire(type(value)):
        return unstructure(value)
    if isinstance(value, tuple) and value and is_wire(type(value[0])):
        return [unstructure(item) for item in value]
    if value == _read(field, raw):
        return raw
    if value == _default(field) and not field.always and not field.required:
        return _ABSENT
    if isinstance(value, dict | frozenset) and isinstance(raw, dict):
        return _merged(raw, _new(value), keep_values=isinstance(value, frozenset))
    return _new(value)


def _read(field: WireField, raw: Any) -> Any:
    # Here because only a record that was read gets here: cattrs is loaded already.
    from ocikit.spec.converter import structure_member

    return structure_member(raw, field.type)


def _default(field: WireField) -> Any:
    return () if field.required else field.default


def _merged(raw: dict[str, Any], new: dict[str, Any], *, keep_values: bool) -> dict[str, Any]:
    kept = {k: raw[k] if keep_values else new[k] for k in raw if k in new}
    merged = {**kept, **{k: v for k, v in new.items() if k not in kept}}
    # Go writes maps sorted: one that was sorted stays so.
    return dict(sorted(merged.items())) if list(raw) == sorted(raw) else merged


def _with_new(record: Any, members: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """
    Insert the members that the source lacked, each after its predecessor in Go's order.
    """
    fields = wire_fields(type(record))
    order = list(members)
    for position, field in enumerate(fields):
        value = getattr(record, field.name)
        always = field.always and record.source is None
        if field.member in source or (value == _default(field) and not always):
            continue
        before = [f.member for f in fields[:position] if f.member in members]
        place = order.index(before[-1]) + 1 if before else 0
        order.insert(place, field.member)
        members[field.member] = _new(value)
    return {name: members[name] for name in order}


def _new(value: Any) -> Any:
    if isinstance(value, str | int | type(None)):
        return value
    if isinstance(value, Digest):
        return str(value)
    if is_wire(type(value)):
        return unstructure(value)
    if isinstance(value, tuple):
        return [_new(item) for item in value]
    if isinstance(value, frozenset):
        return {name: {} for name in sorted(value)}
    if isinstance(value, FrozenMap):
        return {str(key): _new(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value
