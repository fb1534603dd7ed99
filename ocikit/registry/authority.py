"""
Who we are to a registry: what it asks for, and the tokens it was shown.

Credentials are bound to an origin (scheme, host and port) and attached here, when a
request is sent and nowhere else. What is addressed to another origin passes as it is:
neither are credentials added to it, nor is a challenge of its server met.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

import attrs

from ocikit._records import evolve, record
from ocikit.errors import Unsupported
from ocikit.http import routes
from ocikit.http.challenge import Challenge, challenges_of, choose
from ocikit.http.credentials import Credentials, Keychain, Resource, authorization
from ocikit.http.faults import Denied, RegistryRefused, Unauthorized, quieted
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.origin import origin_of
from ocikit.http.scope import covers, merge_scopes, scopes_of, with_everything
from ocikit.registry.clock import Clock

if TYPE_CHECKING:
    from ocikit.http.token import Token

#: The part of its life in which a token is used: clocks differ, and transfers take time.
_FRESH = 0.9
#: Smaller bodies are sent again rather than asked for first, in bytes.
_WORTH_KNOCKING = 1 << 20


@attrs.frozen(kw_only=True)
class NotBearer(Unsupported):
    """
    A registry asks for something else than a token.
    """

    registry: str
    scheme: str

    def __str__(self) -> str:
        return f"{self.registry}: asks for {self.scheme}, not for a bearer token"


@record(kw_only=True)
class _Held:
    """
    A token, and until when it is used.
    """

    token: Token
    until: float


class Authority:
    """
    What one registry asked us for, and what it was shown; threads may share it.
    """

    def __init__(
        self,
        base: str,
        keychain: Keychain,
        ask: Send,
        clock: Clock,
        trusted: Collection[str] = (),
    ) -> None:
        """
        Args:
            base: where the registry answers, as "https://ghcr.io".
            ask: sends requests for tokens; it must follow no redirect.
            trusted: hosts of token services that may see credentials nevertheless.
        """
        self._base = base
        self._origin = origin_of(base)
        self._keychain = keychain
        self._ask = ask
        self._clock = clock
        self._trusted = trusted
        self._lock = threading.RLock()
        self._challenge: Challenge | None = None
        #: Whether the registry has had the chance to say what it asks for.
        self._heard = False
        self._credentials: dict[Resource, Credentials] = {}
        self._held: list[tuple[Resource, _Held]] = []

    def learn(self, headers: Headers) -> Challenge | None:
        """
        Remember what the registry asks for.
        """
        self._heard = True
        challenge = choose(challenges_of(headers))
        if challenge is not None:
            self._challenge = challenge
        return challenge

    def sender(self, send: Send, resource: Resource, scopes: tuple[str, ...]) -> Send:
        """
        Make a `Send` that shows the registry what it asks for.

        Once it is known what that is, it is shown before it is asked for again. Before a
        large body, or one that can be sent once, is the first thing that a registry gets,
        it is asked at its door: no upload is sent in vain. A 401 is met once for each
        request.

        Args:
            send: carries the requests.
            resource: whose credentials to use.
            scopes: what requests will want to do.
        """

        def authorized(request: Request) -> Response:
            if origin_of(request.url) != self._origin:
                return send(request)
            if request.body.length is None or request.body.length > _WORTH_KNOCKING:
                self._knock()
            shown = self._show(resource, scopes)
            response = send(_with(request, shown))
            self._heard = True
            if response.status != 401 or request.body.length is None:
                return _quiet(response, shown)
            better = self._meet(response, resource, scopes, shown)
            if better is None or better == shown:
                return _quiet(response, shown)
            response.body.close()
            response = send(_with(request, better))
            self._check_withheld(response, resource, scopes)
            return _quiet(response, better)

        return authorized

    def grant(self, resource: Resource, scopes: tuple[str, ...]) -> Token:
        """
        Get a token for what is to be done, from where the registry says.

        Raises:
            NotBearer: it asks for something else than a token, or for nothing.
            Unauthorized: the token service does not take the credentials.
        """
        challenge = self._challenge or self._ping()
        if challenge is None or challenge.scheme != "bearer":
            scheme = "nothing" if challenge is None else challenge.scheme
            raise NotBearer(registry=self._base, scheme=scheme)
        with self._lock:
            held = self._find(resource, scopes)
            return (held or self._fetch(challenge, resource, scopes)).token

    def _show(self, resource: Resource, scopes: tuple[str, ...]) -> str:
        """
        Give the Authorization that is known to be wanted, empty when none is.
        """
        challenge = self._challenge
        if challenge is None:
            return ""
        with self._lock:
            if challenge.scheme == "basic":
                return authorization(self._who(resource)) or ""
            held = self._find(resource, scopes)
            return _bearer(held or self._fetch(challenge, resource, scopes))

    def _meet(
        self, response: Response, resource: Resource, scopes: tuple[str, ...], shown: str
    ) -> str | None:
        """
        Meet a challenge; None when it cannot be met.
        """
        challenge = self.learn(response.headers) or self._challenge or self._ping()
        if challenge is None:
            return None
        if challenge.scheme == "basic":
            mine = authorization(self._who(resource))
            if mine == shown and self._renew(resource):
                mine = authorization(self._who(resource))
            return mine
        with self._lock:
            wanted = merge_scopes(*scopes_of(challenge), *scopes)
            held = self._find(resource, wanted)
            if held is not None and _bearer(held) != shown:
                # Another thread was told the same, and was quicker.
                return _bearer(held)
            self._held = [pair for pair in self._held if _bearer(pair[1]) != shown]
            return _bearer(self._fetch(challenge, resource, wanted))

    def _knock(self) -> None:
        with self._lock:
            if not self._heard:
                self._ping()

    def _ping(self) -> Challenge | None:
        # Google's registries say what they ask for only where they are asked for nothing.
        with self._ask(routes.ping(self._base)) as response:
            return self.learn(response.headers) if response.status == 401 else None

    def _who(self, resource: Resource) -> Credentials:
        with self._lock:
            if resource not in self._credentials:
                self._credentials[resource] = self._keychain(resource)
            return self._credentials[resource]

    def _renew(self, resource: Resource) -> bool:
        """
        Find credentials anew; tell whether they are others than those that failed.

        Passwords that helpers give, and tokens that services do, are good for a time only.
        """
        with self._lock:
            failed = self._credentials.get(resource)
            self._credentials[resource] = self._keychain(resource)
            return self._credentials[resource] != failed

    def _find(self, resource: Resource, scopes: tuple[str, ...]) -> _Held | None:
        now = self._clock.now()
        fresh = (held for who, held in self._held if who == resource and held.until > now)
        return next((held for held in fresh if covers(held.token.scopes, scopes)), None)

    def _fetch(self, challenge: Challenge, resource: Resource, scopes: tuple[str, ...]) -> _Held:
        try:
            return self._fetch_once(challenge, resource, scopes)
        except (Unauthorized, Denied, RegistryRefused) as refused:
            wider = with_everything(scopes)
            if refused.status == 400 and wider != scopes:
                return self._fetch_once(challenge, resource, wider)
            if not self._renew(resource):
                raise
            return self._fetch_once(challenge, resource, scopes)

    def _fetch_once(
        self, challenge: Challenge, resource: Resource, scopes: tuple[str, ...]
    ) -> _Held:
        from ocikit.http.token import run, token_flow

        now = self._clock.now()
        flow = token_flow(
            challenge, self._who(resource), scopes, base=self._base, trusted=self._trusted
        )
        token = run(flow, self._ask)
        if token.identity is not None:
            self._credentials[resource] = token.identity
        held = _Held(token=token, until=now + _FRESH * token.lifetime)
        self._held = [(who, old) for who, old in self._held if old.until > now]
        self._held.append((resource, held))
        return held

    def _check_withheld(
        self, response: Response, resource: Resource, scopes: tuple[str, ...]
    ) -> None:
        held = self._find(resource, scopes) if response.status in (401, 403) else None
        if held is not None and held.token.withheld is not None:
            from ocikit.http.realm import CredentialsWithheld

            response.body.close()
            registry, realm = held.token.withheld.registry, held.token.withheld.realm
            raise CredentialsWithheld(registry=registry, realm=realm, status=response.status)


def _bearer(held: _Held) -> str:
    return f"Bearer {held.token.text}"


def _quiet(response: Response, shown: str) -> Response:
    """
    Mask in an error what we had shown: a registry may say it back, and errors are shown.
    """
    if response.status < 400 or not shown:
        return response
    return quieted(response, Headers({"Authorization": shown}))


def _with(request: Request, shown: str) -> Request:
    if not shown:
        return request
    return evolve(request, headers=request.headers.with_("Authorization", shown))
