"""
What runs in workers: a function over a chunk of references.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from ocikit.bulk.outcome import bare, portable, trace_of

R = TypeVar("R")
T = TypeVar("T")

#: A value, and no error; or an error, and where it was raised.
Answer: TypeAlias = tuple[T | None, Exception | None, str]


def work(
    function: Callable[[R], T], references: Sequence[R], stop: bool, serial: int
) -> list[Answer[T]]:
    """
    Call the function with each reference, and answer for each.

    Args:
        function: what is called.
        references: a chunk of them.
        stop: whether the first that fails ends it; those after it have no answer.
        serial: the number of this call. Engines that take equal calls for one, as dask
            does unless it is told not to, then run each.
    """
    answers: list[Answer[T]] = []
    for reference in references:
        try:
            answers.append((function(reference), None, ""))
        except (Exception, SystemExit) as error:
            trace = trace_of(error)
            answers.append((None, bare(portable(error)), trace))
            if stop:
                break
    return answers
