"""
Laws of `bulk.map`, against the list that a loop would make.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ocikit.bulk.journal import Journal
from ocikit.bulk.outcome import Failed, Ok, WorkerLost
from tests.bulk.engines import Killed, Virtual, run

REFERENCES = st.lists(st.integers(0, 30), max_size=40)
CHUNKS, WINDOWS = st.integers(1, 6), st.integers(1, 5)


def look(reference: int) -> list[int]:
    """
    Stand for work: every seventh fails.
    """
    if reference % 7 == 3:
        raise LookupError(reference)
    return [reference, reference * 2]


def told(outcomes: Any) -> list[tuple[int, Any]]:
    """
    Give outcomes as plain values, which compare.
    """
    return [
        (each.reference, each.value if isinstance(each, Ok) else repr(each.error))
        for each in outcomes
    ]


def model(references: list[int]) -> list[tuple[int, Any]]:
    """
    Do it in a loop.
    """
    made: list[tuple[int, Any]] = []
    for reference in references:
        try:
            made.append((reference, look(reference)))
        except LookupError as error:
            made.append((reference, repr(error)))
    return made


def counted(outcomes: list[tuple[int, Any]]) -> Counter[str]:
    """
    Forget the order.
    """
    return Counter(map(repr, outcomes))


def picks(data: st.DataObject) -> Any:
    """
    Let Hypothesis pick which call ends next.
    """
    return lambda count: data.draw(st.integers(0, count - 1))


def tear(journal: Path, count: int) -> None:
    """
    Take bytes from the end of a journal.
    """
    data = journal.read_bytes()
    journal.write_bytes(data[: max(len(data) - count, 0)])


def finished(journal: Path) -> set[str]:
    """
    Read which references a journal says are finished.
    """
    lines = journal.read_bytes().splitlines(keepends=True) if journal.exists() else []
    known = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return {line["key"] for line in known if "value" in line}


@given(REFERENCES, CHUNKS, WINDOWS, st.booleans(), st.data())
def test_outcomes_are_those_of_a_loop(
    references: list[int], chunk: int, window: int, ordered: bool, data: st.DataObject
) -> None:
    """
    Each reference has its outcome exactly once, whatever ends first; in order when asked.
    """
    engine = Virtual(picks(data))
    outcomes = told(run(look, references, engine, chunk=chunk, window=window, ordered=ordered))
    assert counted(outcomes) == counted(model(references))
    if ordered:
        assert outcomes == model(references)


@given(REFERENCES, CHUNKS, WINDOWS, st.booleans(), st.data())
def test_the_window_is_never_exceeded(
    references: list[int], chunk: int, window: int, ordered: bool, data: st.DataObject
) -> None:
    """
    Under way, or taken and not yet given, are never more than `window` calls of `chunk`.
    """
    taken = given_ = most = 0

    def source() -> Iterator[int]:
        nonlocal taken, most
        for reference in references:
            taken += 1
            most = max(most, taken - given_)
            yield reference

    engine = Virtual(picks(data))
    for _ in run(look, source(), engine, chunk=chunk, window=window, ordered=ordered):
        given_ += 1
    assert engine.most_calls <= window
    assert engine.most_references <= window * chunk
    assert most <= window * chunk
    assert taken == given_ == len(references)


@given(REFERENCES, CHUNKS, WINDOWS, st.booleans(), st.data())
def test_lost_calls_lose_nothing(
    references: list[int], chunk: int, window: int, ordered: bool, data: st.DataObject
) -> None:
    """
    When calls are cancelled, or their workers die before or after the work, each reference still
    has one outcome: what a loop gives, or that it was lost after three tries at most.
    """
    fates = st.sampled_from(["done", "done", "cancelled", "broken", "unsaid"])
    engine = Virtual(picks(data), lambda _: data.draw(fates))
    outcomes = list(run(look, references, engine, chunk=chunk, window=window, ordered=ordered))
    errors: list[Any] = [each.error for each in outcomes if isinstance(each, Failed)]
    assert all(error.tries == 3 for error in errors if isinstance(error, WorkerLost))
    if ordered:
        assert [each.reference for each in outcomes] == references
    assert Counter(each.reference for each in outcomes) == Counter(references)
    heard = [each for each in outcomes if not isinstance(getattr(each, "error", None), WorkerLost)]
    assert counted(told(heard)) <= counted(model(references))
    assert engine.most_calls <= window


@given(st.sets(st.integers(0, 30)), CHUNKS, st.integers(0, 30), st.booleans(), st.data())
def test_a_reference_that_kills_workers_is_lost_alone(
    references: set[int], chunk: int, poison: int, everything: bool, data: st.DataObject
) -> None:
    """
    One that kills whatever works on it takes no other along, even where all that is under
    way dies with it.
    """
    fate = "all" if everything else "unsaid"
    engine = Virtual(picks(data), lambda chunk: fate if poison in chunk else "done")
    outcomes = list(run(str, references, engine, chunk=chunk))
    lost = {each.reference for each in outcomes if isinstance(each, Failed)}
    assert lost == references & {poison}
    assert Counter(each.reference for each in outcomes) == Counter(references)


@given(
    st.lists(st.integers(0, 60), max_size=40, unique=True),
    CHUNKS,
    st.booleans(),
    st.lists(st.integers(0, 60), max_size=4),
    st.integers(0, 200),
    st.data(),
)
def test_a_run_that_is_killed_is_gone_on_with(
    references: list[int],
    chunk: int,
    ordered: bool,
    kills: list[int],
    torn: int,
    data: st.DataObject,
) -> None:
    """
    However often the driver dies, and wherever, and even when the end of the journal is lost
    with it: the run that ends gives what one that was never killed gives, and what a
    journal holds is not worked on again.
    """
    with TemporaryDirectory() as folder:
        journal = Journal(path=f"{folder}/journal")
        done: list[int] = []

        def note(reference: int) -> list[int]:
            done.append(reference)
            return look(reference)

        for kill in kills:
            steps = itertools.count()

            def pick(count: int, steps: Iterator[int] = steps, kill: int = kill) -> int:
                if next(steps) == kill:
                    raise Killed
                return data.draw(st.integers(0, count - 1))

            with suppress(Killed):
                list(run(note, references, Virtual(pick), journal, chunk=chunk, ordered=ordered))
            tear(Path(journal.path), torn)
        before = finished(Path(journal.path))
        done.clear()
        engine = Virtual(picks(data))
        outcomes = told(run(note, references, engine, journal, chunk=chunk, ordered=ordered))
        assert counted(outcomes) == counted(model(references))
        if ordered:
            assert outcomes == model(references)
        assert not before & {str(reference) for reference in done}
