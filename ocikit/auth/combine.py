"""
Keychains made of keychains.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ocikit._records import evolve, record
from ocikit.auth.hosts import matches
from ocikit.auth.keys import registry_of
from ocikit.auth.offers import NOTHING, Lease, lease_of
from ocikit.auth.offers import over as connected
from ocikit.errors import Invalid
from ocikit.http.credentials import Anonymous, Credentials, Keychain, Resource
from ocikit.http.message import Send


@attrs.frozen(kw_only=True)
class HostGlobInvalid(Invalid):
    """
    A glob of hosts is none.
    """

    glob: str

    def __str__(self) -> str:
        return f"glob of hosts {self.glob!r}: write it as r.example or *.r.example:5000"


@record
class FirstOf:
    """
    Keychains that are asked in turn until one has credentials; an error ends it.
    """

    keychains: tuple[Keychain, ...]

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return self.lease(resource).credentials

    def lease(self, resource: Resource) -> Lease:
        """
        Find them, and until when they are good.
        """
        for keychain in self.keychains:
            found = lease_of(keychain, resource)
            if found.credentials != Anonymous():
                return found
        return NOTHING

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers.
        """
        return FirstOf(tuple(connected(each, send) for each in self.keychains))


def first_of(*keychains: Keychain) -> FirstOf:
    """
    Ask keychains in turn; one that fails ends the search, lest others be told for it.

    >>> from ocikit.http.credentials import Basic, anonymous
    >>> from ocikit.name.records import Registry
    >>> first_of(anonymous, lambda resource: Basic("me", "pw"))(Registry("ghcr.io"))
    Basic(username='me')
    """
    return FirstOf(keychains)


@record(kw_only=True)
class ForHosts:
    """
    A keychain that is asked for some hosts, and has nothing for others.

    Raises:
        HostGlobInvalid: a glob has a path or a scheme, or is empty.
    """

    globs: tuple[str, ...]
    keychain: Keychain

    def __attrs_post_init__(self) -> None:
        for glob in self.globs:
            if not glob or "/" in glob or not glob.isprintable() or " " in glob:
                raise HostGlobInvalid(glob=glob)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return self.lease(resource).credentials

    def is_asked(self, resource: Resource) -> bool:
        """
        Tell whether the host is one of these.
        """
        return any(matches(glob, registry_of(resource)) for glob in self.globs)

    def lease(self, resource: Resource) -> Lease:
        """
        Find them, and until when they are good.
        """
        return lease_of(self.keychain, resource) if self.is_asked(resource) else NOTHING

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers.
        """
        return evolve(self, keychain=connected(self.keychain, send))


def for_hosts(globs: str | Iterable[str], keychain: Keychain) -> ForHosts:
    """
    Ask a keychain for some hosts only.

    Args:
        globs: as `r.example:5000` or `*.r.example`, where `*` is within a label.
        keychain: who is asked.

    Raises:
        HostGlobInvalid: a glob has a path or a scheme, or is empty.

    >>> from ocikit.http.credentials import Basic
    >>> from ocikit.name.records import Registry
    >>> keychain = for_hosts("*.r.example", lambda resource: Basic("me", "pw"))
    >>> keychain(Registry("a.r.example")), keychain(Registry("r.example.org"))
    (Basic(username='me'), Anonymous())
    """
    return ForHosts(globs=(globs,) if isinstance(globs, str) else tuple(globs), keychain=keychain)
