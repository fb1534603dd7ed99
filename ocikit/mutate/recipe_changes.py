"""
What is set and what is removed, as tables.

There is no null in TOML, and it would be easily overlooked in JSON: what is removed is
listed by name.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any, Final

from ocikit._records import FrozenMap
from ocikit.mutate.recipe_faults import NotWritable, RecipeInvalid, shown, unknown, within
from ocikit.mutate.recipe_form import TEXT, Form, Hooks, listed, mapped, read, write
from ocikit.mutate.recipe_tables import FormOf, member_name

_TABLE: Final = frozenset[type]([dict])
_NAMES: Final = listed(TEXT)


def changed(value: Form) -> Form:
    """
    Give the form of what is set and, where a value is None, removed by name.
    """
    forms = {"set": mapped(value), "remove": _NAMES}

    def from_tree(given: dict[str, Any], hooks: Hooks) -> FrozenMap[str, Any]:
        parts: dict[str, Any] = {}
        for name, inner in given.items():
            if name not in forms:
                unknown("member", name, forms)
            with within(name):
                parts[name] = read(forms[name], inner, hooks)
        return _both(parts.get("set", {}), parts.get("remove", ()))

    def to_tree(values: Mapping[str, Any], hooks: Hooks) -> dict[str, Any]:
        there = FrozenMap({name: each for name, each in values.items() if each is not None})
        gone = tuple(name for name, each in values.items() if each is None)
        tree: dict[str, Any] = {}
        for name, part in (("set", there), ("remove", gone)):
            if part:
                with within(name):
                    tree[name] = write(forms[name], part, hooks)
        return tree

    return Form(
        said="a table of set, remove",
        takes=_TABLE,
        holds=lambda values: isinstance(values, FrozenMap),
        from_tree=from_tree,
        to_tree=to_tree,
    )


def _both(there: Mapping[str, Any], gone: tuple[str, ...]) -> FrozenMap[str, Any]:
    for name in gone:
        if name in there:
            raise RecipeInvalid(reason=f"{shown(name)} is both set and removed")
    return FrozenMap({**there, **dict.fromkeys(gone)})


def fields_changed(cls: type[Any], form_of: FormOf) -> Form:
    """
    Give the form of fields that are set, and those that are removed listed by name.

    Args:
        cls: a `TypedDict` in which None removes a field.
        form_of: the form of each field's type.
    """
    forms = {name: form_of(hint) for name, hint in typing.get_type_hints(cls).items()}
    names = {member_name(name): name for name in forms}

    def python_name(name: str) -> str:
        if name not in names:
            unknown("field", name, names)
        return names[name]

    def from_tree(given: dict[str, Any], hooks: Hooks) -> FrozenMap[str, Any]:
        there: dict[str, Any] = {}
        gone: tuple[str, ...] = ()
        for name, inner in given.items():
            with within(name):
                if name == "remove":
                    gone = tuple(python_name(each) for each in read(_NAMES, inner, hooks))
                else:
                    there[python_name(name)] = read(forms[python_name(name)], inner, hooks)
        return _both(there, gone)

    def to_tree(values: Mapping[str, Any], hooks: Hooks) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for name, value in values.items():
            with within(str(name)):
                if name not in forms:
                    raise NotWritable(reason="there is no such field")
                if value is not None:
                    tree[member_name(name)] = write(forms[name], value, hooks)
        gone = [member_name(name) for name, value in values.items() if value is None]
        return {**tree, "remove": gone} if gone else tree

    return Form(
        said="a table of fields",
        takes=_TABLE,
        holds=lambda values: isinstance(values, FrozenMap),
        from_tree=from_tree,
        to_tree=to_tree,
    )
