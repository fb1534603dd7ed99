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
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ocikit._records import evolve, record
from ocikit.content.streams import CHUNK
from ocikit.http.message import Request
from ocikit.http.origin import origin_of
from ocikit.http.reach import PlaceForbidden, Reach, may_name, reach_of, reach_of_address
from ocikit.http.terms import Terms
from ocikit.registry.faults import ProxyUnsupported
from ocikit.registry.proxies import Proxies
from ocikit.registry.received import Answer
from ocikit.registry.settings import Settings, socket_of
from ocikit.registry.trust import trust

if TYPE_CHECKING:
    import urllib3

Now: TypeAlias = Callable[[], float]
#: Gives the addresses of a host, to be tried in order.
Resolve: TypeAlias = Callable[[str, int], list[str]]
#: Makes what TLS goes by, as `trust` does.
MakeTrust: TypeAlias = Callable[..., ssl.SSLContext]
#: Connects, in place of what a urllib3 connection would do, which is handed in too.
Dial: TypeAlias = Callable[[Any, Callable[[], socket.socket]], socket.socket]


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
        self._pools = functools.cache(self._make)
        self._trust = functools.cache(self._make_trust)

    def pool(self, request: Request) -> urllib3.PoolManager:
        """
        Give the connections that may carry a request.

        Raises:
            CertificateInvalid: a file that TLS needs cannot be used.
            ProxyUnsupported: the request goes through a proxy of another kind.
            PlaceForbidden: a registry named a place that is nearer to us than itself.
        """
        namer = request.terms.named_by
        sockets = self._settings.sockets
        path = socket_of(self._settings, origin_of(request.url)) if sockets else ""
        way = _Way(
            proxy=None if path else self._proxies.choose(request.url),
            terms=evolve(request.terms, named_by=""),
            path=path,
            is_secure=_is_secure(request.url),
            named_by=(namer, self._reach(namer)) if namer else None,
        )
        if way.named_by:
            # Behind a proxy nobody here learns what a name resolves to.
            place = origin_of(request.url)
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

    def _make(self, way: _Way) -> urllib3.PoolManager:
        import urllib3

        options: dict[str, Any] = {
            "num_pools": 32,
            "maxsize": self._connections,
            "blocksize": CHUNK,
            "retries": False,
        }
        # Made only where there is TLS: to read the authorities takes longer than to ask.
        if way.is_secure:
            options["ssl_context"] = self._trust(way.terms)
        if way.proxy is None:
            pools = urllib3.PoolManager(**options)
        else:
            # A proxy sees no client's certificate.
            if _is_secure(way.proxy):
                options["proxy_ssl_context"] = self._trust(Terms())
                options.setdefault("ssl_context", options["proxy_ssl_context"])
            pools = _through(way.proxy, options)
        pools.pool_classes_by_scheme = self._classes(way)
        return pools

    def _classes(self, way: _Way) -> dict[str, Any]:
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
        from urllib3.connection import HTTPConnection, HTTPSConnection

        # A pool lives as long as the connections in it, and these know their class: were
        # these lines reached from there, nothing of it would ever go.
        dial = functools.partial(_dial, weakref.ref(self), way)
        answer = functools.partial(Answer, settings=self._settings, now=self._now)
        any_certificate = self._takes_any(way.terms)
        secure: Any = _quiet(HTTPSConnectionPool) if any_certificate else HTTPSConnectionPool
        return {
            "http": _pool_of(HTTPConnectionPool, _connection_of(HTTPConnection, dial, answer)),
            "https": _pool_of(secure, _connection_of(HTTPSConnection, dial, answer)),
        }

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
        from urllib3.exceptions import NameResolutionError

        host = connection.host
        try:
            return self._resolve(host, connection.port)
        except OSError as error:
            # Whatever looks names up says what went wrong in its own kind of OSError.
            failed: Any = error
            raise NameResolutionError(host, connection, failed) from error


def _is_secure(url: str) -> bool:
    return url[:6].lower() == "https:"


def _dial(
    lines: weakref.ref[Lines], way: _Way, connection: Any, usual: Callable[[], socket.socket]
) -> socket.socket:
    found = lines()
    assert found is not None, "who sends a request holds its lines"
    return found.dial(way, connection, usual)


def _through(proxy: str, options: dict[str, Any]) -> urllib3.PoolManager:
    import urllib3
    from urllib3.util import parse_url

    try:
        user = parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=user) if user else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    except urllib3.exceptions.HTTPError:
        # Its own text shows the whole of it.
        raise ProxyUnsupported(proxy=proxy) from None


def _connection_of(base: Any, dial: Dial, answer: Any) -> Any:
    class Connection(base):  # type: ignore[misc]  # known when urllib3 is loaded
        response_class = answer

        def _new_conn(self) -> socket.socket:
            return dial(self, super()._new_conn)

    return Connection


def _pool_of(base: Any, connection: Any) -> Any:
    class Pool(base):  # type: ignore[misc]  # as above
        ConnectionCls = connection

    return Pool


def _quiet(base: Any) -> Any:
    class Quiet(base):  # type: ignore[misc]  # as above
        """
        A pool that does not warn of what was asked for.
        """

        def _validate_conn(self, conn: Any) -> None:
            if conn.is_closed:
                conn.connect()

    return Quiet


def _unix(connection: Any, path: str) -> socket.socket:
    from urllib3.exceptions import NewConnectionError

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
    from urllib3.exceptions import HTTPError

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
