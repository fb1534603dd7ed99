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
from typing import Final

from ocikit import __version__
from ocikit._records import evolve, record
from ocikit.errors import Unreachable
from ocikit.http import routes
from ocikit.http.credentials import Credentials, Keychain, Resource
from ocikit.http.faults import check
from ocikit.http.message import Request, Response, Send
from ocikit.http.origin import origin_of
from ocikit.http.retry import Policy
from ocikit.http.scope import CATALOG, PULL, merge_scopes, repository_scope
from ocikit.name.records import Registry, Repository
from ocikit.registry.authority import Authority
from ocikit.registry.client import Client
from ocikit.registry.clock import Clock
from ocikit.registry.faults import (
    CertificateUntrusted,
    ConnectionBroken,
    ConnectionFailed,
    TimedOut,
)
from ocikit.registry.process import getpid
from ocikit.registry.redirect import redirected
from ocikit.registry.retrying import Patience, retried

#: How many clients are remembered; each may hold connections open.
_MOST_SESSIONS: Final = 64


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

    def ask(self, request: Request, *ok: int) -> Response:
        """
        Send a request, again if need be, and give its response when it is one of `ok`.

        Raises:
            Answered: the registry answered with an error.
            Unreachable: it did not answer.
        """
        return check(request, self.send(request), *ok, now=self.clock.now())

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
    scopes = [repository_scope(repository.path, actions)]
    if also is not None:
        scopes.append(repository_scope(also.path))
    session = _session(client, getpid())
    return session.access(repository, repository.registry, repository.path, merge_scopes(*scopes))


def reach_registry(client: Client, registry: Registry) -> Access:
    """
    Find the way to a registry's list of repositories.

    Raises:
        Unreachable: the registry may speak plain HTTP, and answers in neither way.
    """
    return _session(client, getpid()).access(registry, registry, "", (CATALOG,))


@functools.lru_cache(maxsize=_MOST_SESSIONS)
def _session(client: Client, process: int) -> Session:
    return Session(client)


class Session:
    """
    The connections and tokens of one client; threads may share it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._clock = client.clock or _machine_clock()
        agent = f"{client.settings.user_agent} ocikit/{__version__}".strip()
        self._raw = _named(client.send or _network(client), agent)
        self._keychain = client.keychain or _environment_keychain
        self._known: dict[str, tuple[str, Authority]] = {}

    def access(
        self, resource: Resource, registry: Registry, path: str, scopes: tuple[str, ...]
    ) -> Access:
        """
        Make the way to a resource of a registry.
        """
        base, authority = self._authority(registry)
        policy = self._client.settings.retry
        inside = authority.sender(self._raw, resource, scopes)
        once = redirected(inside, self._raw)
        return Access(
            base=base,
            path=path,
            send=retried(once, policy, self._clock),
            once=once,
            policy=policy,
            clock=self._clock,
        )

    def _authority(self, registry: Registry) -> tuple[str, Authority]:
        known = self._known.get(registry.host)
        # Two threads that find it at once cost a request, and one of them is kept.
        return known or self._known.setdefault(registry.host, self._find(registry))

    def _find(self, registry: Registry) -> tuple[str, Authority]:
        host = registry.api_host
        plain, secure = f"http://{host}", f"https://{host}"
        if not (registry.may_be_plain or self._client.insecure):
            return secure, self._met(secure)
        bases = (plain, secure) if origin_of(plain).is_loopback else (secure, plain)
        patience = Patience(self._client.settings.retry, self._clock)
        while True:
            try:
                return self._try_all(bases)
            except ConnectionFailed:
                raise
            except (ConnectionBroken, TimedOut) as error:
                patience.after(error)

    def _try_all(self, bases: tuple[str, ...]) -> tuple[str, Authority]:
        doubtful: list[tuple[str, Authority]] = []
        failures: list[Unreachable] = []
        for base in bases:
            authority = self._met(base)
            try:
                with self._raw(routes.ping(base)) as response:
                    authority.learn(response.headers)
            except CertificateUntrusted:
                raise
            except Unreachable as error:
                failures.append(error)
                continue
            # Servers that speak TLS say so to who does not, in one of these ways.
            if response.status == 400 or 300 <= response.status < 400:
                doubtful.append((base, authority))
                continue
            return base, authority
        if doubtful:
            return doubtful[0]
        raise failures[0]

    def _met(self, base: str) -> Authority:
        ask = retried(self._raw, self._client.settings.retry, self._clock)
        trusted = self._client.settings.trusted_realms
        return Authority(base, self._keychain, ask, self._clock, trusted)


def _named(send: Send, agent: str) -> Send:
    def named(request: Request) -> Response:
        if "User-Agent" in request.headers:
            return send(request)
        return send(evolve(request, headers=request.headers.with_("User-Agent", agent)))

    return named


def _network(client: Client) -> Send:
    from ocikit.registry.transport import network

    # A copy within one registry reads and writes at once.
    return network(client.settings, insecure=client.insecure, connections=2 * client.jobs)


def _machine_clock() -> Clock:
    from ocikit.registry.transport import CLOCK

    return CLOCK


def _environment_keychain(resource: Resource) -> Credentials:
    return _found_keychain()(resource)


@functools.cache
def _found_keychain() -> Keychain:
    from ocikit.auth.default import default

    return default()
