"""
Regular expressions that are compiled when they are first used.

A command uses a few of those that its modules have: compiling the others, too, would be a
tenth of what its start costs.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

__all__ = ["regex"]


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """
    Make a regular expression that compiles itself when it is used, and once.

    What is wrong in it is found then, too: it is for those that the code has.

    >>> digits = regex("[0-9]+")
    >>> digits.fullmatch("12")[0]
    '12'
    """
    return cast("re.Pattern[AnyStr]", _Late(text, flags))


class _Late:
    def __init__(self, text: Any, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # Kept as an attribute of its own, so that this is asked once for each name.
        found = getattr(re.compile(self._text, self._flags), name)
        self.__dict__[name] = found
        return found
