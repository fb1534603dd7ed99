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


def anonymous(resource: Resource) -> Credentials:
    """
    Find no credentials, whatever is asked for.
    """
    return Anonymous()
