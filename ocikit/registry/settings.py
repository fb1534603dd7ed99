"""
How a client behaves on the wire, as one record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from ocikit._records import EMPTY, FrozenMap, record
from ocikit.http.message import Headers
from ocikit.http.origin import Origin
from ocikit.http.retry import Policy
from ocikit.name.records import Registry
from ocikit.registry.proxies import Proxies

#: What is said to a registry with every request, besides what the protocol says.
HeaderSource: TypeAlias = Callable[[Registry], Headers]
#: Which hosts a registry's token service may be at, besides those of its own domain.
RealmSource: TypeAlias = Callable[[Registry], tuple[str, ...]]

_PORTS: Final = {"http": 80, "https": 443}


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
    #: How many bytes a second must come or go, over the time of `idle_timeout`; 0 for any.
    least_speed: int = 1024
    #: How often, and how patiently, what fails is tried again.
    retry: Policy = Policy()
    #: Those of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) when None; `Proxies()`
    #: are none.
    proxies: Proxies | None = None
    #: Files of certificates (PEM) to trust beside those of the system.
    ca_files: tuple[str, ...] = ()
    #: The file (PEM) of a certificate that is shown to registries which ask for one.
    certificate: str = ""
    #: The file of its key; empty when it is in the same file.
    key: str = ""
    #: Folders in which each registry has one for its certificates, as Docker's
    #: `/etc/docker/certs.d`; those of Docker and podman when None.
    certificate_folders: tuple[str, ...] | None = None
    #: Unix sockets, by the host, or host and port, that is spoken to over each.
    sockets: FrozenMap[str, str] = EMPTY
    #: What gives more header fields for a registry: that of the environment when None,
    #: unless the client has a keychain of its own.
    headers: HeaderSource | None = attrs.field(default=None, repr=False)
    #: Hosts to which registries may send us though they are of another domain, and which
    #: may see credentials as their token services, as `auth.example.com`.
    trusted_realms: tuple[str, ...] = ()
    #: What gives more such hosts for one registry: as with `headers` when None.
    pinned_realms: RealmSource | None = attrs.field(default=None, repr=False)
    #: How many tags or repositories are asked for at once; 0 leaves it to the registry.
    page_size: int = 1000
    #: The size of the pieces in which a stream of unknown length is uploaded. GHCR takes
    #: none that is larger.
    chunk_size: int = 4 << 20


DEFAULTS: Final = Settings()


def socket_of(settings: Settings, origin: Origin) -> str:
    """
    Give the unix socket over which an origin is spoken to; empty for none.

    >>> from ocikit.http.origin import origin_of
    >>> settings = Settings(sockets=FrozenMap({"registry.local": "/run/registry.sock"}))
    >>> socket_of(settings, origin_of("http://registry.local/v2/"))
    '/run/registry.sock'
    """
    if not settings.sockets:
        return ""
    alone = origin.host if origin.port == _PORTS[origin.scheme] else ""
    named = f"{origin.host}:{origin.port}"
    return settings.sockets.get(named) or settings.sockets.get(alone, "")
