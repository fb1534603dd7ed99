"""
Many runs over one scenario, counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import attrs

from tests.faults.plan import Chaos, Scenario, Schedule, Trouble
from tests.faults.runs import Ground, Outcome, Verb, run

#: Gives the ground of the run with a seed.
Grounds = Callable[[int], AbstractContextManager[Ground]]


@attrs.frozen(kw_only=True)
class Count:
    """
    What became of many runs; those that nothing befell are not counted.
    """

    runs: int = 0
    faults: int = 0
    fine: int = 0
    wrong: int = 0
    partial: int = 0
    #: How often each error ended a run.
    errors: Counter[str] = attrs.field(factory=Counter)

    def with_(self, outcome: Outcome) -> Count:
        """
        Count one more.
        """
        if not outcome.struck:
            return self
        told = [type(outcome.error).__name__] if outcome.error else []
        return Count(
            runs=self.runs + 1,
            faults=self.faults + outcome.struck,
            fine=self.fine + outcome.is_fine,
            wrong=self.wrong + outcome.wrong,
            partial=self.partial + outcome.partial,
            errors=self.errors + Counter(told),
        )

    def __add__(self, other: Count) -> Count:
        return Count(
            **{
                name: getattr(self, name) + getattr(other, name)
                for name in attrs.fields_dict(Count)
            }
        )

    def __str__(self) -> str:
        return f"{self.fine} of {self.runs}" if self.runs else ""


def count(
    verb: Verb, trouble: Scenario | float, grounds: Grounds, seeds: Iterable[int], jobs: int = 1
) -> Count:
    """
    Do one thing under many seeds, several at once; a number is a rate of chaos.
    """

    def one(seed: int) -> Outcome:
        with grounds(seed) as ground:
            return run(verb, ground, _schedule(trouble, seed), archive=seed % 2 == 1)

    with ThreadPoolExecutor(jobs) as pool:
        total = Count()
        for outcome in pool.map(one, seeds):
            total = total.with_(outcome)
        return total


def _schedule(trouble: Scenario | float, seed: int) -> Schedule:
    return Chaos(trouble, seed) if isinstance(trouble, float) else Trouble(trouble, seed)
