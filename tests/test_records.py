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
