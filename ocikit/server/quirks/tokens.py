"""
What real registries and their token services do differently when they ask who is there,
one thing each; see `quirks`.

They go around a handler that grants tokens itself, as `token_auth` does.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

from ocikit._records import FrozenMap, evolve, record
from ocikit._regex import regex
from ocikit.http.message import Headers, Request, Response, Send, body_of
from ocikit.server.auth.bearer import PATH
from ocikit.server.quirks.answers import refusal, route_of, with_bytes
from ocikit.server.quirks.elsewhere import elsewhere
from ocikit.server.route import split

_CHALLENGE: Final = "WWW-Authenticate"
_REALM: Final = regex(r'realm="([^"]*)"')
_SCOPE: Final = regex(r'scope="([^"]*)"')
_MOST_FORM: Final = 64 << 10

Pairs = list[tuple[str, str]]


@record(kw_only=True)
class GrantSays:
    """
    What a token service says of a token: members left out, and others set.
    """

    without: tuple[str, ...] = ()
    also: FrozenMap[str, Any] = FrozenMap()

    def __call__(self, send: Send) -> Send:
        """
        Change the grants of a handler.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            if not _is_for_token(request) or response.status != 200:
                return response
            grant = {**json.loads(response.body.read()), **self.also}
            kept = {name: value for name, value in grant.items() if name not in self.without}
            return with_bytes(response, json.dumps(kept).encode())

        return answered


@record(kw_only=True)
class PostRefused:
    """
    A token service answers GET alone; to POST it says this.
    """

    status: int

    def __call__(self, send: Send) -> Send:
        """
        Refuse POST.
        """

        def answered(request: Request) -> Response:
            if not _is_for_token(request) or request.method != "POST":
                return send(request)
            return refusal(self.status, "UNSUPPORTED", "this is asked by GET")

        return answered


@record(kw_only=True)
class ScopeOnlyOne:
    """
    Of several scopes a token is for one: the first, or the last, that was asked for.
    """

    which: Literal["first", "last"] = "first"

    def __call__(self, send: Send) -> Send:
        """
        Ask a handler for one.
        """

        def one(pairs: Pairs) -> Pairs:
            scopes = [value for name, value in pairs if name == "scope"]
            chosen = scopes[:1] if self.which == "first" else scopes[-1:]
            rest = [pair for pair in pairs if pair[0] != "scope"]
            return rest + [("scope", scope) for scope in chosen]

        return lambda request: send(_asked(request, one))


@record
class ActionsIgnored:
    """
    A token is for everything in a repository, whatever was asked for.
    """

    def __call__(self, send: Send) -> Send:
        """
        Ask a handler for all.
        """
        return lambda request: send(_asked(request, _of_every_scope("pull,push,delete")))


@record
class DeleteUnknown:
    """
    A token service cannot read a scope with `delete` in it; `*` is what grants that.
    """

    def __call__(self, send: Send) -> Send:
        """
        Read scopes as it does.
        """

        def answered(request: Request) -> Response:
            request = _held(request)
            scopes = [value for name, value in _pairs(request) if name == "scope"]
            if any("delete" in scope.rpartition(":")[2].split(",") for scope in scopes):
                message = "Unable to decode repository and actions"
                return refusal(400, "INVALID_REQUEST", message)
            return send(_asked(request, _of_every_scope("pull,push,delete", instead_of="*")))

        return answered


def _of_every_scope(actions: str, *, instead_of: str = "") -> Any:
    def change(pairs: Pairs) -> Pairs:
        return [(name, told(value) if name == "scope" else value) for name, value in pairs]

    def told(scope: str) -> str:
        resource, _, asked = scope.rpartition(":")
        meant = resource.startswith("repository:") and instead_of in ("", *asked.split(","))
        return f"{resource}:{actions}" if meant else scope

    return change


@record
class ChallengeAtDoor:
    """
    What is wanted is said at `/v2/` alone: other requests get a bare 401.
    """

    def __call__(self, send: Send) -> Send:
        """
        Leave it out of what a handler answers.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            if response.status != 401 or route_of(request).kind == "base":
                return response
            return evolve(response, headers=response.headers.without(_CHALLENGE))

        return answered


@record(kw_only=True)
class RealmAt:
    """
    The token service is elsewhere: at another path, perhaps of another host.
    """

    path: str = PATH
    #: Empty when it is the registry's own.
    host: str = ""

    def __call__(self, send: Send) -> Send:
        """
        Say where it is, and answer there.
        """

        def moved(realm: str) -> str:
            place = realm.removesuffix(PATH) + self.path
            return elsewhere(place, self.host) if self.host else place

        def answered(request: Request) -> Response:
            path, query = split(request.url)
            if path == self.path:
                base = request.url.partition("?")[0].removesuffix(self.path)
                asked = f"{base}{PATH}?{query}" if query else f"{base}{PATH}"
                return send(evolve(request, url=asked))
            found = send(request)
            return _challenging(found, lambda line: _REALM.sub(lambda m: _realm(moved(m[1])), line))

        return answered


def _realm(url: str) -> str:
    return f'realm="{url}"'


@record
class RealmRelative:
    """
    The realm is a path, without a host.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's challenges.
        """

        def bare(found: re.Match[str]) -> str:
            return _realm(split(found[1])[0])

        return lambda request: _challenging(send(request), lambda line: _REALM.sub(bare, line))


@record(kw_only=True)
class ChallengesAlso:
    """
    There are several ways in, each in a field of its own, and these are named first.
    """

    lines: tuple[str, ...] = ("Negotiate", 'Basic realm="registry"')

    def __call__(self, send: Send) -> Send:
        """
        Name them with a handler's own.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            if _CHALLENGE not in response.headers:
                return response
            more = tuple((_CHALLENGE, line) for line in self.lines)
            return evolve(response, headers=Headers((*more, *response.headers)))

        return answered


@record
class ScopesJoined:
    """
    A challenge names several scopes in one text, with spaces between them.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's challenges: each action has a scope of its own.
        """

        def divided(found: re.Match[str]) -> str:
            resource, _, actions = found[1].rpartition(":")
            return 'scope="{}"'.format(" ".join(f"{resource}:{a}" for a in actions.split(",")))

        return lambda request: _challenging(send(request), lambda line: _SCOPE.sub(divided, line))


def _challenging(response: Response, change: Any) -> Response:
    if _CHALLENGE not in response.headers:
        return response
    pairs = ((n, change(v) if n == _CHALLENGE else v) for n, v in response.headers)
    return evolve(response, headers=Headers(tuple(pairs)))


def _is_for_token(request: Request) -> bool:
    return split(request.url)[0] == PATH


def _pairs(request: Request) -> Pairs:
    """
    Give what a request for a token says; nothing of other requests.
    """
    if not _is_for_token(request):
        return []
    query = split(request.url)[1]
    if request.method == "POST":
        with request.body.opener.open() as stream:
            query = stream.read(_MOST_FORM).decode("utf-8", "replace")
    return [
        (name, each)
        for name, value in parse_qsl(query)
        for each in (value.split() if name == "scope" else [value])
    ]


def _held(request: Request) -> Request:
    """
    Hold the form of a request, which may come over a connection and be read once.
    """
    if not _is_for_token(request) or request.method != "POST":
        return request
    with request.body.opener.open() as stream:
        return evolve(request, body=body_of(stream.read(_MOST_FORM)))


def _asked(request: Request, change: Any) -> Request:
    if not _is_for_token(request):
        return request
    query = urlencode(change(_pairs(request)), safe=":/,")
    if request.method == "POST":
        return evolve(request, body=body_of(query.encode()))
    return evolve(request, url=f"{request.url.partition('?')[0]}?{query}")
