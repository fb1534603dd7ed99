"""
Tables of TOML, read with the place of whatever is wrong in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from ocikit.bulk.sync_faults import SyncInvalid, Where
from ocikit.errors import OciError
from ocikit.mutate.recipe_faults import shown

T = TypeVar("T")


class Table:
    """
    A table, and the keys that lead to it.
    """

    def __init__(self, value: Any, where: Where) -> None:
        """
        Raises:
            SyncInvalid: the value is no table.
        """
        self.where = where
        if not isinstance(value, dict):
            raise SyncInvalid(where=where, reason=f"expected a table, got {shown(value)}")
        self._value: dict[str, Any] = value

    @property
    def names(self) -> tuple[str, ...]:
        """
        The keys that are there.
        """
        return tuple(self._value)

    def refuse(self, reason: str, *where: str, near: tuple[str, ...] = ()) -> NoReturn:
        """
        Say what is wrong here, or with a key.

        Raises:
            SyncInvalid: always.
        """
        raise SyncInvalid(where=(*self.where, *where), reason=reason, near=near)

    def check(self, known: Iterable[str]) -> None:
        """
        See that no key is there but those that are known.

        Raises:
            SyncInvalid: one is; it tells the nearest that are known.
        """
        names = list(known)
        for name in self._value:
            if name not in names:
                spelt = name.lower().replace("_", "-")
                near = (spelt,) if spelt in names else tuple(get_close_matches(spelt, names))
                told = "" if near else f"; there are {', '.join(names)}"
                self.refuse(f"there is no such key{told}", name, near=near)

    def any(self, name: str) -> Any:
        """
        Give a value of whatever type.
        """
        return self._value[name]

    def is_table(self, name: str) -> bool:
        """
        Tell whether a value is a table.
        """
        return isinstance(self._value.get(name), dict)

    def table(self, name: str) -> Table:
        """
        Give a table; an empty one when there is none.
        """
        return Table(self._value.get(name, {}), (*self.where, name))

    def tables(self, name: str) -> list[Table]:
        """
        Give an array of tables; none when it is not there.
        """
        values = self._value.get(name, [])
        if not isinstance(values, list):
            self.refuse(f"expected [[{name}]], an array of tables", name)
        return [Table(value, (*self.where, name, at)) for at, value in enumerate(values)]

    def text(self, name: str) -> str:
        """
        Give a text.
        """
        value = self._value.get(name)
        if not isinstance(value, str):
            self._expect(name, 'text in quotes, as "debian"')
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """
        Give texts: a list of them, or one alone; none when they are not there.
        """
        value = self._value.get(name, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
            self._expect(name, 'a list of texts, as ["1.*"]')
        return tuple(values)

    def flag(self, name: str) -> bool:
        """
        Give a truth value.
        """
        value = self._value[name]
        if not isinstance(value, bool):
            self._expect(name, "true or false")
        return value

    def number(self, name: str) -> int:
        """
        Give a whole number.
        """
        value = self._value[name]
        if isinstance(value, bool) or not isinstance(value, int):
            self._expect(name, "a whole number")
        return value

    def made(self, name: str, make: Callable[..., T], *arguments: object) -> T:
        """
        Make something of what was read; what it raises is told with its place.

        Raises:
            SyncInvalid: it cannot be made.
        """
        try:
            return make(*arguments)
        except SyncInvalid:
            raise
        except OciError as error:
            raise SyncInvalid(where=(*self.where, name), reason=str(error)) from error

    def _expect(self, name: str, what: str) -> NoReturn:
        self.refuse(f"expected {what}, got {shown(self._value.get(name))}", name)
