"""
What a client keeps while a process lives: connections, tokens, how registries answer.

There is one session for each process and each equal `Client`, so that a hundred loads
log in once, and a record stays a record. After a fork the child has sessions of its
own, for it must not talk into its parent's connections.

A request passes, from the outside in: retries, redirects, credentials, the user agent,
and the network or whatever `Send` the client names.

Registries are asked by HTTPS. One that may speak plain HTTP, being on this machine or a
private network or because the client is insecure, is first asked once at `/v2/`: by
HTTPS and then in plain; on this machine in plain and then by HTTPS, for there it nearly
always is plain, and some plain servers never answer a TLS handshake. What answers is
remembered. A certificate that is not trusted is never a reason to speak plain.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ocikit import __version__
from ocikit._records import evolve, record
from ocikit.errors import Unreachable
from ocikit.http import routes
from ocikit.http.answers import MAX_TOKEN, read_body
from ocikit.http.credentials import Credentials, Keychain, Resource
from ocikit.http.faults import check
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.origin import origin_of
from ocikit.http.retry import Policy
from ocikit.http.scope import CATALOG, PULL, merge_scopes, repository_scope
from ocikit.http.terms import PLAIN, Terms
from ocikit.name.records import Registry, Repository
from ocikit.registry.authority import Authority
from ocikit.registry.client import Client
from ocikit.registry.clock import Clock
from ocikit.registry.elsewhere import elsewhere
from ocikit.registry.faults import CertificateUntrusted, TLSFailed
from ocikit.registry.places import Places
from ocikit.registry.process import getpid
from ocikit.registry.proxies import Proxies, proxies_of
from ocikit.registry.redirect import redirected
from ocikit.registry.retrying import Patience, is_unsent, retried
from ocikit.registry.settings import Settings, socket_of
from ocikit.registry.terms import on_terms
from ocikit.registry.whole import whole

if TYPE_CHECKING:
    from ocikit.http.token import Token

#: How many clients are remembered; each may hold connections open.
_MOST_SESSIONS: Final = 8
#: How many ways to repositories each of them keeps.
_MOST_WAYS: Final = 64
#: The largest answer to a keychain that is read, in bytes.
MAX_ASKED: Final = 4 << 20


@record(kw_only=True)
class Access:
    """
    The way to one repository, or to a registry, for what was said to be done there.
    """

    #: Where the registry answers, as "https://ghcr.io".
    base: str
    #: The repository's path within it; empty for the registry itself.
    path: str
    #: Sends a request as often as the policy wants.
    send: Send
    #: Sends a request once.
    once: Send
    policy: Policy
    clock: Clock
    #: The places for lines over which blobs come, of all work of the client.
    places: Places

    def ask(self, request: Request, *ok: int) -> Response:
        """
        Send a request, again if need be, and give its response when it is one of `ok`.

        Raises:
            Answered: the registry answered with an error.
            Unreachable: it did not answer.
        """
        return check(request, self.send(request), *ok, now=self.clock.now())

    def fetch(self, request: Request, limit: int) -> Response:
        """
        Ask for a document, again if it breaks off too, and give its whole response.

        Raises:
            Answered: the registry answered with anything but 200.
            Unreachable: it did not answer.
        """
        send = retried(whole(self.once, limit), self.policy, self.clock)
        return check(request, send(request), 200, now=self.clock.now())

    def read(self, request: Request, limit: int) -> tuple[bytes, Response]:
        """
        Give the bytes of a document, and the response that they came in.

        Raises:
            Answered: the registry answered with anything but 200.
            DocumentTooLarge: there are more than `limit` bytes.
            Unreachable: it did not answer.
        """
        response = self.fetch(request, limit)
        return read_body(request, response, limit), response

    @property
    def single(self) -> Access:
        """
        The same way, on which nothing is sent again.
        """
        return evolve(self, send=self.once)

    def patience(self) -> Patience:
        """
        Begin to count the attempts at something that takes more than one request.
        """
        return Patience(self.policy, self.clock)


def reach(
    client: Client,
    repository: Repository,
    actions: tuple[str, ...] = PULL,
    *,
    also: Repository | None = None,
) -> Access:
    """
    Find the way to a repository; `also` is read there in the same breath, for a mount.

    Raises:
        Unreachable: the registry may speak plain HTTP, and answers in neither way.
    """
    return _session(client, getpid()).reach(repository, actions, also)


def reach_registry(client: Client, registry: Registry) -> Access:
    """
    Find the way to a registry's list of repositories.

    Raises:
        Unreachable: the registry may speak plain HTTP, and answers in neither way.
    """
    return _session(client, getpid()).access(registry, registry, "", (CATALOG,))


def grant(client: Client, resource: Resource, scopes: tuple[str, ...]) -> Token:
    """
    Get a token from the service that a registry names.

    Raises:
        NotBearer: the registry asks for something else, or for nothing.
        Unauthorized: the service does not take the credentials.
    """
    registry = resource.registry if isinstance(resource, Repository) else resource
    return _session(client, getpid()).found(registry).authority.grant(resource, scopes)


@functools.lru_cache(maxsize=_MOST_SESSIONS)
def _session(client: Client, process: int) -> Session:
    return Session(client)


@record(kw_only=True)
class _Found:
    """
    Where a registry answers, and who we are to it.
    """

    base: str
    #: Carries what is asked for the registry's sake, without credentials.
    send: Send
    authority: Authority


class Session:
    """
    The connections and tokens of one client; threads may share it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._clock = clock_of(client)
        agent = f"{client.settings.user_agent} ocikit/{__version__}".strip()
        self._raw = _named(client.send or network_of(client), agent)
        self._keychain = self._connected(client.keychain)
        settings, ambient = client.settings, client.keychain is None
        self._headers = settings.headers or (_environment_headers if ambient else _no_headers)
        self._pinned = settings.pinned_realms or (_environment_realms if ambient else _no_realms)
        self._places = Places(client.jobs)
        self._known: dict[str, _Found] = {}
        self._ways: dict[tuple[Repository, tuple[str, ...], Repository | None], Access] = {}
        #: Who has one finds out where that host answers; others wait for what is found.
        self._doors: dict[str, threading.Lock] = {}

    def reach(
        self, repository: Repository, actions: tuple[str, ...], also: Repository | None
    ) -> Access:
        """
        Give the way to a repository, which is made once for all of its blobs.
        """
        asked = repository, actions, also
        if (known := self._ways.get(asked)) is not None:
            return known
        read = [] if also is None else [repository_scope(also.path)]
        scopes = merge_scopes(repository_scope(repository.path, actions), *read)
        made = self.access(repository, repository.registry, repository.path, scopes)
        if len(self._ways) >= _MOST_WAYS:
            self._ways.clear()
        return self._ways.setdefault(asked, made)

    def access(
        self, resource: Resource, registry: Registry, path: str, scopes: tuple[str, ...]
    ) -> Access:
        """
        Make the way to a resource of a registry.
        """
        found = self.found(registry)
        policy = self._client.settings.retry
        inside = found.authority.sender(found.send, resource, scopes)
        once = redirected(inside, elsewhere(found.send))
        return Access(
            base=found.base,
            path=path,
            send=retried(once, policy, self._clock),
            once=once,
            policy=policy,
            clock=self._clock,
            places=self._places,
        )

    def found(self, registry: Registry) -> _Found:
        """
        Give where a registry answers, which is found out once.
        """
        host = registry.host
        known = self._known.get(host)
        if known is not None:
            return known
        with self._doors.setdefault(host, threading.Lock()):
            return self._known.get(host) or self._known.setdefault(host, self._find(registry))

    def _connected(self, keychain: Keychain | None) -> Keychain:
        """
        Give a keychain that asks servers our way to them; that of the environment asks none.
        """
        if keychain is None:
            return _environment_keychain
        from ocikit.auth.offers import over

        retry = self._client.settings.retry
        return over(keychain, retried(whole(self._raw, MAX_ASKED), retry, self._clock))

    def _find(self, registry: Registry) -> _Found:
        host, settings = registry.api_host, self._client.settings
        plain, secure = f"http://{host}", f"https://{host}"
        local = bool(socket_of(settings, origin_of(plain)))
        if not (registry.may_be_plain or self._client.insecure or local):
            return self._met(registry, secure)
        first = origin_of(plain).is_loopback or local
        bases = (plain, secure) if first else (secure, plain)
        patience = Patience(settings.retry, self._clock)
        while True:
            try:
                return self._try_all(self._met(registry, base) for base in bases)
            except Unreachable as error:
                if is_unsent(error):
                    raise
                patience.after(error)

    def _try_all(self, ways: Iterable[_Found]) -> _Found:
        doubtful: list[_Found] = []
        failures: list[Unreachable] = []
        for way in ways:
            try:
                with way.send(routes.ping(way.base)) as response:
                    way.authority.learn(response.headers)
                    wants_tls = way.base.startswith("http:") and _says_tls(response)
            except Unreachable as error:
                if _speaks_tls(error):
                    raise
                failures.append(error)
                continue
            # Servers that speak TLS say so to who does not, in one of these ways.
            if response.status == 400 or 300 <= response.status < 400:
                doubtful += [] if wants_tls else [way]
                continue
            return way
        if doubtful:
            return doubtful[0]
        raise failures[0]

    def _met(self, registry: Registry, base: str) -> _Found:
        settings = self._client.settings
        trusted = (*settings.trusted_realms, *self._pinned(registry))
        terms = _terms(settings, registry) if base.startswith("https:") else PLAIN
        send = on_terms(self._raw, base, terms, self._headers(registry), trusted)
        ask = retried(whole(send, MAX_TOKEN), settings.retry, self._clock)
        authority = Authority(base, self._keychain, ask, self._clock, trusted)
        return _Found(base=base, send=send, authority=authority)


def _says_tls(response: Response) -> bool:
    # As Go, nginx and Apache put it.
    said = response.body.read(1024) if response.status == 400 else b""
    return b"HTTPS" in said or b"SSL" in said


def _speaks_tls(error: Unreachable) -> bool:
    # Who sends a certificate does, or an alert.
    alerts = isinstance(error, TLSFailed) and "alert" in error.reason
    return alerts or isinstance(error, CertificateUntrusted)


def _named(send: Send, agent: str) -> Send:
    def named(request: Request) -> Response:
        if "User-Agent" in request.headers:
            return send(request)
        return send(evolve(request, headers=request.headers.with_("User-Agent", agent)))

    return named


def network_of(client: Client) -> Send:
    """
    Make the network as a client wants it reached.
    """
    from ocikit.registry.transport import network

    settings = client.settings
    if settings.proxies is None:
        settings = evolve(settings, proxies=_environment_proxies())
    # A copy within one registry reads and writes at once.
    return network(settings, insecure=client.insecure, connections=2 * client.jobs)


def clock_of(client: Client) -> Clock:
    """
    Give the clock of a client: its own, or the machine's.
    """
    from ocikit.registry.transport import CLOCK

    return client.clock or CLOCK


def _terms(settings: Settings, registry: Registry) -> Terms:
    from ocikit.auth.certificates import certificates, folders

    places = settings.certificate_folders
    hosts = dict.fromkeys((registry.host, registry.api_host))
    found = certificates(hosts, folders() if places is None else places)
    if settings.certificate:
        return evolve(found, certificate=settings.certificate, key=settings.key)
    return found


def _no_headers(registry: Registry) -> Headers:
    return Headers()


def _no_realms(registry: Registry) -> tuple[str, ...]:
    return ()


def _environment_proxies() -> Proxies:
    from ocikit.auth.configfile import surroundings

    return proxies_of(surroundings(None))


def _environment_realms(registry: Registry) -> tuple[str, ...]:
    from ocikit.auth.realms import pinned

    return pinned()(registry)


def _environment_headers(registry: Registry) -> Headers:
    from ocikit.auth.headers import headers

    return headers()(registry)


def _environment_keychain(resource: Resource) -> Credentials:
    return _found_keychain()(resource)


@functools.cache
def _found_keychain() -> Keychain:
    from ocikit.auth.default import default

    return default()
