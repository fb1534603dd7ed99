"""
Credentials that are kept for a while, so that who gives them is not asked each time.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import attrs

from ocikit._records import evolve, record
from ocikit.auth.held import Held
from ocikit.auth.offers import Lease, lease_of
from ocikit.auth.offers import over as connected
from ocikit.errors import Invalid
from ocikit.http.credentials import Credentials, Keychain, Resource
from ocikit.http.message import Send


@attrs.frozen(kw_only=True)
class LifetimeInvalid(Invalid):
    """
    Credentials cannot be kept for such a time.
    """

    seconds: float

    def __str__(self) -> str:
        return f"credentials cannot be kept for {self.seconds} s; give more than 0"


@record(kw_only=True)
class Cached:
    """
    A keychain whose answers are kept; it pickles without them.

    Raises:
        LifetimeInvalid: `ttl` is not more than 0.
    """

    keychain: Keychain
    #: How long an answer is kept at most, in seconds.
    ttl: float
    clock: Callable[[], float] = attrs.field(default=time.time, repr=False)
    _held: Held[Lease] = attrs.field(factory=Held[Lease], init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.ttl > 0:
            raise LifetimeInvalid(seconds=self.ttl)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return self.lease(resource).credentials

    def lease(self, resource: Resource) -> Lease:
        """
        Find them, and until when they are good.
        """
        return self._held.get(resource, functools.partial(self._ask, resource), self.clock)

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers.
        """
        return evolve(self, keychain=connected(self.keychain, send))

    def _ask(self, resource: Resource) -> tuple[Lease, float]:
        # Counted from before it was asked: what is slow to answer is not good for longer.
        until = self.clock() + self.ttl
        found = lease_of(self.keychain, resource)
        return found, min(until, found.until)


def cached(keychain: Keychain, ttl: float, clock: Callable[[], float] = time.time) -> Cached:
    """
    Keep what a keychain answers, nothing too, for `ttl` seconds for each resource.

    What the keychain says is good for less is kept for less. Threads that ask for the same
    at once wait for one that asks. An error is not kept.

    Args:
        keychain: who is asked.
        ttl: in seconds, more than 0.
        clock: tells the time in seconds since 1970.

    Raises:
        LifetimeInvalid: `ttl` is not more than 0.

    >>> from ocikit.http.credentials import anonymous
    >>> from ocikit.name.records import Registry
    >>> cached(anonymous, 60)(Registry("ghcr.io"))
    Anonymous()
    """
    return Cached(keychain=keychain, ttl=ttl, clock=clock)
