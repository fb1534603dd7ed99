"""
Which JSON member each field of a wire record is.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable
from typing import Any

import attrs

from ocikit._records import record


@record(kw_only=True)
class WireField:
    """
    One field of a wire record.
    """

    name: str
    member: str
    type: Any
    default: Any
    #: Written in a new document even when it has its default.
    always: bool

    @property
    def required(self) -> bool:
        """
        Whether a document without this member is not one.
        """
        return self.default is attrs.NOTHING


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _wire_fields(cls: type[Any]) -> tuple[WireField, ...]:
    types = typing.get_type_hints(cls)
    return tuple(
        WireField(
            name=field.name,
            member=field.metadata.get("member", _camel(field.name)),
            type=types[field.name],
            default=field.default,
            always=field.metadata.get("always", field.default is attrs.NOTHING),
        )
        for field in attrs.fields(cls)
        if field.name not in ("extra", "source")
    )


def _is_wire(cls: type[Any]) -> bool:
    return attrs.has(cls) and {"extra", "source"} <= {field.name for field in attrs.fields(cls)}


def _by_member(cls: type[Any]) -> dict[str, WireField]:
    return {field.member: field for field in wire_fields(cls)}


#: List the fields of a wire record in the order in which Go writes them.
wire_fields: Callable[[Any], tuple[WireField, ...]] = functools.cache(_wire_fields)
#: Tell whether a type is a wire record: one that keeps unknown members.
is_wire: Callable[[Any], bool] = functools.cache(_is_wire)
#: Index the fields of a wire record by JSON member.
by_member: Callable[[Any], dict[str, WireField]] = functools.cache(_by_member)
