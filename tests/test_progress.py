"""
Progress: the fold over events.
"""

from __future__ import annotations

import pickle
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from ocikit.digest import Digest
from ocikit.progress import Event, Meter, Update, add, quiet

A, B = Digest.of(b"a"), Digest.of(b"b")

updates = st.builds(
    Update,
    event=st.sampled_from(Event),
    digest=st.sampled_from([None, A, B]),
    bytes=st.integers(0, 1 << 40),
    name=st.text(max_size=3),
)


@given(st.lists(updates))
def test_any_events(seen: list[Update]) -> None:
    """
    Every event can be added at any time; what is added is counted once.
    """
    meter = reduce(add, seen, Meter())
    assert meter.planned == sum(u.bytes for u in seen if u.event is Event.PLANNED)
    assert meter.moved == sum(u.bytes for u in seen if u.event is Event.MOVED)
    assert meter.moved + meter.saved >= sum(meter.pieces.values())
    assert 0 <= meter.fraction <= 1
    assert pickle.loads(pickle.dumps(meter)) == meter


def test_a_transfer() -> None:
    """
    A failed attempt gives its bytes back, a resumed one keeps what was there before.
    """
    seen = [
        Update(event=Event.PLANNED, digest=A, bytes=10),
        Update(event=Event.PLANNED, digest=B, bytes=10),
        Update(event=Event.STARTED, digest=A),
        Update(event=Event.MOVED, digest=A, bytes=6),
        Update(event=Event.MOVED, digest=A, bytes=-6),
        Update(event=Event.RETRIED, digest=A),
        Update(event=Event.RESUMED, digest=A, bytes=3),
        Update(event=Event.MOVED, digest=A, bytes=7),
        Update(event=Event.DONE, digest=A),
        Update(event=Event.MOUNTED, digest=B, bytes=10),
        Update(event=Event.TAGGED, name="r:t"),
    ]
    meter = reduce(add, seen, Meter())
    assert meter == Meter(planned=20, moved=7, saved=13, started=1, done=2, pieces=meter.pieces)
    assert meter.pieces == {A: 10}
    assert meter.fraction == 1.0


def test_existing_content() -> None:
    """
    What is there already is done without a start.
    """
    meter = add(Meter(planned=4), Update(event=Event.EXISTS, digest=A, bytes=4))
    assert (meter.done, meter.saved, meter.started, meter.fraction) == (1, 4, 0, 1.0)


def test_nothing_planned() -> None:
    """
    Nothing planned is nothing done; more than planned is no more than all.
    """
    assert Meter().fraction == 0.0
    assert Meter(planned=1, moved=2).fraction == 1.0


def test_a_new_meter() -> None:
    """
    Adding leaves the meter that was.
    """
    before = Meter()
    after = add(before, Update(event=Event.MOVED, digest=A, bytes=1))
    assert before == Meter()
    assert after.pieces == {A: 1}
    assert add(after, Update(event=Event.MOVED, bytes=1)).pieces == {A: 1}


def test_quiet() -> None:
    """
    Reports may go to nobody.
    """
    quiet(Update(event=Event.DONE))
