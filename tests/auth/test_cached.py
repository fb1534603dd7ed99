"""
Credentials that are kept for a while.
"""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit import auth
from ocikit.auth.cached import Cached, LifetimeInvalid, cached
from ocikit.auth.combine import first_of
from ocikit.auth.explain import explain
from ocikit.auth.held import Held
from ocikit.auth.offers import Lease
from ocikit.errors import Missing
from ocikit.http.credentials import Anonymous, Basic, Credentials, Keychain, Resource, anonymous
from ocikit.name.records import Registry
from ocikit.testing.contracts_keychain import KeychainContract
from ocikit.testing.time import VirtualTime

R = Registry("r.io")


@attrs.define(eq=False)
class Counted:
    """
    A keychain that counts how often it is asked, and may say until when that is good.
    """

    time: VirtualTime = attrs.field(factory=VirtualTime)
    life: float = float("inf")
    asked: int = 0
    fails: bool = False

    def __call__(self, resource: Resource) -> Credentials:
        return self.lease(resource).credentials

    def lease(self, resource: Resource) -> Lease:
        """
        Count, and answer.
        """
        self.asked += 1
        if self.fails:
            raise Missing(str(self.asked))
        until = self.time.now + self.life
        return Lease(credentials=Basic(f"{resource}", f"SECRET{self.asked}"), until=until)


class TestCached(KeychainContract):
    """
    What is kept is what was given.
    """

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        return auth.cached(auth.given(entries), 60)


@given(
    ttl=st.integers(1, 100),
    life=st.one_of(st.just(float("inf")), st.integers(1, 100)),
    waits=st.lists(st.integers(0, 60), max_size=8),
)
def test_it_is_asked_again_when_its_time_is_over(ttl: int, life: float, waits: list[int]) -> None:
    """
    Whichever is over first: ours, or that of the credentials.
    """
    inner = Counted(life=life)
    keychain = cached(inner, ttl, lambda: inner.time.now)
    expected, until = 0, float("-inf")
    for wait in waits:
        inner.time.sleep(wait)
        if inner.time.now >= until:
            expected, until = expected + 1, inner.time.now + min(ttl, life)
        assert keychain(R) == Basic("r.io", f"SECRET{expected}")
    assert inner.asked == expected


def test_each_resource_has_its_own() -> None:
    """
    And that there is nothing is kept as well.
    """
    inner = Counted()
    keychain = cached(inner, 60)
    assert keychain(R) != keychain(Registry("other.io"))
    assert inner.asked == 2
    asked: list[Resource] = []

    def nothing(resource: Resource) -> Credentials:
        asked.append(resource)
        return Anonymous()

    none = cached(nothing, 60)
    assert [none(R), none(R)] == [Anonymous()] * 2
    assert asked == [R]


def test_many_that_ask_at_once_ask_once() -> None:
    """
    They wait for the one that asks, and fail as it does; who comes later asks anew.
    """
    begun, go = threading.Event(), threading.Event()
    inner = Counted()

    def slow(resource: Resource) -> Credentials:
        begun.set()
        assert go.wait(30)
        return inner(resource)

    def all_ask(keychain: Keychain) -> list[object]:
        begun.clear()
        go.clear()
        answers: list[object] = []

        def ask() -> None:
            try:
                answers.append(keychain(R))
            except Missing as error:
                answers.append(error)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert begun.wait(30)
        go.set()
        for thread in threads:
            thread.join()
        return answers

    keychain = cached(slow, 60)
    assert all_ask(keychain) == [Basic("r.io", "SECRET1")] * 8
    inner.fails = True
    failing = cached(slow, 60)
    answers = all_ask(failing)
    assert len(answers) == 8
    assert all(isinstance(each, Missing) for each in answers)
    inner.fails = False
    assert isinstance(failing(R), Basic)


def test_one_that_is_interrupted_leaves_it_to_others() -> None:
    """
    Ctrl-C in one thread is no answer for another.
    """
    held, turns = Held[str](), iter([KeyboardInterrupt(), None])

    def ask() -> tuple[str, float]:
        if (error := next(turns)) is not None:
            raise error
        return "found", 9.0

    with pytest.raises(KeyboardInterrupt):
        held.get("a", ask, lambda: 0.0)
    assert held.get("a", ask, lambda: 0.0) == "found"


def test_what_is_held_does_not_travel() -> None:
    """
    Neither by pickle, nor by copy, nor on paper; and the record is equal to a fresh one.
    """
    keychain = cached(first_of(auth.github({"GITHUB_TOKEN": "SECRET"}), anonymous), 60)
    made = cached(Counted(), 60)
    made(R)
    for shown in (repr(made), str(made), repr(Held())):
        assert "SECRET" not in shown
    given_back = pickle.loads(pickle.dumps(evolved := cached(auth.default(), 60)))
    assert given_back == evolved
    assert hash(given_back) == hash(evolved)
    assert repr(given_back) == "Cached(keychain=Default(), ttl=60)"
    assert copy.deepcopy(keychain) == keychain
    held = Held[str]()
    held.get("a", lambda: ("SECRET", 9.0), lambda: 0.0)
    assert b"SECRET" not in pickle.dumps(held)
    assert copy.copy(held).get("a", lambda: ("other", 9.0), lambda: 0.0) == "other"


def test_a_forked_child_begins_with_nothing() -> None:
    """
    A lock that a thread of its parent holds would never open.
    """
    held = Held[str]()
    held._process -= 1
    held._lock.acquire()
    assert held.get("a", lambda: ("found", 9.0), lambda: 0.0) == "found"


def test_only_so_much_is_held() -> None:
    """
    Whoever looks at a million repositories has no million passwords in memory.
    """
    held = Held[int]()
    for key in range(3000):
        held.get(key, lambda: (0, 9.0), lambda: 0.0)
    assert len(held._flights) <= 1024


@pytest.mark.parametrize("ttl", [0, -1, float("nan")])
def test_no_time_is_no_time(ttl: float) -> None:
    """
    Whoever wants nothing kept does not ask for it.
    """
    with pytest.raises(LifetimeInvalid, match="more than 0"):
        cached(anonymous, ttl)


def test_what_is_in_it_is_told() -> None:
    """
    As it would be without.
    """
    found = auth.given({"r.io": Basic("me", "SECRET")})
    assert [str(step) for step in explain(Cached(keychain=found, ttl=1), R)] == [
        "given, for r.io: a password of me",
        "anonymous: not asked",
    ]
