"""
Accounts: a user and a password with every request (RFC 7617).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import attrs

from ocikit._records import record
from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import RequestRefused, refuse
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


@record(kw_only=True)
class BasicAuth:
    """
    A handler that wants to know who asks; call it with a request.
    """

    handler: Send = attrs.field(repr=False)
    users: Accounts = attrs.field(repr=lambda users: f"<{len(users)} users>")
    allow: Rule
    realm: str

    def __call__(self, request: Request) -> Response:
        """
        Answer a request of somebody who may send it; else 401, or 403 for a known user.
        """
        user = user_of(request, self.users)
        try:
            wanted = needed(request)
        except RequestRefused as refusal:
            return refuse(refusal)
        if user is not None:
            allowed = (self.allow(user, repository_of(each), each.action) for each in wanted)
            # Clients look in to learn how to say who they are, so nobody else may.
            if all(allowed) and (wanted or user):
                return self.handler(request)
        if user:
            return refuse(
                RequestRefused(status=403, code="DENIED", message=f"{user!r} may not do this")
            )
        return unauthorized(f'Basic realm="{self.realm}", charset="UTF-8"')


def basic_auth(
    handler: Send,
    users: Mapping[str, str] | Accounts,
    *,
    allow: Rule = members,
    realm: str = "ocikit",
) -> BasicAuth:
    """
    Let only users in that say their password; `users` are names and passwords, or accounts.

    `allow` says who may do what, "" being nobody in particular. From a registry no blob
    is mounted that the user may not pull.

    >>> from ocikit.server.handler import registry
    >>> send = basic_auth(registry(), {"ada": "secret"})
    >>> send(Request(method="GET", url="http://localhost/v2/")).status
    401
    """
    known = accounts(users)

    def may(request: Request, access: Access) -> bool:
        user = user_of(request, known)
        return user is not None and allow(user, repository_of(access), access.action)

    return BasicAuth(handler=with_readers(handler, may), users=known, allow=allow, realm=realm)


def user_of(request: Request, users: Accounts) -> str | None:
    """
    Tell who sends a request: "" when it does not say, None when it lies.
    """
    text = request.headers.get("Authorization")
    if not text:
        return ""
    scheme, _, encoded = text.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    user, _, password = decoded.partition(":")
    return user if user and users.check(user, password) else None
