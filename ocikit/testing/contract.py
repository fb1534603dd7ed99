"""
What all contracts have in common: laws become tests, and known differences are told.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import EMPTY


class Contract(abc.ABC):  # noqa: B024 - what is abstract is for each to say
    """
    Tests to subclass. Methods whose names begin with `law_` are given any examples.

    Those of a subclass whose name begins with `Test` are run by pytest.
    """

    #: What is known not to hold, by the name of the test, and why. Each such test has to
    #: fail: what was mended is to be noticed.
    known_differences: ClassVar[Mapping[str, str]] = EMPTY

    def __init_subclass__(cls) -> None:
        # Each subclass runs laws of its own: hypothesis keeps what it learnt of one apart.
        super().__init_subclass__()
        for name in dir(cls):
            if name.startswith("law_"):
                law = given(data=st.data())(getattr(cls, name))
                setattr(cls, name.replace("law_", "test_", 1), law)
        for name, reason in cls.known_differences.items():
            setattr(cls, name, _differing(getattr(cls, name), reason))


def _differing(test: Any, reason: str) -> Any:
    @functools.wraps(test)
    def differing(*args: Any, **kwargs: Any) -> Any:
        return test(*args, **kwargs)

    # A mark is put into a list of the function's own: others run it, and it is to hold.
    vars(differing)["pytestmark"] = [*getattr(test, "pytestmark", ())]
    return pytest.mark.xfail(reason=reason, strict=True)(differing)
