"""
Credentials as data, and the port that finds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs

from ocikit._records import record
from ocikit.name.records import Registry, Repository


@record
class Anonymous:
    """
    No credentials.
    """


@record
class Basic:
    """
    A name and a password.
    """

    username: str
    password: str = attrs.field(repr=False)


@record
class RegistryToken:
    """
    A token that is sent to the registry itself.
    """

    token: str = attrs.field(repr=False)


@record
class IdentityToken:
    """
    A token that the registry's token service exchanges (OAuth2 refresh token).
    """

    token: str = attrs.field(repr=False)


Credentials: TypeAlias = Anonymous | Basic | RegistryToken | IdentityToken
Resource: TypeAlias = Registry | Repository
Keychain: TypeAlias = Callable[[Resource], Credentials]


def authorization(credentials: Credentials) -> str | None:
    """
    Write the Authorization header that a server understands without any exchange.

    None for no credentials, and for an identity token, which a token service takes.

    >>> authorization(Basic("me", "pw"))
    'Basic bWU6cHc='
    """
    match credentials:
        case Basic(username, password):
            from base64 import b64encode

            # RFC 7617, 2.1: servers that say anything about it say UTF-8.
            return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"
        case RegistryToken(token):
            return f"Bearer {token}"
        case _:
            return None


def anonymous(resource: Resource) -> Credentials:
    """
    Find no credentials, whatever is asked for.
    """
    return Anonymous()
