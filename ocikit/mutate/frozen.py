"""
Arguments of steps as values that do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocikit._records import FrozenMap


def frozen(value: Any) -> Any:
    """
    Give a value whose lists, sets and mappings are tuples, frozen sets and frozen maps.

    >>> frozen({"cmd": ["a"]})
    FrozenMap({'cmd': ('a',)})
    """
    if isinstance(value, Mapping):
        return FrozenMap({key: frozen(each) for key, each in value.items()})
    if isinstance(value, set):
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else value


def texts(texts: Iterable[str]) -> tuple[str, ...]:
    """
    Give texts in order.
    """
    return tuple(texts)


def by_name(texts: Mapping[str, str]) -> FrozenMap[str, str]:
    """
    Give texts by their names.
    """
    return FrozenMap(texts)
