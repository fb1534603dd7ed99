"""
The root of all errors, and the families that say whose fault it was.

Leaves are frozen records named for what happened; they carry their data, compare by
value, pickle, and live beside what raises them. The families::

    OciError
    ├── Invalid      the caller gave something that cannot be
    ├── Missing      what was asked for is not there
    ├── Corrupt      bytes are not what they were said to be
    ├── Refused      the other side said no
    ├── Unreachable  the other side could not be reached, or fell silent
    └── Unsupported  we do not do this
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ocikit._records import told


def _rebuild(cls: type[OciError], fields: dict[str, Any]) -> OciError:
    return cls(**fields)


class OciError(Exception):
    """
    The root of every error that ocikit raises.
    """

    def _fields(self) -> dict[str, Any]:
        names: tuple[attrs.Attribute[Any], ...] = getattr(type(self), "__attrs_attrs__", ())
        return {a.alias or a.name: getattr(self, a.name) for a in names}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # attrs writes no method that a class has, and `told` says why it should not.
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = OciError.__repr__  # type: ignore[method-assign]  # of this class

    def __repr__(self) -> str:
        return told(self) if attrs.has(type(self)) else super().__repr__()

    # attrs leaves equality off for exceptions; one definition here serves every leaf.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OciError) or type(self) is not type(other):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((type(self), tuple(self._fields().values())))

    # Exceptions are rebuilt from positional arguments by default; ours are keyword-only.
    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuild, (type(self), self._fields())


class Invalid(OciError):
    """
    The caller gave something that cannot be.
    """


class Missing(OciError):
    """
    What was asked for is not there.
    """


class Corrupt(OciError):
    """
    Bytes are not what they were said to be.
    """


class Refused(OciError):
    """
    The other side understood and said no.
    """


class Unreachable(OciError):
    """
    The other side could not be reached, or fell silent.
    """


class Unsupported(OciError):
    """
    Ocikit does not do this.
    """
