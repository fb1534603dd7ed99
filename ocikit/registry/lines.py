"""
Pooled connections: to hosts, through proxies, over unix sockets, and where they may go.

A pool is for one proxy and one set of terms, so that nobody's certificate is shown, and
nobody's inner network is reached, over a connection that was made for somebody else.
When a registry names another server, its name is resolved once, and connected is to an
address that was looked at: an answer that changes meanwhile changes nothing.
"""

from __future__ import annotations

import functools
import socket
import ssl
import threading
import weakref
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.util import parse_url

from ocikit._records import evolve, record
from ocikit.content.streams import CHUNK
from ocikit.http.message import Request
from ocikit.http.origin import Origin, origin_of
from ocikit.http.reach import PlaceForbidden, Reach, may_name, reach_of, reach_of_address
from ocikit.http.terms import Terms
from ocikit.registry.faults import ProxyUnsupported
from ocikit.registry.proxies import Proxies
from ocikit.registry.received import Answer
from ocikit.registry.settings import Settings, socket_of
from ocikit.registry.trust import trust

Now: TypeAlias = Callable[[], float]
#: Gives the addresses of a host, to be tried in order.
Resolve: TypeAlias = Callable[[str, int], list[str]]
#: Makes what TLS goes by, as `trust` does.
MakeTrust: TypeAlias = Callable[..., ssl.SSLContext]
#: Connects, in place of what a urllib3 connection would do, which is handed in too.
Dial: TypeAlias = Callable[[Any, Callable[[], socket.socket]], socket.socket]
#: To how many hosts, each on some terms, connections are kept.
_MOST_POOLS: Final = 64


@record
class _Way:
    """
    What connections must have in common to be of one pool.
    """

    proxy: str | None = attrs.field(repr=False)
    terms: Terms
    #: A unix socket that is spoken to, whatever the host; empty for the host itself.
    path: str
    #: Whether the host is spoken to by TLS.
    is_secure: bool
    #: Who is spoken to; None when that is the proxy.
    host: Origin | None
    #: The origin that named the place, and how near that is; None when we named it.
    named_by: tuple[str, Reach] | None


class Lines:
    """
    The connections of one network; threads may share it.
    """

    def __init__(
        self,
        settings: Settings,
        now: Now,
        resolve: Resolve,
        *,
        insecure: bool,
        connections: int,
        make_trust: MakeTrust = trust,
    ) -> None:
        self._settings = settings
        self._proxies = settings.proxies or Proxies()
        self._now = now
        self._resolve = resolve
        self._insecure = insecure
        self._connections = connections
        self._trusting = make_trust
        #: How near the hosts are that were connected to.
        self._near: dict[str, Reach] = {}
        #: Threads that find no pool at once make one, and not one each.
        self._making = threading.Lock()
        self._pools = functools.lru_cache(maxsize=_MOST_POOLS)(self._make)
        self._trust = functools.cache(self._make_trust)

    def pool(self, request: Request) -> urllib3.HTTPConnectionPool | urllib3.PoolManager:
        """
        Give the connections that may carry a request.

        Raises:
            CertificateInvalid: a file that TLS needs cannot be used.
            ProxyUnsupported: the request goes through a proxy of another kind.
            PlaceForbidden: a registry named a place that is nearer to us than itself.
        """
        namer, place = request.terms.named_by, origin_of(request.url)
        path = socket_of(self._settings, place)
        proxy = None if path else self._proxies.choose(request.url)
        way = _Way(
            proxy=proxy,
            terms=evolve(request.terms, named_by="") if namer else request.terms,
            path=path,
            is_secure=place.is_secure,
            host=place if proxy is None else None,
            named_by=(namer, self._reach(namer)) if namer else None,
        )
        if way.named_by:
            # Behind a proxy nobody here learns what a name resolves to.
            _check(way.named_by, "machine" if path else reach_of(place), str(place))
        with self._making:
            return self._pools(way)

    def _reach(self, url: str) -> Reach:
        origin = origin_of(url)
        if socket_of(self._settings, origin):
            return "machine"
        return self._near.get(origin.host) or reach_of(origin)

    def _make_trust(self, terms: Terms) -> ssl.SSLContext:
        return self._trusting(terms, self._settings.ca_files, insecure=self._takes_any(terms))

    def _takes_any(self, terms: Terms) -> bool:
        return self._insecure and not terms.checked

    def _make(self, way: _Way) -> urllib3.HTTPConnectionPool | urllib3.PoolManager:
        # A pool lives as long as the connections in it, and these know how they dial: were
        # these lines reached from there, nothing of it would ever go.
        options: dict[str, Any] = {
            "dial": functools.partial(_dial, weakref.ref(self), way),
            "answer": functools.partial(Answer, settings=self._settings, now=self._now),
        }
        kept = {"maxsize": self._connections, "blocksize": CHUNK, "retries": False}
        # Made only where there is TLS: to read the authorities takes longer than to ask.
        secured = {"ssl_context": self._trust(way.terms)} if way.is_secure else {}
        plain: Any = functools.partial(_PlainPool, **options)
        kind = _QuietPool if self._takes_any(way.terms) else _SecurePool
        secure: Any = functools.partial(kind, **options)
        if way.proxy is None:
            assert way.host is not None, "somebody is spoken to"
            made = secure if way.is_secure else plain
            pool: urllib3.HTTPConnectionPool = made(way.host.host, way.host.port, **kept, **secured)
            return pool
        # A proxy sees no client's certificate.
        if way.proxy[:6].lower() == "https:":
            secured["proxy_ssl_context"] = self._trust(Terms())
            secured.setdefault("ssl_context", secured["proxy_ssl_context"])
        pools = _through(way.proxy, {"num_pools": _MOST_POOLS, **kept, **secured})
        pools.pool_classes_by_scheme = {"http": plain, "https": secure}
        return pools

    def dial(self, way: _Way, connection: Any, usual: Callable[[], socket.socket]) -> socket.socket:
        """
        Connect, where the way allows it.

        Raises:
            PlaceForbidden: a registry named a place that is nearer to us than itself.
        """
        if way.proxy is not None:
            return usual()
        if way.path:
            return _unix(connection, way.path)
        addresses = self._addresses(connection)
        if way.named_by is not None:
            addresses = _permitted(addresses, connection.host, way.named_by)
        made, address = _first(connection, usual, addresses)
        if way.named_by is None:
            self._near[connection.host] = reach_of_address(address)
        return made

    def _addresses(self, connection: Any) -> list[str]:
        host = connection.host
        try:
            return self._resolve(host, connection.port)
        except OSError as error:
            # Whatever looks names up says what went wrong in its own kind of OSError.
            failed: Any = error
            raise NameResolutionError(host, connection, failed) from error


def target_of(url: str, pool: urllib3.HTTPConnectionPool | urllib3.PoolManager) -> str:
    """
    Give what a pool is to be asked for: one that is for a host, for what the host is.

    To have urllib3 find the host's pool takes as long, for each request, as all that is
    done around it here.
    """
    if isinstance(pool, urllib3.PoolManager):
        return url
    # What is plain to see need not be taken apart.
    start = url.find("/", len("https://"))
    plain = start > 0 and "?" not in url[:start] and "#" not in url and "/." not in url
    return url[start:] if plain else parse_url(url).request_uri


class _Dialled:
    """
    A connection that is made, and answered, in our way.
    """

    def __init__(self, *args: Any, dial: Dial, answer: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dial = dial
        self.response_class = answer

    def _new_conn(self) -> socket.socket:
        usual: Callable[[], socket.socket] = super()._new_conn  # type: ignore[misc]  # urllib3's
        return self._dial(self, usual)


class _Plain(_Dialled, HTTPConnection):
    pass


class _Secure(_Dialled, HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    # Nor are urllib3's own connections, to pyright, what its pools are said to have.
    ConnectionCls: Any = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls: Any = _Secure


class _QuietPool(_SecurePool):
    """
    A pool that does not warn of what was asked for.
    """

    def _validate_conn(self, conn: Any) -> None:
        if conn.is_closed:
            conn.connect()


def _dial(
    lines: weakref.ref[Lines], way: _Way, connection: Any, usual: Callable[[], socket.socket]
) -> socket.socket:
    found = lines()
    assert found is not None, "who sends a request holds its lines"
    return found.dial(way, connection, usual)


def _through(proxy: str, options: dict[str, Any]) -> urllib3.PoolManager:
    try:
        user = parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=user) if user else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    except urllib3.exceptions.HTTPError:
        # Its own text shows the whole of it.
        raise ProxyUnsupported(proxy=proxy) from None


def _unix(connection: Any, path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(connection.timeout)
        made.connect(path)
    except OSError as error:
        made.close()
        reason = OSError(error.errno, f"unix socket {path}: {error.strerror}")
        raise NewConnectionError(connection, "no unix socket") from reason
    return made


def resolve(host: str, port: int) -> list[str]:
    """
    Ask the system for the addresses of a host.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _permitted(addresses: list[str], host: str, named_by: tuple[str, Reach]) -> list[str]:
    fit = [each for each in addresses if may_name(named_by[1], reach_of_address(each))]
    if not fit:
        _check(named_by, reach_of_address(addresses[0]), host)
    return fit


def _first(
    connection: Any, usual: Callable[[], socket.socket], addresses: list[str]
) -> tuple[socket.socket, str]:
    """
    Connect to the first address that answers.
    """
    host = connection.host
    for address in addresses:
        try:
            # What is connected to; whom it must prove to be stays the host.
            connection._dns_host = address
            return usual(), address
        except HTTPError:
            if address == addresses[-1]:
                raise
        finally:
            connection._dns_host = host
    raise AssertionError(host)


def _check(named_by: tuple[str, Reach], place: Reach, what: str) -> None:
    registry, near = named_by
    if not may_name(near, place):
        reason = "its address is inside a network; trust it by name if that is right"
        raise PlaceForbidden(registry=registry, place=what, reason=reason)
