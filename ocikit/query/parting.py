"""
Where two JSON documents first part, and in what: blanks, order, escapes, values.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeAlias

from ocikit._records import record
from ocikit._regex import regex
from ocikit.query.difference import text
from ocikit.query.explanation import Cause
from ocikit.query.headers import first

#: How a value is reached: names of members, positions in lists.
Steps: TypeAlias = tuple[str | int, ...]

_STRING: Final = regex(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TOKEN: Final = regex(rb"[ \t\r\n]+|%b|[{}\[\],:]|[^ \t\r\n{}\[\],:\"]+" % _STRING.pattern)
_BLANKS: Final = (b" ", b"\t", b"\r", b"\n")


@record(kw_only=True)
class Parting:
    """
    Where two documents part.
    """

    cause: Cause
    #: The value that differs, or the one in front of which, or within, something does.
    steps: Steps
    offset: int
    #: Whether both documents mean the same all the same.
    alike: bool
    #: JSON text; None where there is nothing.
    left: str | None = None
    right: str | None = None


def part(left: bytes, right: bytes) -> Parting:
    """
    Find where two documents part; they are not equal.

    >>> part(b'{"a":1}', b'{"a":2}').steps
    ('a',)
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    offset = first(left, right)
    try:
        values = loads(left), loads(right)
    except JSONInvalid:
        return Parting(cause="bytes", steps=(), offset=offset, alike=False)
    begin, state = min((_reach(raw, offset) for raw in (left, right)), key=lambda found: found[0])
    cause, steps = _cause(left, right, begin, state, values)
    sides = [_at(value, steps) if cause in ("member", "value") else None for value in values]
    alike = _sorted(values[0]) == _sorted(values[1])
    return Parting(
        cause=cause, steps=steps, offset=offset, alike=alike, left=sides[0], right=sides[1]
    )


class _State:
    """
    What a reader of JSON knows in front of a token.
    """

    def __init__(self) -> None:
        #: The lists and objects that it is within: whether it is a list, and where in it.
        self._within: list[tuple[bool, str | int | None]] = []
        #: Whether a string that comes now is a name.
        self.naming = False

    @property
    def in_list(self) -> bool:
        return bool(self._within) and self._within[-1][0]

    @property
    def container(self) -> Steps:
        return tuple(step for _, step in self._within[:-1] if step is not None)

    @property
    def steps(self) -> Steps:
        return tuple(step for _, step in self._within if step is not None)

    def take(self, token: bytes) -> None:
        kind = token[:1]
        if kind in (b"{", b"["):
            self._within.append((kind == b"[", 0 if kind == b"[" else None))
            self.naming = kind == b"{"
        elif kind in (b"}", b"]"):
            self._within.pop()
            self.naming = False
        elif kind == b",":
            self.naming = not self.in_list
            number = self._within[-1][1]
            if self.in_list and isinstance(number, int):
                self._within[-1] = (True, number + 1)
        elif kind == b'"' and self.naming:
            self._within[-1] = (False, json.loads(token))
            self.naming = False


def _reach(raw: bytes, offset: int) -> tuple[int, _State]:
    """
    Read up to the token that a byte is in; give where that begins.
    """
    state = _State()
    for match in _TOKEN.finditer(raw):
        if match.end() > offset:
            return match.start(), state
        state.take(match[0])
    return len(raw), state


def _cause(
    left: bytes, right: bytes, begin: int, state: _State, values: tuple[Any, Any]
) -> tuple[Cause, Steps]:
    one, other = (_token(raw, begin) for raw in (left, right))
    if one[:1] in _BLANKS or other[:1] in _BLANKS:
        return "whitespace", state.steps
    if state.naming and one[:1] == other[:1] == b'"':
        return _names(json.loads(one), json.loads(other), state.container, values)
    for raw, token, ended in ((left, one, other), (right, other, one)):
        if ended in (b"}", b"]") and token != ended:
            return "member", (*state.container, _next(raw, begin, token, state))
    if one[:1] == other[:1] == b'"' and json.loads(one) == json.loads(other):
        return "escapes", state.steps
    return ("numbers" if _same_number(one, other) else "value"), state.steps


def _names(left: str, right: str, container: Steps, values: tuple[Any, Any]) -> tuple[Cause, Steps]:
    if left == right:
        return "escapes", (*container, left)
    one, other = (_value(value, container) for value in values)
    alone = [name for name, side in ((left, other), (right, one)) if name not in side]
    return ("member", (*container, min(alone))) if alone else ("order", container)


def _next(raw: bytes, begin: int, token: bytes, state: _State) -> str | int:
    """
    Give the step to the member that comes next on the side that has one.
    """
    if state.in_list:
        here = state.steps[-1]
        return here + 1 if token == b"," and isinstance(here, int) else here
    match = _STRING.search(raw, begin)
    return str(json.loads(match[0])) if match else ""


def _token(raw: bytes, begin: int) -> bytes:
    match = _TOKEN.match(raw, begin)
    return match[0] if match else b""


def _same_number(left: bytes, right: bytes) -> bool:
    try:
        return float(left) == float(right)
    except ValueError:
        return False


def _value(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def _at(value: Any, steps: Steps) -> str | None:
    try:
        return text(_value(value, steps))
    except (KeyError, IndexError):
        return None


def _sorted(value: Any) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(value[name]) for name in sorted(value)}
        return [plain(each) for each in value] if isinstance(value, list) else value

    return text(plain(value))


def dotted(steps: Steps) -> str:
    """
    Write steps as a path, as differences do.

    >>> dotted(("config", "Env", 1))
    'config.Env[1]'
    """
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")
