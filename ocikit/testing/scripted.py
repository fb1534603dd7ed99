"""
Streams that do something while they are read.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


class Scripted(io.RawIOBase):
    """
    A stream that gives bytes, calls functions and raises errors, one after another.

    >>> Scripted(b"one", lambda: None, b"two").read()
    b'onetwo'
    """

    def __init__(self, *steps: bytes | Callable[[], object] | Exception) -> None:
        self._steps = list(steps)

    def readable(self) -> bool:
        """
        It can be read.
        """
        return True

    def readinto(self, buffer: Any, /) -> int:
        """
        Do what comes before the next bytes, and give those.
        """
        while self._steps:
            step = self._steps.pop(0)
            if isinstance(step, Exception):
                raise step
            if isinstance(step, bytes):
                room = memoryview(buffer)
                part, rest = step[: len(room)], step[len(room) :]
                room[: len(part)] = part
                self._steps[:0] = [rest] if rest else []
                return len(part)
            step()
        return 0
