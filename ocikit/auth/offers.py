"""
What keychains may offer beside credentials, each by a method of theirs.

- `lease(resource)`: credentials, and until when they are good;
- `steps(resource)`: what was asked to find them, and what it said;
- `over(send)`: the same keychain with a way to servers, for one that asks some.

Any function of a resource is a keychain and offers none of these. A keychain that asks
servers is made without a way to them, so that it is a recipe which pickles: a client
gives it its own when it asks who it is, and whoever calls it alone gives it one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

import attrs

from ocikit._records import record
from ocikit.errors import Invalid
from ocikit.http.credentials import Anonymous, Credentials, Keychain, Resource
from ocikit.http.message import Send

if TYPE_CHECKING:
    from ocikit.auth.step import Step

#: The part of their life in which credentials are used: clocks differ, and work takes time.
FRESH: Final = 0.9


@attrs.frozen(kw_only=True)
class NotConnected(Invalid):
    """
    A keychain asks a server, and was given no way to it.
    """

    keychain: str

    def __str__(self) -> str:
        return (
            f"the keychain {self.keychain} asks a server, and has no way to one; use it through "
            "a Client, or give it one with auth.over(keychain, send)"
        )


@record(kw_only=True)
class Lease:
    """
    Credentials, and until when they are good.
    """

    credentials: Credentials
    #: Seconds since 1970.
    until: float = float("inf")


NOTHING: Final = Lease(credentials=Anonymous())


@runtime_checkable
class Leasing(Protocol):
    """
    A keychain that knows until when its credentials are good.
    """

    def lease(self, resource: Resource) -> Lease:
        """
        Find the credentials, and until when they are good.
        """
        ...


@runtime_checkable
class Explaining(Protocol):
    """
    A keychain that tells what it does.
    """

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Ask, and tell of each place that was asked.
        """
        ...


@runtime_checkable
class Connecting(Protocol):
    """
    A keychain that asks servers, or has one in it that does.
    """

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers, where it has none yet.
        """
        ...


def lease_of(keychain: Keychain, resource: Resource) -> Lease:
    """
    Ask any keychain, and say until when its credentials are good, where it knows.

    >>> from ocikit.http.credentials import anonymous
    >>> from ocikit.name.records import Registry
    >>> lease_of(anonymous, Registry("ghcr.io")).until
    inf
    """
    # To a type checker a function is no such object; here it may be either.
    found = cast("object", keychain)
    if isinstance(found, Leasing):
        return found.lease(resource)
    return Lease(credentials=keychain(resource))


def over(keychain: Keychain, send: Send) -> Keychain:
    """
    Give a keychain a way to servers: what in it asks some, and has none, goes by `send`.

    Args:
        keychain: any; one that asks no server is given back as it is.
        send: carries requests, as `ocikit.registry.transport.network()` does. What asks
            wants certificates to be trusted, whatever else `send` lets pass.

    >>> from ocikit.http.credentials import anonymous
    >>> over(anonymous, print) is anonymous
    True
    """
    found = cast("object", keychain)
    return found.over(send) if isinstance(found, Connecting) else keychain


def fresh(now: float, until: float) -> float:
    """
    Say until when credentials are used that are good for longer, in seconds since 1970.

    >>> fresh(1000, 2000)
    1900.0
    """
    return now + FRESH * (until - now)
