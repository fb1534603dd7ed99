"""
Tokens: a service that grants them, and a handler that wants them (distribution, "Token
Authentication Specification").

Both are one handler here, which is what tests of clients and small teams need. Tokens
are signed with a key of the handler's own, and no other can be used with it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import attrs

from ocikit._records import record
from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import RequestRefused, of_json, refuse
from ocikit.server.auth.access import (
    Access,
    Rule,
    members,
    needed,
    repository_of,
    unauthorized,
    with_readers,
)
from ocikit.server.auth.accounts import Accounts, accounts
from ocikit.server.auth.basic import user_of
from ocikit.server.route import split

#: Where the handler grants tokens.
PATH: Final = "/token"
_MOST_FORM: Final = 64 << 10


@record(kw_only=True)
class Tokens:
    """
    Makes and reads tokens: what they say is signed, not secret.
    """

    key: bytes = attrs.field(repr=False, factory=lambda: os.urandom(32))
    #: Seconds that a token is good for.
    lifetime: int = 300
    now: Callable[[], float] = time.time

    def write(self, **claims: Any) -> str:
        """
        Make a token that says these things until its time is over.
        """
        claims["exp"] = self.now() + self.lifetime
        body = base64.urlsafe_b64encode(json.dumps(claims).encode())
        return f"{body.decode()}.{self._signed(body)}"

    def read(self, token: str) -> Mapping[str, Any] | None:
        """
        Tell what a token says; None when it is not ours, or its time is over.
        """
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(self._signed(body.encode()).encode(), signature.encode()):
            return None
        try:
            claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
        except (binascii.Error, ValueError):
            return None
        return claims if claims["exp"] > self.now() else None

    def _signed(self, body: bytes) -> str:
        return hmac.digest(self.key, body, "sha256").hex()


@record(kw_only=True)
class TokenAuth:
    """
    A handler that grants tokens at `/token` and wants them everywhere else.
    """

    handler: Send = attrs.field(repr=False)
    users: Accounts = attrs.field(repr=lambda users: f"<{len(users)} users>")
    allow: Rule
    service: str
    tokens: Tokens

    def __call__(self, request: Request) -> Response:
        """
        Answer a request whose token is good for it; else 401, which says where to get one.
        """
        try:
            if split(request.url)[0] == PATH:
                return self._grant(request)
            wanted = needed(request)
        except RequestRefused as refusal:
            return refuse(refusal)
        claims = claims_of(request, self.tokens)
        if claims is not None and all(str(each) in claims["access"] for each in wanted):
            return self.handler(request)
        return self._challenge(request, wanted, known=claims is not None)

    def _challenge(self, request: Request, wanted: tuple[Access, ...], *, known: bool) -> Response:
        scheme, _, rest = request.url.partition("://")
        host = rest.partition("/")[0]
        parts = [f'realm="{scheme}://{host}{PATH}"', f'service="{self.service}"']
        # Who pushes reads too: clients ask for both at once.
        scopes = {f"{each.kind}:{each.name}:{_with_pull(each.action)}" for each in wanted}
        parts += [f'scope="{scope}"' for scope in scopes]
        parts += ['error="insufficient_scope"'] * known
        return unauthorized(f"Bearer {','.join(parts)}")

    def _grant(self, request: Request) -> Response:
        form = _form(request)
        user = self._user(request, form)
        if user is None:
            return unauthorized(f'Basic realm="{self.service}"')
        granted = [
            str(access)
            for text in form.get("scope", [])
            for access in _scopes(text)
            if self.allow(user, repository_of(access), access.action)
        ]
        token = self.tokens.write(sub=user, access=granted)
        body = {"token": token, "access_token": token, "expires_in": self.tokens.lifetime}
        if user and (form.get("offline_token") == ["true"] or request.method == "POST"):
            body["refresh_token"] = self.tokens.write(refresh=user, access=[])
        return of_json(body)

    def _user(self, request: Request, form: Mapping[str, list[str]]) -> str | None:
        if request.method == "GET":
            return user_of(request, self.users)
        one = {name: values[0] for name, values in form.items()}
        if one.get("grant_type") == "refresh_token":
            claims = self.tokens.read(one.get("refresh_token", "")) or {}
            user = claims.get("refresh")
            return user if user in self.users else None
        name, password = one.get("username", ""), one.get("password", "")
        return name if name and self.users.check(name, password) else None


def token_auth(
    handler: Send,
    users: Mapping[str, str] | Accounts,
    *,
    allow: Rule = members,
    service: str = "ocikit",
    tokens: Tokens | None = None,
) -> TokenAuth:
    """
    Let only those in that have a token; `users` get theirs by name and password.

    `allow` says who is granted what, "" being nobody in particular. From a registry no
    blob is mounted that the token is not good to pull.

    >>> from ocikit.server.handler import registry
    >>> send = token_auth(registry(), {"ada": "secret"})
    >>> response = send(Request(method="GET", url="http://localhost/v2/"))
    >>> response.status, response.headers.get("WWW-Authenticate")
    (401, 'Bearer realm="http://localhost/token",service="ocikit"')
    """
    made = Tokens() if tokens is None else tokens

    def may(request: Request, access: Access) -> bool:
        claims = claims_of(request, made)
        return claims is not None and str(access) in claims["access"]

    return TokenAuth(
        handler=with_readers(handler, may),
        users=accounts(users),
        allow=allow,
        service=service,
        tokens=made,
    )


def claims_of(request: Request, tokens: Tokens) -> Mapping[str, Any] | None:
    """
    Tell what the token of a request says; None when there is none that is good.
    """
    scheme, _, token = request.headers.get("Authorization").partition(" ")
    if scheme.lower() != "bearer":
        return None
    claims = tokens.read(token.strip())
    # A refresh token is for the token service alone.
    return None if claims is None or "refresh" in claims else claims


def _with_pull(action: str) -> str:
    return "pull,push" if action == "push" else action


def _form(request: Request) -> Mapping[str, list[str]]:
    if request.method == "GET":
        return parse_qs(split(request.url)[1])
    if request.method != "POST":
        raise RequestRefused(status=405, code="UNSUPPORTED", message="GET and POST are allowed")
    with request.body.opener.open() as stream:
        data = stream.read(_MOST_FORM + 1)
    if len(data) > _MOST_FORM:
        raise RequestRefused(status=413, code="UNSUPPORTED", message="the form is too large")
    return parse_qs(data.decode("utf-8", "replace"))


def _scopes(text: str) -> list[Access]:
    # A repository's name may hold a port, so that only the outer colons divide.
    found = []
    for scope in text.split():
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        found += [Access(kind, name, action) for action in actions.split(",")]
    return found
