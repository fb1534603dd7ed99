"""
What `bulk.map` does with threads, processes, errors and iterators that are left.
"""

from __future__ import annotations

import itertools
import os
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

import pytest

from ocikit import bulk
from ocikit.bulk.outcome import portable
from ocikit.digest import DigestInvalid
from tests.bulk.engines import Virtual, run


class Stubborn(Exception):
    """
    An error that holds what does not pickle.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lock = threading.Lock()


class Particular(Exception):
    """
    An error that pickles, and cannot be read again.
    """

    def __init__(self, *, code: int) -> None:
        super().__init__(f"code {code}")


class Mute(Exception):
    """
    An error that cannot tell its text.
    """

    def __str__(self) -> str:
        raise RuntimeError


def fail(reference: str) -> str:
    """
    Raise what the reference names.
    """
    errors: dict[str, BaseException] = {
        "stubborn": Stubborn("here"),
        "particular": Particular(code=3),
        "mute": Mute(),
        "exit": SystemExit(4),
        "ours": DigestInvalid(text="x", reason="is short"),
    }
    if reference in errors:
        raise errors[reference]
    return reference.upper()


def die(reference: str) -> str:
    """
    End the process that works on "poison".
    """
    if reference == "poison":
        os._exit(9)
    return reference


@pytest.fixture
def processes() -> Iterator[ProcessPoolExecutor]:
    """
    Two processes.
    """
    # Threads of other tests may hold locks in this moment, which a fork would keep.
    import multiprocessing

    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


def test_errors_come_back_from_processes(processes: ProcessPoolExecutor) -> None:
    """
    Errors are what was raised where that pickles, and else tell its type and text.
    """
    names = ["a", "stubborn", "particular", "mute", "exit", "ours"]
    found = list(bulk.map(fail, names, executor=processes, chunk=4, ordered=True))
    assert found[0] == bulk.Ok(reference="a", value="A")
    errors: list[Exception] = [each.error for each in found[1:] if isinstance(each, bulk.Failed)]
    expected: list[Exception] = [
        bulk.ForeignError(kind="tests.bulk.test_mapping.Stubborn", text="here"),
        bulk.ForeignError(kind="tests.bulk.test_mapping.Particular", text="code 3"),
        bulk.ForeignError(kind="tests.bulk.test_mapping.Mute", text="(its text cannot be told)"),
        bulk.ForeignError(kind="SystemExit", text="4"),
        DigestInvalid(text="x", reason="is short"),
    ]
    assert errors == expected
    assert pickle.loads(pickle.dumps(found)) == found
    traces = [each.trace for each in found if isinstance(each, bulk.Failed)]
    assert all("in fail" in trace for trace in traces[:4])
    assert traces[4] == ""


def test_threads_give_the_same_errors() -> None:
    """
    What an engine would not carry is a record there too: programs see no difference.
    """
    found = list(bulk.map(fail, ["stubborn", "ours"], ordered=True))
    errors = [each.error for each in found if isinstance(each, bulk.Failed)]
    kinds: list[type[Exception]] = [bulk.ForeignError, DigestInvalid]
    assert list(map(type, errors)) == kinds
    assert all(error.__traceback__ is None for error in errors)


def test_a_dead_process_loses_nothing(processes: ProcessPoolExecutor) -> None:
    """
    A pool that broke takes no more: each reference is told of, and none hangs.
    """
    names = [*map(str, range(40)), "poison", *map(str, range(40, 80))]
    found = list(bulk.map(die, names, executor=processes, chunk=4, window=4))
    assert sorted(each.reference for each in found) == sorted(names)
    lost = {each.reference for each in found if isinstance(each, bulk.Failed)}
    assert "poison" in lost
    for each in found:
        if isinstance(each, bulk.Failed):
            assert isinstance(each.error, bulk.WorkerLost)
            assert "BrokenProcessPool" in str(each.error)


def test_what_does_not_pickle_fails_for_each(processes: ProcessPoolExecutor) -> None:
    """
    A function that cannot go to a process is told of for each reference.
    """
    lock = threading.Lock()
    found = list(bulk.map(lambda name: (lock, name), "abc", executor=processes, chunk=2))
    assert sorted(each.reference for each in found) == ["a", "b", "c"]
    assert all("pickle" in str(each.error) for each in found if isinstance(each, bulk.Failed))
    assert not any(isinstance(each, bulk.Ok) for each in found)


def test_threads_work_at_once() -> None:
    """
    As many are under way as there are jobs.
    """
    meeting = threading.Barrier(3)
    found = bulk.map(lambda _: meeting.wait(30) >= 0, range(6), jobs=3)
    assert all(each.value for each in found if isinstance(each, bulk.Ok))


def test_nothing_begins_before_it_is_asked_for() -> None:
    """
    The references are not touched until the first outcome is wanted, and then a window of them.
    """
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    engine = Virtual(lambda count: 0)
    outcomes = run(str, endless(), engine, chunk=2, window=3)
    assert taken == []
    assert next(outcomes).reference == 0
    assert len(taken) == 6
    outcomes.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(taken) == 6
    assert all(call.cancelled() for call, _, _ in engine.waiting)


def test_the_first_error_is_raised_and_cancels_the_rest() -> None:
    """
    With "raise" what has not begun does not begin, in the same chunk neither.
    """
    done: list[int] = []

    def note(reference: int) -> int:
        done.append(reference)
        return 1 // (reference - 4)

    engine = Virtual(lambda count: 0)
    with pytest.raises(ZeroDivisionError) as caught:
        list(run(note, range(30), engine, chunk=3, stop=True))
    assert done == [0, 1, 2, 3, 4]
    assert "in note" in caught.value.__notes__[0]
    assert all(call.cancelled() for call, _, _ in engine.waiting)


def test_references_that_break_off_are_worked_on_first() -> None:
    """
    When the references end in an error, those before it have their outcomes, and then it is raised.
    """

    def listing() -> Iterator[str]:
        yield from "abc"
        raise ConnectionResetError("the listing broke off")

    outcomes = bulk.map(str.upper, listing())
    assert sorted(next(outcomes).reference for _ in "abc") == ["a", "b", "c"]
    with pytest.raises(ConnectionResetError, match="broke off"):
        next(outcomes)


def test_slow_references_do_not_hold_back_outcomes() -> None:
    """
    What is done is given before more references are waited for.
    """
    done = threading.Event()

    class AtOnce(Executor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            call: Future[Any] = Future()
            call.set_result(fn(*args, **kwargs))
            return call

    def slow() -> Iterator[str]:
        yield "a"
        # Who waits here for the first outcome has to get it.
        assert done.is_set()
        yield "b"

    for _ in bulk.map(str.upper, slow(), executor=AtOnce(), chunk=1):
        done.set()


@pytest.mark.parametrize("name", ["jobs", "chunk", "window"])
def test_numbers_are_checked_at_once(name: str) -> None:
    """
    What cannot be done is refused before anything is asked for.
    """
    numbers: dict[str, Any] = {name: 0}
    with pytest.raises(bulk.BoundInvalid, match=f"{name}: with 0 nothing can be done"):
        bulk.map(str, "a", **numbers)


def test_what_pickles_is_kept_as_it_is() -> None:
    """
    An error that comes back from a pickle is not told of, but given.
    """
    error = KeyError("a")
    assert portable(error) is error
