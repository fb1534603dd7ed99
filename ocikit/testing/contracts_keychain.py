"""
What holds of every keychain, to run against any: subclass the contract.

    class TestMyKeychain(KeychainContract):
        def keychain(self, folder, entries):
            write_my_file(folder / "secrets", entries)
            return MyKeychain(folder / "secrets")
"""

from __future__ import annotations

import abc
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from hypothesis import strategies as st

from ocikit.auth.keys import levels
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    Keychain,
    Resource,
    SecretNotPickled,
)
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.contract import Contract

#: Names that are near each other, and not the same.
_HOSTS: Final = (
    *("quay.io", "r.example", "r.example:5000", "xr.example", "r.example.org", "localhost:5000"),
    "docker.io",
)
_PATHS: Final = ("", "/team", "/team/app", "/teams", "/team-app", "/te")
_SECRET: Final = "s3cr3t-%d"  # noqa: S105 - of tests

_hosts = st.sampled_from(_HOSTS)
_asked = st.builds(
    lambda host, path: Registry(host) if not path else parse_repository(host + path),
    _hosts,
    st.sampled_from(_PATHS),
)


class KeychainContract(Contract):
    """
    A keychain gives the credentials that are for what is asked, and those of nobody else.
    """

    #: Whether credentials may be for a part of a registry, such as `quay.io/team`.
    paths: ClassVar[bool] = True

    @abc.abstractmethod
    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        """
        Make a keychain of these credentials, by `quay.io` or `quay.io/team`.

        Args:
            folder: where it may write; new for each example.
            entries: what it is to know.
        """

    def entries(self, data: st.DataObject) -> dict[str, Basic]:
        """
        Draw what a keychain knows.
        """
        paths = st.sampled_from(_PATHS if self.paths else _PATHS[:1])
        keys = data.draw(st.lists(st.builds(str.__add__, _hosts, paths), max_size=4, unique=True))
        return {key: Basic(f"user{at}", _SECRET % at) for at, key in enumerate(keys)}

    def law_the_most_specific_counts(self, data: st.DataObject) -> None:
        """
        Of the registry and the parts of a path, the longest that is known; else nothing.
        """
        entries, asked = self.entries(data), data.draw(_asked)
        with tempfile.TemporaryDirectory() as folder:
            found = self.keychain(Path(folder), entries)(asked)
        assert found == _expected(entries, asked)

    def law_asking_changes_nothing(self, data: st.DataObject) -> None:
        """
        Whatever was asked before, the answer is the same.
        """
        entries, asked = self.entries(data), data.draw(st.lists(_asked, max_size=4))
        with tempfile.TemporaryDirectory() as folder:
            keychain = self.keychain(Path(folder), entries)
            for each in asked:
                assert keychain(each) == _expected(entries, each)

    def law_no_secret_is_shown_or_travels(self, data: st.DataObject) -> None:
        """
        It prints without secrets, and pickles without them or not at all.
        """
        entries = self.entries(data)
        with tempfile.TemporaryDirectory() as folder:
            keychain = self.keychain(Path(folder), entries)
            for key in entries:
                keychain(Registry(key.partition("/")[0]))
            assert _SECRET[:-2] not in repr(keychain)
            try:
                sent = pickle.dumps(keychain)
            except (SecretNotPickled, TypeError, AttributeError, pickle.PicklingError):
                return
            assert _SECRET[:-2].encode() not in sent

    def test_who_knows_nothing_says_nothing(self, tmp_path: Path) -> None:
        """
        Neither of a registry nor of a repository.
        """
        keychain = self.keychain(tmp_path, {})
        assert keychain(Registry("quay.io")) == Anonymous()
        assert keychain(parse_repository("quay.io/team/app")) == Anonymous()

    def test_docker_hub_has_one_account(self, tmp_path: Path) -> None:
        """
        However it is named, and of official images too.
        """
        keychain = self.keychain(tmp_path, {"docker.io": Basic("me", "pw")})
        for name in ("debian", "docker.io/library/debian", "index.docker.io/me/app"):
            assert keychain(parse_repository(name)) == Basic("me", "pw")

    def test_odd_secrets_come_as_they_are(self, tmp_path: Path) -> None:
        """
        Nothing in them is expanded, decoded, or split in the wrong place.
        """
        odd = Basic("<token>", 'p:w "é" \\ ${HOME} %41')
        assert self.keychain(tmp_path, {"quay.io": odd})(Registry("quay.io")) == odd

    def test_hosts_are_of_any_case(self, tmp_path: Path) -> None:
        """
        Names of hosts are the same in capitals.
        """
        keychain = self.keychain(tmp_path, {"quay.io": Basic("me", "pw")})
        assert keychain(Registry("Quay.IO")) == Basic("me", "pw")


def _expected(entries: Mapping[str, Basic], asked: Resource) -> Credentials:
    return next((entries[level] for level in levels(asked) if level in entries), Anonymous())
