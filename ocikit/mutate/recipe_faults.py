"""
What is wrong with a written pipeline, and where.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from typing import Any, Final, NoReturn, TypeAlias

import attrs

from ocikit._records import evolve
from ocikit._regex import regex
from ocikit.errors import Invalid, Unsupported

#: The members and positions that lead to a place in a document.
Where: TypeAlias = tuple[str | int, ...]

_PLAIN = regex(r"[A-Za-z0-9_-]+")
#: How much of what a document says is repeated; it may be megabytes.
_MOST: Final = 60
#: How many names there may be for all of them to be told.
_FEW: Final = 12


@attrs.frozen(kw_only=True)
class RecipeInvalid(Invalid):
    """
    A document is not a pipeline.

    `where` is the path to what is wrong, `near` are the known names closest to one that
    is not known.
    """

    where: Where = ()
    reason: str
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"{_place(self.where)}: {self.reason}{hint}"


@attrs.frozen(kw_only=True)
class NotWritable(Unsupported):
    """
    A pipeline has something that cannot be written down.
    """

    where: Where = ()
    reason: str

    def __str__(self) -> str:
        return f"{_place(self.where)}: {self.reason}"


@contextlib.contextmanager
def within(*where: str | int) -> Generator[None]:
    """
    Say of what is found wrong inside where that was.
    """
    try:
        yield
    except (RecipeInvalid, NotWritable) as error:
        raise evolve(error, where=(*where, *error.where)) from error.__cause__


def unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """
    Refuse a name, and tell the nearest of those that are known.

    Raises:
        RecipeInvalid: always.
    """
    import difflib

    names = sorted(known)
    spelt = name[:_MOST].lower().replace("_", "-")
    near = (spelt,) if spelt in names else tuple(difflib.get_close_matches(spelt, names))
    every = ", ".join(names) or "none"
    told = "" if near or len(names) > _FEW else f"; known are {every}"
    raise RecipeInvalid(reason=f"unknown {what} {shown(name)}{told}", near=near)


def shown(value: Any) -> str:
    """
    Give a value as an error tells it: what it is, or what it says.
    """
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            text = repr(value[: _MOST + 1] if isinstance(value, str) else value)
            return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _place(where: Where) -> str:
    said, joint, before = "pipeline", ", ", ""
    for each in where:
        if isinstance(each, str):
            said += joint + (each if _PLAIN.fullmatch(each) else shown(each))
            joint, before = ".", each
        elif before == "steps":
            # People count steps from one.
            said = f"{said[: -len('.steps')].rstrip(',')}, step {each + 1}"
            joint, before = ", ", ""
        else:
            said += f"[{each}]"
    return said
