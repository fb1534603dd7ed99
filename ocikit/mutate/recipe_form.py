"""
How values of one type are written down, and read again.

What is written is what JSON and TOML both can say: text, whole numbers, true and false,
lists and tables. There is no null in TOML, so that there is none here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ocikit._records import EMPTY, FrozenMap, record
from ocikit._regex import regex
from ocikit.errors import OciError
from ocikit.mutate.recipe_faults import NotWritable, RecipeInvalid, shown, unknown, within

#: Text that is no Unicode: neither UTF-8 nor TOML can hold it.
SURROGATE: Final = regex("[\ud800-\udfff]")
#: What every reader of JSON and TOML reads as a whole number.
_INTEGERS: Final = range(-(1 << 63), 1 << 63)


@record(kw_only=True)
class Hooks:
    """
    What the caller does, for what a document cannot hold.
    """

    #: From a layer to a value, or back.
    layer: Callable[[Any], Any] | None = None
    #: From an image, an index or a blob to a value, or back.
    image: Callable[[Any], Any] | None = None
    #: The steps that are known, by name.
    steps: FrozenMap[str, type[Any]] = EMPTY


Translate: TypeAlias = Callable[[Any, Hooks], Any]


@record(kw_only=True)
class Form:
    """
    The written form of a type.
    """

    #: What is expected, in words.
    said: str
    #: The types that are read.
    takes: frozenset[type]
    #: Whether a value is of the type, as far as it takes to tell it from others.
    holds: Callable[[Any], bool]
    from_tree: Translate
    to_tree: Translate


def read(form: Form, value: Any, hooks: Hooks) -> Any:
    """
    Read a value.

    Raises:
        RecipeInvalid: it is of another type, or wrong inside.
    """
    if type(value) not in form.takes:
        raise RecipeInvalid(reason=f"expected {form.said}, got {shown(value)}")
    return form.from_tree(value, hooks)


def write(form: Form, value: Any, hooks: Hooks) -> Any:
    """
    Write a value.

    Raises:
        NotWritable: it is of another type, or has something inside that is.
    """
    if not form.holds(value):
        raise NotWritable(reason=f"expected {form.said}, got {shown(value)}")
    return form.to_tree(value, hooks)


def _same(value: Any, _: Hooks) -> Any:
    return value


def _simple(kind: type, said: str, holds: Callable[[Any], bool]) -> Form:
    def from_tree(value: Any, _: Hooks) -> Any:
        if not holds(value):
            raise RecipeInvalid(reason=f"expected {said}, got {shown(value)}")
        return value

    return Form(
        said=said,
        takes=frozenset([kind]),
        holds=lambda value: type(value) is kind and holds(value),
        from_tree=from_tree,
        to_tree=_same,
    )


TEXT: Final = _simple(str, "text", lambda text: text.isascii() or SURROGATE.search(text) is None)
INTEGER: Final = _simple(int, "a whole number of 64 bits", lambda number: number in _INTEGERS)
BOOLEAN: Final = _simple(bool, "true or false", lambda _: True)


def spelt(
    kind: type[Any] | tuple[type[Any], ...],
    said: str,
    from_text: Callable[[str], Any],
    to_text: Callable[[Any], str] = str,
) -> Form:
    """
    Give the form of values that are text; `from_text` raises `OciError` or `ValueError`.
    """
    return Form(
        said=said,
        takes=TEXT.takes,
        holds=lambda value: isinstance(value, kind),
        from_tree=lambda text, hooks: made(said, from_text, read(TEXT, text, hooks)),
        to_tree=lambda value, hooks: write(TEXT, to_text(value), hooks),
    )


def made(said: str, make: Callable[..., Any], *arguments: Any, **fields: Any) -> Any:
    """
    Make something of what was read.

    Raises:
        RecipeInvalid: it cannot be made.
    """
    try:
        return make(*arguments, **fields)
    except RecipeInvalid:
        raise
    except (OciError, ValueError, TypeError) as error:
        raise RecipeInvalid(reason=f"expected {said}: {error}") from error


def chosen(choices: tuple[str, ...]) -> Form:
    """
    Give the form of one of some words.
    """

    def from_tree(word: str, _: Hooks) -> str:
        if word not in choices:
            unknown("word", word, choices)
        return word

    return Form(
        said=f"one of {', '.join(choices)}",
        takes=TEXT.takes,
        holds=lambda value: value in choices,
        from_tree=from_tree,
        to_tree=_same,
    )


def listed(item: Form, *, unordered: bool = False) -> Form:
    """
    Give the form of tuples, or of sets, which are written in order.
    """

    def from_tree(values: list[Any], hooks: Hooks) -> Any:
        items: list[Any] = []
        for position, value in enumerate(values):
            with within(position):
                items.append(read(item, value, hooks))
        return frozenset(items) if unordered else tuple(items)

    def to_tree(values: Any, hooks: Hooks) -> list[Any]:
        items: list[Any] = []
        for position, value in enumerate(values):
            with within(position):
                items.append(write(item, value, hooks))
        return sorted(items) if isinstance(values, frozenset) else items

    return Form(
        said=f"a list, each {item.said}",
        takes=frozenset([list]),
        holds=lambda value: isinstance(value, frozenset if unordered else tuple | frozenset),
        from_tree=from_tree,
        to_tree=to_tree,
    )


def mapped(item: Form) -> Form:
    """
    Give the form of values by name; they keep their order.
    """

    def each(translate: Callable[[Form, Any, Hooks], Any]) -> Translate:
        def inner(values: Mapping[str, Any], hooks: Hooks) -> dict[str, Any]:
            result: dict[str, Any] = {}
            for name, value in values.items():
                with within(str(name)):
                    result[translate(TEXT, name, hooks)] = translate(item, value, hooks)
            return result

        return inner

    from_each = each(read)
    return Form(
        said=f"a table, each {item.said}",
        takes=frozenset([dict]),
        holds=lambda value: isinstance(value, FrozenMap),
        from_tree=lambda values, hooks: FrozenMap(from_each(values, hooks)),
        to_tree=each(write),
    )


def either(forms: tuple[Form, ...]) -> Form:
    """
    Give the form of what is of one type or another.
    """
    if len(forms) == 1:
        return forms[0]

    def from_tree(value: Any, hooks: Hooks) -> Any:
        *others, last = (form for form in forms if type(value) in form.takes)
        for form in others:
            try:
                return read(form, value, hooks)
            except RecipeInvalid:
                continue
        return read(last, value, hooks)

    def to_tree(value: Any, hooks: Hooks) -> Any:
        return write(next(form for form in forms if form.holds(value)), value, hooks)

    return Form(
        said=" or ".join(form.said for form in forms),
        takes=frozenset().union(*(form.takes for form in forms)),
        holds=lambda value: any(form.holds(value) for form in forms),
        from_tree=from_tree,
        to_tree=to_tree,
    )
