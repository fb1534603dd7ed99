"""
Tests of the contract of keychains that draw nothing find the bugs that they are for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import attrs
import pytest

from ocikit import auth
from ocikit.auth.keys import registry_of
from ocikit.errors import Missing
from ocikit.http.credentials import Anonymous, Basic, Keychain, Resource
from ocikit.name.records import Registry
from ocikit.testing.contracts_keychain import KeychainContract

#: What tests end with.
_FAILURES: Final = (Exception, pytest.fail.Exception)


def _prefixed(entries: Mapping[str, Any]) -> Keychain:
    """
    Takes a name that begins so for a part of it.
    """

    def find(asked: Resource) -> Any:
        known = [key for key in entries if str(asked).startswith(key)]
        return entries[max(known, key=len)] if known else Anonymous()

    return find


def _portless(entries: Mapping[str, Any]) -> Keychain:
    """
    Takes all ports of a host for one.
    """
    given = auth.given({key.partition(":")[0]: each for key, each in entries.items()})
    return lambda asked: given(Registry(registry_of(asked).host.partition(":")[0]))


def _stripped(entries: Mapping[str, Any]) -> Keychain:
    """
    Reads secrets as lines of a file.
    """
    read = {key: Basic(each.username, each.password.strip()) for key, each in entries.items()}
    return auth.given(read)


def _expanded(entries: Mapping[str, Any]) -> Keychain:
    """
    Reads secrets as a URL.
    """
    read = {key: Basic(each.username, unquote(each.password)) for key, each in entries.items()}
    return auth.given(read)


def _split(entries: Mapping[str, Any]) -> Keychain:
    """
    Splits a pair at its last colon.
    """
    pairs = {key: f"{each.username}:{each.password}" for key, each in entries.items()}
    return auth.given({key: Basic(*pair.rsplit(":", 1)) for key, pair in pairs.items()})


def _failing(entries: Mapping[str, Any]) -> Keychain:
    """
    Knows no name that it was not told.
    """
    given = auth.given(entries)

    def find(asked: Resource) -> Any:
        found = given(asked)
        if isinstance(found, Anonymous):
            raise Missing(str(asked))
        return found

    return find


def _once(entries: Mapping[str, Any]) -> Keychain:
    """
    Gives each secret once.
    """
    left = dict(entries)
    return lambda asked: left.pop(str(asked), Anonymous())


@attrs.define
class _Open:
    """
    Shows what it knows, and carries it along.
    """

    entries: dict[str, tuple[str, str]]

    def __call__(self, asked: Resource) -> Any:
        found = self.entries.get(str(asked))
        return Anonymous() if found is None else Basic(*found)


def _shown(entries: Mapping[str, Any]) -> Keychain:
    return _Open({key: (each.username, each.password) for key, each in entries.items()})


def _keychain(make: Callable[[Mapping[str, Any]], Keychain]) -> KeychainContract:
    class Known(KeychainContract):
        def keychain(self, folder: Path, entries: Mapping[str, Any]) -> Keychain:
            return make(entries)

    return Known()


_KEYCHAINS: Final[tuple[tuple[KeychainContract, tuple[str, ...]], ...]] = (
    (
        _keychain(_prefixed),
        (
            *("segments_are_whole", "hosts_that_end_alike", "a_registry_without_a_port_has_none"),
            *(
                "addresses",
                "docker_hub_may_be_written_by_another_name",
                "hosts_may_be_written_in_any_case",
            ),
        ),
    ),
    (_keychain(_portless), ("a_port_is_a_part_of_the_name", "ports_apart", "localhost")),
    (_keychain(_stripped), ("spaces_at_both_ends", "ends_of_lines")),
    (_keychain(_expanded), ("nothing_is_read_into_them",)),
    (_keychain(_split), ("colons",)),
    (_keychain(_failing), ("no_name_is_an_error", "who_knows_nothing_says_nothing")),
    (_keychain(_once), ("many_times", "threads_ask_at_once")),
    (_keychain(_shown), ("what_it_prints", "what_pickles")),
)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [pytest.param(wrong, name, id=name) for wrong, tests in _KEYCHAINS for name in tests],
)
def test_each_finds_its_bug(tmp_path: Path, wrong: KeychainContract, name: str) -> None:
    """
    And nothing where there is none.
    """
    # One of them is for secrets of any kind.
    asked = {"taken_for": "escapes"} if name == "nothing_is_read_into_them" else {}
    with pytest.raises(_FAILURES):
        getattr(wrong, f"test_{name}")(tmp_path, **asked)
    getattr(_keychain(auth.given), f"test_{name}")(tmp_path, **asked)
