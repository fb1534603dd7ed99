"""
Several pieces at once into files, and all of them stopped when one fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ocikit._records import record
from ocikit.crane.options import Options
from ocikit.progress import Report, Update
from ocikit.registry.parallel import Stop, each, one_at_a_time

T = TypeVar("T")
R = TypeVar("R")


@record(kw_only=True)
class Flow:
    """
    How a place writes its pieces: the report it gives, and the map it writes them with.
    """

    told: Report
    jobs: int
    stop: Stop

    def report(self, update: Update) -> None:
        """
        Pass an update on; a piece whose work has failed elsewhere ends here.
        """
        self.stop.check()
        self.told(update)

    def map(self, f: Callable[[T], R], things: Iterable[T], /) -> Iterable[R]:
        """
        Call `f` with each of the things, several at once, and give what it gives.
        """
        made: dict[int, R] = {}

        def do(numbered: tuple[int, T]) -> None:
            made[numbered[0]] = f(numbered[1])

        each(do, enumerate(things), self.jobs, self.stop)
        return [made[number] for number in sorted(made)]


def flow(options: Options) -> Flow:
    """
    Begin to write pieces, as many at once as the client has jobs.
    """
    return Flow(told=one_at_a_time(options.report), jobs=options.client.jobs, stop=Stop())
