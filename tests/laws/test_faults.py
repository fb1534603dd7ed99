"""
Laws of faults: what is patient gets through, and nothing that is wrong is taken for right.
"""

from __future__ import annotations

import pickle
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.errors import Missing, OciError
from ocikit.http.credentials import Basic
from ocikit.http.message import Send
from ocikit.http.retry import Policy
from ocikit.query.walk import walk
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from ocikit.server.auth.bearer import token_auth
from ocikit.server.faults.plan import Fault, faulty
from ocikit.server.faults.written import faults_from_json, faults_to_json
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import PROFILES
from ocikit.testing import strategies as oci
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import client

NAME = "r.io/team/a:1"
PATIENT = Settings(retry=Policy(attempts=12))
PLANS = oci.fault_plans(recoverable=True)


def over(send: Send, plan: tuple[Fault, ...], seed: int = 0) -> Client:
    """
    A client over a line on which things go wrong.
    """
    time = VirtualTime()
    bad = faulty(send, *plan, seed=seed, sleep=time.sleep)
    return client(bad, keychain=lambda resource: Basic("me", "pw"), time=time, settings=PATIENT)


def calm(send: Send) -> Client:
    """
    A client over a line on which nothing does.
    """
    return client(send, keychain=lambda resource: Basic("me", "pw"))


def whole(content: Content) -> list[bytes]:
    """
    Read all that content is made of.
    """
    found = walk(content)
    return [each.content if isinstance(each, Blob) else each.document.raw for each in found]


@given(oci.contents(depth=2), PLANS, st.booleans(), st.integers(0, 9))
def test_what_is_patient_gets_through(
    content: Content, plan: tuple[Fault, ...], tokens: bool, seed: int
) -> None:
    """
    `load(flush(x)) == x` under any plan that can be recovered from, byte for byte.
    """
    held = registry()
    send = token_auth(held, {"me": "pw"}) if tokens else held
    one = over(send, plan, seed)
    loaded = load(flush(NAME, content, client=one), client=one)
    assert loaded == content
    assert whole(loaded) == whole(content)
    assert whole(load(NAME, client=calm(send))) == whole(content)


@given(oci.contents(depth=2), oci.fault_plans(), st.integers(0, 9))
def test_nothing_wrong_is_taken_for_right(
    content: Content, plan: tuple[Fault, ...], seed: int
) -> None:
    """
    Under any plan a push says what is so; and no tag is on what is partly there.
    """
    held = registry()
    pushed = False
    with suppress(OciError):
        flush(NAME, content, client=over(held, plan, seed))
        pushed = True
    try:
        there = load(NAME, client=calm(held))
    except Missing:
        assert not pushed
    else:
        assert whole(there) == whole(content)


@given(oci.contents(depth=2), oci.fault_plans(), st.integers(0, 9))
def test_what_is_pulled_is_what_is_there(
    content: Content, plan: tuple[Fault, ...], seed: int
) -> None:
    """
    Under any plan a pull by digest gives these bytes, or tells that it cannot.
    """
    held = registry()
    pinned = flush(NAME, content, client=calm(held))
    with suppress(OciError):
        loaded = load(pinned, client=over(held, plan, seed))
        assert loaded == content
        assert whole(loaded) == whole(content)


@given(oci.contents(), PLANS, st.sampled_from(sorted(PROFILES)))
def test_every_kind_of_registry_is_got_through_to(
    content: Content, plan: tuple[Fault, ...], name: str
) -> None:
    """
    Quirks and faults at once do no harm: what was pushed is right, or it is told.
    """
    held = registry()
    pushed = False
    with suppress(OciError):
        flush(NAME, content, client=over(PROFILES[name](held, {"me": "pw"}), plan))
        pushed = True
    try:
        there = load(NAME, client=calm(held))
    except Missing:
        assert not pushed
    else:
        assert whole(there) == whole(content)


@given(oci.fault_plans())
def test_plans_are_values(plan: tuple[Fault, ...]) -> None:
    """
    They compare, hash, print, pickle, and are read from JSON as they were written.
    """
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert faults_from_json(faults_to_json(plan)) == plan
    assert hash(faults_from_json(faults_to_json(plan))) == hash(plan)
    assert all(type(each.befalls).__name__ in repr(plan) for each in plan)


@given(oci.contents(), oci.fault_plans(), st.integers(0, 9))
def test_the_same_seed_strikes_the_same(
    content: Content, plan: tuple[Fault, ...], seed: int
) -> None:
    """
    What befalls is a matter of the requests, the plan and the seed.
    """
    seen = []
    for _ in range(2):
        time, held = VirtualTime(), registry()
        bad = faulty(held, *plan, seed=seed, sleep=time.sleep)
        with suppress(OciError):
            flush(NAME, content, client=client(bad, time=time))
        names = [(each.method, each.fault, each.path.count("/")) for each in bad.strikes]
        seen.append(names)
    assert seen[0] == seen[1]
