"""
The families of errors, and what every leaf has from the root.
"""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest

from ocikit import errors
from ocikit.errors import Corrupt, Invalid, Missing, OciError, Refused, Unreachable, Unsupported

FAMILIES = [Invalid, Missing, Corrupt, Refused, Unreachable, Unsupported]


@attrs.frozen(kw_only=True)
class Lost(Missing):
    """
    A leaf.
    """

    name: str
    _places: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} is lost"


@attrs.frozen(kw_only=True)
class Gone(Missing):
    """
    Another leaf of the same data.
    """

    name: str
    _places: tuple[str, ...] = ()


@pytest.mark.parametrize("family", FAMILIES)
def test_families(family: type[OciError]) -> None:
    """
    Every family is of the root, and of no other family.
    """
    assert issubclass(family, OciError)
    assert [other for other in FAMILIES if issubclass(family, other)] == [family]
    assert family.__name__ in (errors.__doc__ or "")


def test_value() -> None:
    """
    Leaves compare and hash by kind and value.
    """
    assert Lost(name="a") == Lost(name="a")
    assert hash(Lost(name="a")) == hash(Lost(name="a"))
    assert Lost(name="a") != Lost(name="b")
    assert Lost(name="a") != Gone(name="a")
    assert Lost(name="a") != "a"


def test_travel() -> None:
    """
    Leaves cross processes whole, private fields too.
    """
    error = Lost(name="a", places=("x",))
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert twin == error
        assert str(twin) == "a is lost"
        assert repr(twin) == "Lost(name='a', _places=('x',))"


def test_raising() -> None:
    """
    A frozen leaf can be raised, chained and noted, and its data does not change.
    """
    with pytest.raises(Lost) as caught:
        raise Lost(name="a") from ValueError("why")
    caught.value.add_note("seen")
    assert isinstance(caught.value.__cause__, ValueError)
    assert caught.value == Lost(name="a")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        caught.value.name = "b"  # type: ignore[misc]


def test_families_can_be_raised() -> None:
    """
    A family without data is an error too.
    """
    assert Invalid() == Invalid()
    assert pickle.loads(pickle.dumps(Invalid())) == Invalid()


def test_told() -> None:
    """
    A leaf tells its fields as every attrs class does; what has none, what it was made of.
    """
    assert repr(Lost(name="a")) == "Lost(name='a', _places=())"
    assert repr(Missing("a")) == "Missing('a')"
