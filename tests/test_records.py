"""
The house decorator, and the map that does not change.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import EMPTY, FrozenMap, evolve, member, record


@record
class Point:
    """
    A record by position.
    """

    x: int
    y: int = 0


@record(kw_only=True)
class Named:
    """
    A record by keyword.
    """

    name: str = attrs.field(default="", metadata=member("Name", always=True))


def test_frozen_and_slotted() -> None:
    """
    A record does not change, and takes no new attribute.
    """
    point = Point(1)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        point.z = 2  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")


def test_no_subclass() -> None:
    """
    A record is composed, not subclassed; the error names it.
    """
    for base in (Point, Named):
        with pytest.raises(TypeError, match=f"{base.__name__} is a plain record"):
            type("Child", (base,), {})


def test_value() -> None:
    """
    Records compare, hash, pickle and evolve by value.
    """
    assert Point(1, 2) == Point(1, 2) != Point(2, 1)
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert pickle.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)
    assert evolve(Point(1, 2), y=3) == Point(1, 3)
    assert Named(name="a") == Named(name="a")


@attrs.frozen(kw_only=True)
class Base(Exception):
    """
    What records may be made from: an error that has leaves.
    """

    first: int


@record(kw_only=True)
class Leaf(Base):
    """
    A record with all that attrs knows to say of how a field is told.
    """

    secret: str = attrs.field(default="s3cret", repr=False)
    data: bytes = attrs.field(default=b"", repr=lambda data: f"<{len(data)} bytes>")
    late: int = attrs.field(init=False)
    rest: list[Any] = attrs.field(factory=list)


@given(st.integers(), st.binary(max_size=3), st.lists(st.text(max_size=2), max_size=2))
def test_told_as_attrs_tells(first: int, data: bytes, rest: list[Any]) -> None:
    """
    A record's `repr` is the one that attrs would have written for it, in every field.
    """
    leaf = Leaf(first=first, data=data, rest=rest)
    attrs_own = attrs.frozen(kw_only=True)(type("Leaf", (Base,), _body(Leaf)))
    assert repr(leaf) == repr(attrs_own(first=first, data=data, rest=rest))
    assert "s3cret" not in repr(leaf)
    assert repr(Point(first)) == f"Point(x={first}, y=0)"


@record(kw_only=True)
class Marked:
    """
    A record with all that attrs knows to say of how a field is compared.
    """

    plain: int
    beside: int = attrs.field(default=0, eq=False)
    compared: list[int] = attrs.field(factory=list, hash=False)
    parity: int = attrs.field(default=0, eq=lambda number: number % 2)


few = st.fixed_dictionaries(
    {
        "plain": st.integers(0, 1),
        "beside": st.integers(0, 1),
        "compared": st.lists(st.integers(0, 1), max_size=1),
        "parity": st.integers(0, 3),
    }
)


@given(few, few)
def test_values_are_what_attrs_has_for_values(one: dict[str, Any], other: dict[str, Any]) -> None:
    """
    Records are equal, and of one hash, when those are that attrs would have made.
    """
    theirs = attrs.make_class(
        "Theirs",
        {
            each.name: attrs.field(default=each.default, eq=_compared_by(each), hash=each.hash)
            for each in attrs.fields(Marked)
        },
        frozen=True,
        kw_only=True,
    )
    pairs = [(cls(**one), cls(**other)) for cls in (Marked, theirs)]
    ours, own = ([a == b, a != b, hash(a) == hash(b)] for a, b in pairs)
    assert ours == own


def _compared_by(field: attrs.Attribute[Any]) -> Any:
    # The stubs of attrs leave it out.
    return getattr(field, "eq_key", None) or field.eq


def test_what_a_class_says_of_equality_holds() -> None:
    """
    By an option, or by a method of its own.
    """

    @record(eq=False)
    class Alone:
        x: int

    @record
    class Even:
        x: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Even) and (self.x - other.x) % 2 == 0

        def __hash__(self) -> int:
            return self.x % 2

    one = Alone(1)
    assert one == one
    assert one != Alone(1)
    assert len({Even(1), Even(3), Even(2)}) == 2


def test_other_kinds_of_record_are_other_values() -> None:
    """
    Whatever their fields are; without any, all of a kind are one.
    """

    @record
    class Empty:
        pass

    @record
    class Other:
        x: int
        y: int = 0

    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1
    others: list[Any] = [Other(1), (1, 0), None]
    assert not any(Point(1) == other for other in others)


def _body(cls: type) -> dict[str, Any]:
    own = {
        each.name: attrs.field(default=each.default, init=each.init, repr=each.repr)
        for each in attrs.fields(cls)
        if not each.inherited
    }
    return {"__annotations__": dict(cls.__annotations__), **own}


def test_what_holds_itself_is_told() -> None:
    """
    A record within itself is three dots, where there would be no end.
    """
    leaf = Leaf(first=1)
    leaf.rest.append(leaf)
    assert repr(leaf).endswith("rest=[...])")


def test_own_repr_is_kept() -> None:
    """
    A class that tells itself is left to; one that asks for nothing has Python's.
    """

    @record
    class Own:
        x: int

        def __repr__(self) -> str:
            return "own"

    @record(repr=False)
    class Mute:
        x: int

    assert repr(Own(1)) == "own"
    assert repr(Mute(1)).startswith("<")


def test_member() -> None:
    """
    A field says which JSON member it is.
    """
    assert attrs.fields(Named).name.metadata == {"member": "Name", "always": True}
    assert member("os") == {"member": "os", "always": False}


maps = st.dictionaries(st.text(max_size=3), st.integers())


@given(maps)
def test_frozen_map_is_a_mapping(data: dict[str, int]) -> None:
    """
    A frozen map equals the mapping it was made from, in any order, and keeps its own.
    """
    frozen = FrozenMap(data)
    backwards = FrozenMap(reversed(list(data.items())))
    assert frozen == data == backwards
    assert hash(frozen) == hash(backwards)
    assert list(frozen) == list(data)
    assert repr(frozen) == f"FrozenMap({data!r})"
    data["more"] = 1
    assert "more" not in frozen


@given(maps)
def test_frozen_map_copies(data: dict[str, int]) -> None:
    """
    Copies and pickles are frozen too, and keep order, hashed before or not.
    """
    frozen = FrozenMap(data)
    for _ in range(2):
        for twin in (pickle.loads(pickle.dumps(frozen)), copy.copy(frozen), copy.deepcopy(frozen)):
            assert type(twin) is FrozenMap
            assert list(twin.items()) == list(frozen.items())
        hash(frozen)


@given(maps, maps)
def test_frozen_map_changes(data: dict[str, int], more: dict[str, int]) -> None:
    """
    Changes are new maps; a key that was there keeps its place.
    """
    frozen = FrozenMap(data)
    assert list((frozen | more).items()) == list((data | more).items())
    assert type(frozen | more) is FrozenMap
    assert frozen.without(*data) == EMPTY
    assert frozen.without(*more) == {k: v for k, v in data.items() if k not in more}
    for key in data:
        assert list(frozen.set(key, 0)) == list(data)
    assert frozen == data


CHANGES: list[Callable[[Any], Any]] = [
    lambda m: m.__setitem__("b", 2),
    lambda m: m.__delitem__("a"),
    lambda m: m.__ior__({"b": 2}),
    lambda m: m.clear(),
    lambda m: m.pop("a"),
    lambda m: m.popitem(),
    lambda m: m.setdefault("b", 2),
    lambda m: m.update(b=2),
]


@pytest.mark.parametrize("change", CHANGES)
def test_frozen_map_refuses(change: Callable[[Any], Any]) -> None:
    """
    No method of a dict changes a frozen map.
    """
    frozen = FrozenMap(a=1)
    with pytest.raises(TypeError, match=r"does not change; use set\(\), without\(\) or \|"):
        change(frozen)
    assert frozen == {"a": 1}


def test_frozen_map_or_something_else() -> None:
    """
    A map is joined with maps only.
    """
    with pytest.raises(TypeError):
        FrozenMap(a=1) | [("b", 2)]


def test_unhashable_values() -> None:
    """
    A map of lists is a map, but has no hash.
    """
    with pytest.raises(TypeError, match="unhashable"):
        hash(FrozenMap(a=[1]))
