"""
Front doors of rooms: what is named there is imported when it is first asked for.

Every module of a room passes its door first, and a command that needs one of them would
pay for all. A door tells a type checker its names by imports that never run, and itself by
a table. A door has no `from __future__ import annotations`, which would be a name of it, and
`mutate.annotations` is a verb.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any


class Door(ModuleType):
    """
    A room's own module: names of its table are imported when they are asked for.
    """

    __all__: list[str]
    _places: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        if name in self._places:
            found = getattr(importlib.import_module(self._places[name]), name)
        elif name in self.__all__:
            found = importlib.import_module(f"{self.__name__}.{name}")
        else:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: object) -> None:
        # Python names a submodule in its package when it was imported. Where a verb has
        # its module's name, as `query.diff`, the verb is meant.
        if name in self._places and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return self.__all__


def door(package: str, table: Mapping[str, str]) -> None:
    """
    Make a package's module a door.

    Args:
        package: its `__name__`.
        table: the full name of each module, and the names that it has for the door,
            with blanks between them. Other names of its `__all__` are modules of its own.

    >>> from ocikit import query
    >>> query.diff.__module__
    'ocikit.query.diff'
    """
    module = sys.modules[package]
    names = {name: place for place, names in table.items() for name in names.split()}
    module.__dict__["_places"] = names
    module.__class__ = Door
