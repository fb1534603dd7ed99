"""
Credentials as data, and the port that finds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeAlias

import attrs

from ocikit._records import record
from ocikit.errors import Unsupported
from ocikit.name.records import Registry, Repository


@attrs.frozen(kw_only=True)
class SecretNotPickled(Unsupported):
    """
    A secret was to be pickled, and so to travel, or to lie about.
    """

    what: str

    def __str__(self) -> str:
        return f"{self.what} holds a secret, and is not pickled; pickle what says where it is kept"


def keep_here(self: object) -> NoReturn:
    """
    Refuse to pickle, as the `__reduce__` of what holds a secret.
    """
    raise SecretNotPickled(what=type(self).__name__)


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

    __reduce__ = keep_here


@record
class RegistryToken:
    """
    A token that is sent to the registry itself.
    """

    token: str = attrs.field(repr=False)

    __reduce__ = keep_here


@record
class IdentityToken:
    """
    A token that the registry's token service exchanges (OAuth2 refresh token).
    """

    token: str = attrs.field(repr=False)

    __reduce__ = keep_here


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
