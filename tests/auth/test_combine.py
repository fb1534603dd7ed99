"""
Keychains of keychains.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from ocikit import auth
from ocikit.auth.combine import HostGlobInvalid, first_of, for_hosts
from ocikit.auth.explain import explain
from ocikit.auth.github import github
from ocikit.auth.offers import over
from ocikit.errors import Missing
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    Keychain,
    Resource,
    anonymous,
)
from ocikit.http.message import Request, Response, Send
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.contracts_keychain import KeychainContract

R = Registry("r.io")


def _me(resource: Resource) -> Credentials:
    return Basic("me", "pw")


def _broken(resource: Resource) -> Credentials:
    raise Missing("no")


def test_the_first_that_has_credentials_wins() -> None:
    """
    Those after it are not even asked.
    """
    assert first_of(anonymous, _me, _broken)(R) == Basic("me", "pw")
    assert first_of(anonymous)(R) == first_of()(R) == Anonymous()


def test_one_that_fails_ends_the_search() -> None:
    """
    Others must not be told in its place.
    """
    with pytest.raises(Missing):
        first_of(_broken, _me)(R)


def test_a_combination_is_a_record() -> None:
    """
    It pickles when its parts do.
    """
    keychain = first_of(github(), anonymous)
    assert pickle.loads(pickle.dumps(keychain)) == keychain


class TestForHosts(KeychainContract):
    """
    With a glob for each host that is known.
    """

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        hosts = [key.partition("/")[0] for key in entries]
        return auth.for_hosts(hosts, auth.given(entries))


@pytest.mark.parametrize(
    ("glob", "host", "is_asked"),
    [
        ("r.io", "r.io", True),
        ("R.io", "r.IO", True),
        ("*.r.io", "a.r.io", True),
        ("*.r.io", "r.io", False),
        ("*.r.io", "a.b.r.io", False),
        ("*.r.io", "a.r.io.evil.org", False),
        ("*.r.io", "xr.io", False),
        ("*.*.r.io", "a.b.r.io", True),
        ("r.io", "r.io:5000", False),
        ("r.io:5000", "r.io:5000", True),
        ("*:5000", "localhost:5000", True),
        ("reg-?.io", "reg-1.io", True),
        ("reg-?.io", "reg-12.io", False),
        ("reg[0-3].io", "reg2.io", True),
        ("reg[^0-3].io", "reg2.io", False),
        ("index.docker.io", "docker.io", True),
        ("*.docker.io", "docker.io", True),
        ("docker.*", "docker.io", True),
        ("[::1]:5000", "[::1]:5000", True),
        ("[::1]", "[::1]:5000", False),
        ("*", "r.io", False),
        ("*", "localhost", True),
    ],
)
def test_globs_are_of_hosts(glob: str, host: str, is_asked: bool) -> None:
    """
    Label by label, and with the port: nothing else has such an end.
    """
    keychain = for_hosts(glob, _me)
    registry = Registry(host)
    assert (keychain(registry) != Anonymous()) == is_asked
    assert keychain.is_asked(registry) == is_asked


def test_others_are_not_asked_at_all() -> None:
    """
    A keychain that fails does not, for hosts that are not its own; and this is told.
    """
    keychain = for_hosts(["r.io", "*.r.io"], _broken)
    assert keychain(Registry("other.io")) == Anonymous()
    assert [str(step) for step in explain(keychain, Registry("other.io"))] == [
        "_broken: it is asked for r.io and *.r.io only"
    ]
    with pytest.raises(Missing):
        keychain(parse_repository("a.r.io/app"))
    assert [str(step) for step in explain(keychain, R)] == ["_broken: no"]


@pytest.mark.parametrize("glob", ["", "https://r.io", "r.io/team", "r io", "r.io\n"])
def test_what_is_no_glob_of_hosts_is_refused(glob: str) -> None:
    """
    A path would never be looked at.
    """
    with pytest.raises(HostGlobInvalid, match="glob of hosts"):
        for_hosts(glob, _me)


class _Asking:
    """
    A keychain that asks a server.
    """

    def __init__(self, send: Send | None = None) -> None:
        self.send = send

    def __call__(self, resource: Resource) -> Credentials:
        return Anonymous() if self.send is None else Basic("me", "pw")

    def over(self, send: Send) -> Keychain:
        """
        Take a way to it.
        """
        return _Asking(send)


def _send(request: Request) -> Response:
    return Response(status=200)


@pytest.mark.parametrize(
    "made",
    [
        _Asking(),
        first_of(anonymous, _Asking()),
        for_hosts("r.io", _Asking()),
        auth.cached(_Asking(), 60),
        auth.given({"quay.io": Basic("a", "b")}, _Asking()),
        auth.cached(for_hosts("r.io", first_of(auth.given({}, _Asking()))), 60),
    ],
)
def test_a_way_to_servers_reaches_who_asks_some(made: Keychain) -> None:
    """
    Whatever it stands in; what asks none stays as it is.
    """
    assert made(R) == Anonymous()
    assert over(made, _send)(R) == Basic("me", "pw")
    assert over(anonymous, _send) is anonymous
