"""
Keychains made of keychains.
"""

from __future__ import annotations

from ocikit._records import record
from ocikit.http.credentials import Anonymous, Credentials, Keychain, Resource


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
        for keychain in self.keychains:
            found = keychain(resource)
            if found != Anonymous():
                return found
        return Anonymous()


def first_of(*keychains: Keychain) -> FirstOf:
    """
    Ask keychains in turn; one that fails ends the search, lest others be told for it.

    >>> from ocikit.http.credentials import Basic, anonymous
    >>> from ocikit.name.records import Registry
    >>> first_of(anonymous, lambda resource: Basic("me", "pw"))(Registry("ghcr.io"))
    Basic(username='me')
    """
    return FirstOf(keychains)
