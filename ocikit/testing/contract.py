"""
What all contracts have in common: laws become tests, and known differences are told.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocikit._records import EMPTY

T = TypeVar("T")


class Contract(abc.ABC):  # noqa: B024 - what is abstract is for each to say
    """
    Tests to subclass. Methods whose names begin with `law_` are given any examples.

    Those of a subclass whose name begins with `Test` are run by pytest.

    >>> class TestSums(Contract):
    ...     def law_sums_do_not_shrink(self, data):
    ...         assert data.draw(st.integers(0)) + 1 > 0
    >>> TestSums().test_sums_do_not_shrink()
    """

    #: What is known not to hold, by the name of the test, and why. Each such test has to
    #: fail: what was mended is to be noticed.
    known_differences: ClassVar[Mapping[str, str]] = EMPTY
    #: What it can do that not all can: a test that needs something else is not run.
    holds: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        # Each subclass runs laws of its own: hypothesis keeps what it learnt of one apart.
        super().__init_subclass__()
        for name, test in _tests(cls):
            needed = getattr(test, "needs", frozenset[str]()) <= cls.holds
            if name.startswith("law_"):
                name = name.replace("law_", "test_", 1)
                test = _drawn(test)
            elif needed and name in vars(cls):
                continue
            setattr(cls, name, test if needed else None)
        for name, reason in cls.known_differences.items():
            setattr(cls, name, _differing(getattr(cls, name), reason))


def needs(*what: str) -> Callable[[T], T]:
    """
    Run a test or law of a contract only for who `holds` all of this.

    >>> class Singing(Contract):
    ...     @needs("voice")
    ...     def test_sings(self): ...
    >>> class TestFish(Singing): ...
    >>> TestFish.test_sings is None
    True
    """

    def mark(test: T) -> T:
        vars(test)["needs"] = frozenset(what)
        return test

    return mark


def share(part: int) -> Callable[[T], T]:
    """
    Give a law of a contract only one of so many examples: it is slow, or seldom learns more.

    >>> class TestSlow(Contract):
    ...     @share(10)
    ...     def law_takes_long(self, data): ...
    >>> TestSlow.test_takes_long._hypothesis_internal_use_settings.max_examples < 100
    True
    """

    def mark(law: T) -> T:
        vars(law)["share"] = part
        return law

    return mark


def _tests(cls: type[Contract]) -> Iterator[tuple[str, Any]]:
    """
    Give tests and laws as they were written; what a class left out, one below may have again.
    """
    for name in dir(cls):
        if name.startswith(("law_", "test_")):
            written = (vars(base).get(name) for base in cls.__mro__)
            test = next((each for each in written if each is not None), None)
            law = name.replace("test_", "law_", 1)
            if callable(test) and (name.startswith("law_") or not hasattr(cls, law)):
                yield name, test


def _drawn(law: Any) -> Any:
    test = given(data=st.data())(law)
    part = getattr(law, "share", 1)
    if part == 1:
        return test
    return settings(max_examples=max(5, settings().max_examples // part))(test)


def _differing(test: Any, reason: str) -> Any:
    @functools.wraps(test)
    def differing(*args: Any, **kwargs: Any) -> Any:
        return test(*args, **kwargs)

    # A mark is put into a list of the function's own: others run it, and it is to hold.
    vars(differing)["pytestmark"] = [*getattr(test, "pytestmark", ())]
    return pytest.mark.xfail(reason=reason, strict=True)(differing)
