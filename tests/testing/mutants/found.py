"""
How the kit finds a bug: after how many examples, and what is left when it is shrunk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from ocikit._records import record
from ocikit.content.image import Image
from ocikit.testing import strategies as oci
from ocikit.testing.contract import Contract
from ocikit.testing.laws import Change, Law
from ocikit.testing.machines import registry_machine
from ocikit.testing.modelled import Place
from tests.testing.mutants.told import told

T = TypeVar("T")

#: The same search each time: the table is to say what the tests see.
SETTINGS: Final = settings(
    max_examples=500,
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=False,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
#: How often a machine looks anew for what it does not find, or does not find small.
_SEARCHES: Final = 6
#: What tests end with; `pytest.fail` is no `Exception`.
FAILURES: Final = (Exception, pytest.fail.Exception)
_STEP = re.compile(r"^\s*state\.(\w+)\((.*?)\)$", re.DOTALL | re.MULTILINE)
_OUR_OWN: Final = ("begin", "teardown", "all_agrees")


@record
class Found:
    """
    What came of a search.
    """

    #: How many examples it took until the first that failed, itself included.
    examples: int
    #: What the smallest example consists of.
    smallest: tuple[str, ...]
    #: What the failure says.
    message: str


@record
class Mutant:
    """
    A bug that was planted.
    """

    #: In a few words, for the table.
    bug: str
    #: Which part of the kit finds it, for the table.
    by: str
    #: Looks for it; None when it is not found.
    search: Callable[[], Found | None]
    #: Of how many parts the smallest example consists at most.
    most: int


@attrs.define
class _Drawing:
    """
    The data of a law, that remembers what was drawn.
    """

    data: st.DataObject
    drawn: list[Any] = attrs.field(factory=list)

    def draw(self, strategy: SearchStrategy[T], label: object = None) -> T:
        value = self.data.draw(strategy)
        self.drawn.append(value if label is None else f"{label} {_plain(value)}")
        return value


def by_test(test: Callable[[Any], None]) -> Found | None:
    """
    Search for data with which a test fails.
    """
    examples, first, last = 0, 0, list[Any]()

    @SETTINGS
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        nonlocal examples, first, last
        examples += 1
        drawing = _Drawing(data)
        try:
            test(drawing)
        except HypothesisException:
            raise
        except FAILURES:
            first, last = first or examples, drawing.drawn
            raise

    try:
        run()
    except FAILURES as error:
        return Found(first, tuple(part for each in last for part in told(each)), said(error))
    return None


def by_law(
    law: Law, change: Change, images: SearchStrategy[Image] | None = None
) -> Callable[[], Found | None]:
    """
    Search for an image for which a law does not hold.
    """
    drawn = oci.images() if images is None else images
    return lambda: by_test(lambda data: law(change, data.draw(drawn)))


def by_contract(contract: Callable[[], Contract], law: str) -> Callable[[], Found | None]:
    """
    Search for data with which a law of a contract does not hold.
    """
    return lambda: by_test(lambda data: getattr(contract(), f"law_{law}")(data))


def by_machine(open: Callable[[], Place], most: int, steps: int = 8) -> Callable[[], Found | None]:
    """
    Search for steps after which a registry is not what a dictionary is.
    """

    def search() -> Found | None:
        begun, first = 0, 0

        def counted() -> Place:
            nonlocal begun
            begun += 1
            return open()

        class Machine(registry_machine(counted, faults=False)):  # type: ignore[misc]
            def check_invariants(self, *args: Any, **kwargs: Any) -> None:
                nonlocal first
                try:
                    super().check_invariants(*args, **kwargs)
                except FAILURES:
                    first = first or begun
                    raise

        error = run_machine(Machine, steps, most)
        if error is None:
            return None
        return Found(first or begun, tuple(steps_of(error)), said(error))

    return search


def run_machine(machine: Any, steps: int, most: int) -> BaseException | None:
    """
    Run a state machine until it fails with at most so many steps, or give the fewest it did.

    It begins in several places, the same ones each time. What Hypothesis tries depends on the
    code around it: one search may miss, or leave large, what the next one finds small.
    """
    smallest: BaseException | None = None
    for number in range(_SEARCHES):
        how = settings(SETTINGS, derandomize=False, stateful_step_count=steps)
        try:
            run_state_machine_as_test(seed(number)(machine), settings=how)
        except FAILURES as error:
            if smallest is None or _length(error) < _length(smallest):
                smallest = error
            if _length(smallest) <= most:
                break
    return smallest


def _length(error: BaseException) -> int:
    return len([*steps_of(error)])


def steps_of(error: BaseException) -> Iterator[str]:
    notes = "\n".join(getattr(error, "__notes__", ()))
    for name, arguments in _STEP.findall(notes):
        if name not in _OUR_OWN:
            yield f"{name}({' '.join(arguments.split())})"


def _plain(value: Any) -> Any:
    # Sets have no order of their own, and the table is to be the same each time.
    return f"{{{', '.join(map(repr, sorted(value)))}}}" if isinstance(value, set) else value


def said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
