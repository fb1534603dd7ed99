"""
The house's records: frozen, slotted attrs classes that refuse subclassing.
"""

from __future__ import annotations

import reprlib
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EMPTY", "JSON", "FrozenMap", "evolve", "member", "record", "told"]

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

#: Options, and methods, by which a class has a say in what is equal to it.
_OF_EQUALITY: Final = {"eq", "order", "hash", "unsafe_hash", "__eq__", "__hash__"}

if TYPE_CHECKING:
    # Type checkers know attrs.frozen by name: seen through this alias they check
    # constructors and attrs.evolve of our records as they do those of plain attrs.
    from attrs import frozen as record
else:

    def record(cls: type | None = None, /, **options: Any) -> Any:
        """
        Make a frozen, slotted attrs class that cannot be subclassed.

        Options are those of `attrs.frozen`.
        """

        def decorate(cls: type) -> type:
            if options.get("repr", True) and "__repr__" not in cls.__dict__:
                cls.__repr__ = told
            # Errors are no values to attrs; and what a class says itself of equality holds.
            said = _OF_EQUALITY & (options.keys() | cls.__dict__.keys())
            if said or issubclass(cls, BaseException):
                made = attrs.frozen(cls, **{**options, "repr": False})
            else:
                made = _by_value(attrs.frozen(cls, **{**options, "repr": False, "eq": False}))
            made.__init_subclass__ = classmethod(_refuse_subclass)
            return made

        return decorate if cls is None else decorate(cls)


@reprlib.recursive_repr("...")
def told(record: Any) -> str:
    """
    Tell a record's fields as attrs does: all that are not to be hidden, each in its way.

    attrs would write and compile this for each class, and there are hundreds: it is a third
    of what a class costs when its module is imported.
    """
    told = [
        f"{field.name}={_way(field)(getattr(record, field.name, attrs.NOTHING))}"
        for field in attrs.fields(type(record))
        if field.repr
    ]
    return f"{type(record).__qualname__.rpartition('>.')[2]}({', '.join(told)})"


def _way(field: attrs.Attribute[Any]) -> Callable[[Any], str]:
    return repr if field.repr is True else cast("Callable[[Any], str]", field.repr)


def _by_value(cls: Any) -> Any:
    """
    Let records be equal, and have one hash, when their fields are and have, as attrs does.

    What attrs would write is compiled for each class, and is another third of what that
    costs when its module is imported. This takes two tenths of a microsecond, and that one.
    """
    fields = [field for field in attrs.fields(cls) if field.eq]
    compared = _values(fields)
    hashed = _values([field for field in fields if field.hash is not False])

    def equal(self: Any, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is cls else NotImplemented

    cls.__eq__ = equal
    cls.__hash__ = lambda self: hash((cls, hashed(self)))
    return cls


def _values(fields: list[attrs.Attribute[Any]]) -> Callable[[Any], Any]:
    """
    Give what reads the values that count of some fields.
    """
    # The stubs of attrs leave out what a field is compared by.
    keys: list[tuple[str, Any]] = [(each.name, getattr(each, "eq_key", None)) for each in fields]
    if keys and not any(key for _, key in keys):
        return attrgetter(*(name for name, _ in keys))
    return lambda record: tuple(
        key(getattr(record, name)) if key else getattr(record, name) for name, key in keys
    )


def _refuse_subclass(cls: type, **_: object) -> NoReturn:
    raise TypeError(f"{cls.__mro__[1].__name__} is a plain record; compose it, do not subclass it")


evolve = attrs.evolve


def member(name: str, *, always: bool = False) -> dict[str, Any]:
    """
    Say, as field metadata, which JSON member a field is.

    Without it a field is the member of the same name in camel case. A field with a
    default is left out of a new document when it is empty, as Go's `omitempty` does;
    `always` writes it even so.
    """
    return {"member": name, "always": always}


K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(dict[K, V]):
    """
    An immutable mapping that hashes, pickles and keeps insertion order.

    Equality ignores order, as for any mapping. It is a `dict` so that whatever reads
    mappings reads it without a copy.

    >>> FrozenMap(a=1) == {"a": 1}
    True
    >>> FrozenMap(a=1).set("b", 2)
    FrozenMap({'a': 1, 'b': 2})
    """

    __slots__ = ("_hash",)

    def __hash__(self) -> int:  # type: ignore[override]  # dict declares __hash__ = None
        try:
            return self._hash
        except AttributeError:
            self._hash: int = hash(frozenset(self.items()))
            return self._hash

    def __repr__(self) -> str:
        return f"FrozenMap({dict(self)!r})"

    def __reduce__(self) -> tuple[Callable[[dict[K, V]], FrozenMap[K, V]], tuple[dict[K, V]]]:
        return FrozenMap, (dict(self),)

    def __or__(self, other: object) -> FrozenMap[K, V]:  # type: ignore[override]  # dict overloads it
        if not isinstance(other, dict):
            return NotImplemented
        return FrozenMap({**self, **cast("dict[K, V]", other)})

    def set(self, key: K, value: V) -> FrozenMap[K, V]:
        """
        Return a copy in which `key` is `value`; an existing key keeps its place.
        """
        return FrozenMap({**self, key: value})

    def without(self, *keys: K) -> FrozenMap[K, V]:
        """
        Return a copy that lacks `keys`; those that are not there are ignored.
        """
        return FrozenMap({k: v for k, v in self.items() if k not in keys})

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a FrozenMap does not change; use set(), without() or |")

    if not TYPE_CHECKING:
        __setitem__ = __delitem__ = __ior__ = _refuse
        clear = pop = popitem = setdefault = update = _refuse


EMPTY: Final[FrozenMap[Any, Any]] = FrozenMap()
