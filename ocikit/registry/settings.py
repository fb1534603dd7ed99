"""
How a client behaves on the wire, as one record.
"""

from __future__ import annotations

from typing import Final

from ocikit._records import record
from ocikit.http.retry import Policy
from ocikit.registry.proxies import Proxies


@record(kw_only=True)
class Settings:
    """
    What seldom needs to be said; times are in seconds, sizes in bytes.
    """

    #: Put before `ocikit/VERSION` in the header of every request.
    user_agent: str = ""
    #: How long to wait for a connection.
    connect_timeout: float = 15.0
    #: How long a server may be silent, and how long one piece may take to be sent.
    idle_timeout: float = 60.0
    #: How often, and how patiently, what fails is tried again.
    retry: Policy = Policy()
    proxies: Proxies = Proxies()
    #: A file of certificates (PEM) to trust beside those of the system.
    ca_file: str = ""
    #: Hosts of token services that may see credentials though they are of another domain
    #: than the registry, as `auth.example.com`.
    trusted_realms: tuple[str, ...] = ()
    #: How many tags or repositories are asked for at once; 0 leaves it to the registry.
    page_size: int = 1000
    #: The size of the pieces in which a stream of unknown length is uploaded. GHCR takes
    #: none that is larger.
    chunk_size: int = 4 << 20


DEFAULTS: Final = Settings()
