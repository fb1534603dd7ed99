"""
Records as tables: a member for each field, under its name with hyphens.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from ocikit._records import FrozenMap, record
from ocikit._regex import regex
from ocikit.mutate.recipe_faults import NotWritable, RecipeInvalid, shown, unknown, within
from ocikit.mutate.recipe_form import Form, Hooks, made, read, write

FormOf: TypeAlias = Callable[[Any], Form]

_NONE: Final = type(None)
_WORD = regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TABLE: Final = frozenset[type]([dict])


@record(kw_only=True)
class Member:
    """
    A field of a record, and what it is in a table.
    """

    name: str
    attribute: str
    argument: str
    form: Form
    default: Any
    #: Whether the field may be None, which is to leave the member out.
    optional: bool

    @property
    def required(self) -> bool:
        """
        Whether there is no record without it.
        """
        return self.default is attrs.NOTHING and not self.optional

    def is_left_out(self, value: Any) -> bool:
        """
        Tell whether a table says a value by leaving the member out.
        """
        if value is None and self.optional:
            return self.default in (attrs.NOTHING, None)
        return type(value) is type(self.default) and bool(value == self.default)


def step_name(cls: type[Any]) -> str:
    """
    Give the name of a step: that of its class, in lower case with hyphens.

    >>> from ocikit.mutate.steps import ToOCI
    >>> step_name(ToOCI)
    'to-oci'
    """
    return _WORD.sub("-", cls.__name__).lower()


def member_name(name: str) -> str:
    """
    Give the name in a table of what is called `name` in Python.
    """
    return name.replace("_", "-")


def table(cls: type[Any], form_of: FormOf) -> Form:
    """
    Give the form of a record as a table of its fields; what has its default is left out.
    """
    members = _members(cls, form_of)
    said = f"a table of {', '.join(members)}" if members else "an empty table"
    return Form(
        said=said,
        takes=_TABLE,
        holds=lambda value: isinstance(value, cls),
        from_tree=lambda value, hooks: _record(cls, said, members, value, hooks),
        to_tree=lambda value, hooks: _table(members, value, hooks),
    )


def arguments(cls: type[Any], form_of: FormOf) -> Form:
    """
    Give the form of a record that is called by name, with its fields as arguments.

    The only field of a record is written as it is, without a table. So is the only one
    that must be given, where the others have their defaults and it is no table itself.
    """
    whole, members = table(cls, form_of), _members(cls, form_of)
    needed = [member for member in members.values() if member.required]
    if len(members) == 1:
        return _only(cls, next(iter(members.values())))
    if len(needed) != 1:
        return whole
    first = needed[0]

    def from_tree(value: Any, hooks: Hooks) -> Any:
        given = value if type(value) is dict else {first.name: value}
        return whole.from_tree(given, hooks)

    def to_tree(value: Any, hooks: Hooks) -> Any:
        given = whole.to_tree(value, hooks)
        alone = list(given) == [first.name] and type(given[first.name]) is not dict
        return given[first.name] if alone else given

    return attrs.evolve(
        whole,
        said=f"{first.form.said}, or {whole.said}",
        takes=first.form.takes | _TABLE,
        from_tree=from_tree,
        to_tree=to_tree,
    )


def _only(cls: type[Any], member: Member) -> Form:
    may_be_empty = not member.required

    def from_tree(value: Any, hooks: Hooks) -> Any:
        if may_be_empty and value == {}:
            return _record(cls, member.form.said, {member.name: member}, {}, hooks)
        inner = read(member.form, value, hooks)
        return made(member.form.said, cls, **{member.argument: inner})

    def to_tree(value: Any, hooks: Hooks) -> Any:
        inner = getattr(value, member.attribute)
        return {} if member.is_left_out(inner) else write(member.form, inner, hooks)

    return Form(
        said=member.form.said,
        takes=member.form.takes | (_TABLE if may_be_empty else frozenset()),
        holds=lambda value: isinstance(value, cls),
        from_tree=from_tree,
        to_tree=to_tree,
    )


def _members(cls: type[Any], form_of: FormOf) -> dict[str, Member]:
    hints = typing.get_type_hints(cls)
    return {
        member_name(field.alias or field.name): Member(
            name=member_name(field.alias or field.name),
            attribute=field.name,
            argument=field.alias or field.name,
            form=form_of(hints[field.name]),
            default=_default(field),
            optional=_NONE in typing.get_args(hints[field.name]),
        )
        for field in attrs.fields(cls)
        if field.init
    }


def _default(field: attrs.Attribute[Any]) -> Any:
    made: Any = field.default
    is_factory = isinstance(made, attrs.Factory)  # type: ignore[arg-type]  # typed as a function
    return made.factory() if is_factory else made


def _record(
    cls: type[Any],
    said: str,
    members: Mapping[str, Member],
    given: dict[str, Any],
    hooks: Hooks,
) -> Any:
    fields: dict[str, Any] = {}
    for name, value in given.items():
        if name not in members:
            unknown("member", name, members)
        with within(name):
            fields[members[name].argument] = read(members[name].form, value, hooks)
    for member in members.values():
        if member.required and member.name not in given:
            raise RecipeInvalid(reason=f"{member.name} is missing: {member.form.said}")
        if member.default is attrs.NOTHING:
            fields.setdefault(member.argument, None)
    return made(said, cls, **fields)


def _table(members: Mapping[str, Member], value: Any, hooks: Hooks) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for member in members.values():
        inner = getattr(value, member.attribute)
        if not member.is_left_out(inner):
            with within(member.name):
                tree[member.name] = write(member.form, inner, hooks)
    return tree


def tagged(
    word: str,
    vocabulary: Callable[[Hooks], FrozenMap[str, type[Any]]],
    arguments_of: Callable[[type[Any]], Form],
    instead: str,
) -> Form:
    """
    Give the form of records of several classes: a table of one member, the class's name.

    Args:
        word: what they are.
        vocabulary: the classes by name.
        arguments_of: the form of the value of that member, by class.
        instead: what to do where something else is to be written.
    """

    def from_tree(value: dict[str, Any], hooks: Hooks) -> Any:
        if len(value) != 1:
            names = ", ".join(shown(name) for name in list(value)[:4])
            raise RecipeInvalid(reason=f"expected one {word} by its name, got {names or 'none'}")
        [(name, inner)] = value.items()
        known = vocabulary(hooks)
        if name not in known:
            unknown(word, name, known)
        with within(name):
            return read(arguments_of(known[name]), inner, hooks)

    def to_tree(value: Any, hooks: Hooks) -> Any:
        name = _by_class(vocabulary(hooks)).get(type(value))
        if name is None:
            raise NotWritable(reason=f"{value!r:.100} is no {word} that can be written; {instead}")
        with within(name):
            return {name: write(arguments_of(type(value)), value, hooks)}

    return Form(
        said=f"a {word}, as a table of its name",
        takes=_TABLE,
        holds=callable,
        from_tree=from_tree,
        to_tree=to_tree,
    )


@functools.cache
def _by_class(vocabulary: FrozenMap[str, type[Any]]) -> dict[type[Any], str]:
    return {cls: name for name, cls in vocabulary.items()}
