"""
Credentials that were given, not found: for registries, for paths, or for the only one.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ocikit.auth.keys import canonical_key, levels, registry_of
from ocikit.auth.offers import over as connected
from ocikit.errors import Invalid
from ocikit.http.credentials import Credentials, Keychain, Resource, anonymous
from ocikit.http.message import Send
from ocikit.name.records import Registry

#: The key of credentials that are for whichever registry is the only one.
ONLY = ""


@attrs.frozen(kw_only=True)
class CredentialsAmbiguous(Invalid):
    """
    Credentials were given for one registry, and there are two.
    """

    first: str
    second: str

    def __str__(self) -> str:
        return (
            f"credentials without a registry went to {self.first}, and {self.second} asks for "
            "some too; say which registry they are for"
        )


class Given:
    """
    The keychain of credentials by registry or path; the most specific counts.

    It does not pickle: what pickles is a keychain that says where to look.
    """

    def __init__(self, entries: Mapping[str, Credentials], rest: Keychain = anonymous) -> None:
        self.entries = {canonical_key(key) if key else ONLY: entries[key] for key in entries}
        self.rest = rest
        #: The registry that asked first; of two at once, one is entered.
        self._first: dict[str, Registry] = {}

    def __repr__(self) -> str:
        return f"Given({', '.join(map(repr, self.entries))})"

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.

        Raises:
            CredentialsAmbiguous: those for the only registry went to another.
        """
        key = self.key_for(resource)
        return self.rest(resource) if key is None else self.entries[key]

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers for the rest.
        """
        made = Given(self.entries, connected(self.rest, send))
        made._first = self._first
        return made

    def key_for(self, resource: Resource) -> str | None:
        """
        Give the key whose credentials are for a resource; None when the rest is asked.

        Raises:
            CredentialsAmbiguous: those for the only registry went to another.
        """
        found = next((level for level in levels(resource) if level in self.entries), None)
        if found is not None or ONLY not in self.entries:
            return found
        registry = registry_of(resource)
        first = self._first.setdefault(ONLY, registry)
        if registry != first:
            raise CredentialsAmbiguous(first=str(first), second=str(registry))
        return ONLY


def given(entries: Mapping[str, Credentials], rest: Keychain = anonymous) -> Given:
    """
    Make a keychain of credentials by registry or path.

    Args:
        entries: by `ghcr.io` or `quay.io/team`; those under "" are for the first registry
            that asks, and then no other may.
        rest: finds what was not given.

    >>> from ocikit.http.credentials import Basic
    >>> from ocikit.name.parse import parse_repository
    >>> keychain = given({"quay.io": Basic("me", "pw"), "quay.io/team": Basic("team", "pw")})
    >>> keychain(parse_repository("quay.io/team/app"))
    Basic(username='team')
    """
    return Given(entries, rest)
