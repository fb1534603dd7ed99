"""
Arguments of steps as values that do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocikit._records import FrozenMap
from ocikit.mutate.changes import FILE, RUN


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


def settled(changes: Mapping[str, object]) -> FrozenMap[str, object]:
    """
    Give changes of a configuration as a value: sets are sets, and what goes comes last.

    >>> settled({"cmd": None, "volumes": ["/a"]})
    FrozenMap({'volumes': frozenset({'/a'}), 'cmd': None})
    """
    return _what_goes_last({name: _settled(name, value) for name, value in changes.items()})


def _settled(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return _what_goes_last({key: frozen(each) for key, each in value.items()})
    default = RUN.get(name, FILE.get(name))
    if (
        isinstance(default, frozenset)
        and not isinstance(value, str)
        and isinstance(value, Iterable)
    ):
        return frozenset(value)
    return frozen(value)


def _what_goes_last(values: Mapping[Any, Any]) -> FrozenMap[Any, Any]:
    return FrozenMap(sorted(values.items(), key=lambda item: item[1] is None))
