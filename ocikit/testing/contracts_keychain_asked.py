"""
How contracts ask a keychain, and what it should say.
"""

from __future__ import annotations

import abc
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from hypothesis import strategies as st

from ocikit.auth.keys import levels
from ocikit.http.credentials import Anonymous, Basic, Credentials, Keychain, Resource
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.contract import Contract

#: Names that are near each other, and not the same.
HOSTS: Final = (
    *("quay.io", "r.example", "r.example:5000", "xr.example", "r.example.org", "localhost:5000"),
    "docker.io",
)
_PATHS: Final = ("", "/team", "/team/app", "/teams", "/team-app", "/te")
#: What each secret begins with.
SECRET: Final = "s3cr3t-"  # noqa: S105 - of tests

_hosts = st.sampled_from(HOSTS)


def resource(name: str) -> Resource:
    """
    Read the name of a registry or repository.

    >>> resource("quay.io"), str(resource("quay.io/team"))
    (Registry(host='quay.io'), 'quay.io/team')
    """
    return parse_repository(name) if "/" in name else Registry(name)


#: What is asked for.
ASKED: Final = st.builds(str.__add__, _hosts, st.sampled_from(_PATHS)).map(resource)


def expected(entries: Mapping[str, Basic], asked: Resource) -> Credentials:
    """
    Say what is for a resource: what is known of the most specific of its names.

    >>> expected({"quay.io": Basic("me", "pw")}, resource("quay.io/team"))
    Basic(username='me')
    """
    return next((entries[level] for level in levels(asked) if level in entries), Anonymous())


class Asked(Contract):
    """
    A keychain: how it is made, and what it can do.
    """

    #: Whether credentials may be for a part of a registry, such as `quay.io/team`.
    paths: ClassVar[bool] = True
    #: Whether it sees what was changed where it looks after it was made.
    follows: ClassVar[bool] = False
    #: "tokens" where it knows identity and registry tokens, too.
    holds: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        # What it comes from may say otherwise.
        cls.holds = cls.holds | {"paths"} if cls.paths else cls.holds - {"paths"}
        super().__init_subclass__()

    @abc.abstractmethod
    def keychain(self, folder: Path, entries: Mapping[str, Any]) -> Keychain:
        """
        Make a keychain of these credentials, by `quay.io` or `quay.io/team`.

        Args:
            folder: where it may write; new for each example.
            entries: what it is to know, `Basic`; tokens only for who `holds` "tokens".
        """

    def entries(self, data: st.DataObject) -> dict[str, Basic]:
        """
        Draw what a keychain knows.
        """
        paths = st.sampled_from(_PATHS if self.paths else _PATHS[:1])
        keys = data.draw(st.lists(st.builds(str.__add__, _hosts, paths), max_size=4, unique=True))
        return {key: Basic(f"user{at}", f"{SECRET}{at}") for at, key in enumerate(keys)}

    @contextmanager
    def place(self) -> Generator[Path]:
        """
        Give a new folder, for one example.
        """
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)

    def asked(self, folder: Path, entries: Mapping[str, Any], *names: str) -> list[Credentials]:
        """
        Ask a keychain of these credentials for names in turn.
        """
        keychain = self.keychain(folder, entries)
        return [keychain(resource(name)) for name in names]
