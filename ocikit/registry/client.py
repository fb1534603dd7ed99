"""
How registries are reached, as a record.
"""

from __future__ import annotations

import attrs

from ocikit._records import record
from ocikit.errors import Invalid
from ocikit.http.credentials import Keychain
from ocikit.http.message import Send
from ocikit.registry.clock import Clock
from ocikit.registry.settings import DEFAULTS, Settings


@attrs.frozen(kw_only=True)
class JobsInvalid(Invalid):
    """
    The number of things to do at once is less than one.
    """

    jobs: int

    def __str__(self) -> str:
        return f"jobs: {self.jobs} at once cannot do anything; give 1 or more"


@record(kw_only=True)
class Client:
    """
    How to reach registries, and as whom; it holds neither a connection nor a secret.

    Connections and tokens are kept beside it, once for each process and each equal
    record. It pickles when `send`, `keychain` and `clock` do, as their defaults do.

    Raises:
        JobsInvalid: `jobs` is less than one.

    >>> Client(jobs=8).insecure
    False
    """

    #: What carries requests; the network when None.
    send: Send | None = attrs.field(default=None, repr=False)
    #: What finds credentials; that of the environment when None.
    keychain: Keychain | None = attrs.field(default=None, repr=False)
    #: Whether certificates need not be trusted, and any registry may speak plain HTTP.
    insecure: bool = False
    #: How many blobs move at once.
    jobs: int = 4
    #: Whether layers that are not to be distributed may be fetched from the URLs that
    #: their descriptors name, when a registry does not have them.
    foreign: bool = False
    settings: Settings = DEFAULTS
    #: What tells the time and waits; the machine's when None.
    clock: Clock | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.jobs < 1:
            raise JobsInvalid(jobs=self.jobs)
