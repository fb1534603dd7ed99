"""
What other packages log of what we do with them: kept out, where it would show secrets.

What they log for others, on the same thread or another, stays.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

#: The loggers that have nothing to say now; of each thread its own.
_QUIET: Final[ContextVar[tuple[str, ...]]] = ContextVar("ocikit.quiet", default=())


@contextmanager
def unlogged(*names: str) -> Generator[None, None, None]:
    """
    Let some loggers say nothing of what happens in a block, on this thread.

    Args:
        names: in full, for what is below a logger is not asked what that lets pass.

    >>> with unlogged("urllib3.connection"):
    ...     logging.getLogger("urllib3.connection").error("https://r.io/?sig=secret")
    """
    for name in names:
        _install(name)
    token = _QUIET.set((*_QUIET.get(), *names))
    try:
        yield
    finally:
        _QUIET.reset(token)


@functools.cache
def _install(name: str) -> None:
    logging.getLogger(name).addFilter(lambda record: record.name not in _QUIET.get())
