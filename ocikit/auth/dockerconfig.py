"""
What Docker's config.json and podman's auth.json say about a registry, read purely.

Of all keys that fit, the most specific decides: `quay.io/ns/app`, then `quay.io/ns`,
then `quay.io` (containers-auth.json(5)). At each, a helper of `credHelpers` comes first,
then, for the registry, the one of `credsStore`, then what the file itself holds under
`auths`. An empty name in `credHelpers` keeps `credsStore` away from that key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.auth.keys import levels, matching, registry_of, written_key
from ocikit.errors import Invalid
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    RegistryToken,
    Resource,
)

# A header field cannot carry anything else.
_SENDABLE = regex(r"[\x21-\x7e]+")


@attrs.frozen(kw_only=True)
class ConfigInvalid(Invalid):
    """
    A credentials file cannot be read; what it holds is not told.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"credentials file {self.path}: {self.reason}"


@record
class AskHelper:
    """
    Credentials that a helper may have: `docker-credential-` and its name.
    """

    name: str
    #: What it is asked for.
    server: str


Candidate: TypeAlias = Credentials | AskHelper
Config: TypeAlias = Mapping[str, Any]


def resolve(config: Config, resource: Resource, path: str = "config.json") -> Iterator[Candidate]:
    """
    Give what the parsed file says, best first; the first that has credentials wins.

    Args:
        config: the file's JSON object.
        path: what errors call the file.

    Raises:
        ConfigInvalid: what it says about this registry cannot be understood.

    >>> from ocikit.name.records import Registry
    >>> config = {"auths": {"ghcr.io": {"username": "me", "password": "pw"}}}
    >>> list(resolve(config, Registry("ghcr.io")))
    [Basic(username='me')]
    """
    for _, candidate in entries(config, resource, path):
        if candidate != Anonymous():
            yield candidate


def entries(
    config: Config, resource: Resource, path: str = "config.json"
) -> Iterator[tuple[str, Candidate]]:
    """
    Give what the parsed file says, best first, and where in it; empty entries too.

    Raises:
        ConfigInvalid: what it says about this registry cannot be understood.

    >>> from ocikit.name.records import Registry
    >>> list(entries({"auths": {"ghcr.io": {}}}, Registry("ghcr.io")))
    [('auths "ghcr.io"', Anonymous())]
    """
    helpers = _object(config, "credHelpers", path)
    auths = _object(config, "auths", path)
    registry = registry_of(resource)
    for level in levels(resource):
        written = written_key(registry) if level == str(registry) else level
        named = matching(helpers, level, written)
        if named:
            where = f'credHelpers "{named[0]}"'
            helper = _name(helpers[named[0]], f"credHelpers {named[0]!r}", path)
        else:
            where = "credsStore"
            helper = _name(config.get("credsStore"), "credsStore", path)
            helper = helper if level == str(registry) else ""
        if helper:
            yield where, AskHelper(helper, written)
        for key in matching(auths, level, written):
            yield f'auths "{key}"', credentials_of(auths[key], key, path)


def _object(config: Config, member: str, path: str) -> dict[str, Any]:
    value: Any = config.get(member)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigInvalid(path=path, reason=f"{member} is not an object")
    return value


def _name(value: Any, what: str, path: str) -> str:
    if value is not None and not isinstance(value, str):
        raise ConfigInvalid(path=path, reason=f"{what} is not the name of a helper")
    return value or ""


def credentials_of(entry: Any, key: str, path: str) -> Credentials:
    """
    Read one entry of `auths`.

    Raises:
        ConfigInvalid: it cannot be understood; `path` is what errors call the file.

    >>> credentials_of({"auth": "bWU6cHc="}, "ghcr.io", "config.json")
    Basic(username='me')
    """
    if entry is None:
        return Anonymous()
    if not isinstance(entry, dict):
        raise ConfigInvalid(path=path, reason=f"the entry {key!r} is not an object")
    for name in ("registrytoken", "identitytoken", "auth", "username", "password"):
        if not isinstance(entry.get(name), str | None):
            raise ConfigInvalid(path=path, reason=f"{name} of {key!r} is not a text")
    if token := (entry.get("registrytoken") or "").strip():
        if not _SENDABLE.fullmatch(token):
            raise ConfigInvalid(path=path, reason=f"registrytoken of {key!r} cannot be sent")
        return RegistryToken(token)
    if token := (entry.get("identitytoken") or "").strip():
        return IdentityToken(token)
    return _password(entry, key, path)


def _password(entry: dict[str, Any], key: str, path: str) -> Credentials:
    user, password = entry.get("username") or "", entry.get("password") or ""
    if auth := (entry.get("auth") or "").strip():
        try:
            user, password = decode_auth(auth)
        except ValueError:
            reason = f"auth of {key!r} is not base64 of user:password; log in again"
            raise ConfigInvalid(path=path, reason=reason) from None
    return Basic(user, password) if user or password else Anonymous()


def decode_auth(text: str) -> tuple[str, str]:
    """
    Read `auth`: base64 of user, colon, password; padding may be missing.

    Raises:
        ValueError: it is not that.

    >>> decode_auth("bWU6YTpi")
    ('me', 'a:b')
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        user, colon, password = raw.decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError("not base64 of UTF-8") from None
    if not colon:
        raise ValueError("no colon")
    # Some clients of old wrote the password from a buffer of fixed size.
    return user, password.rstrip("\0")


def encode_auth(user: str, password: str) -> str:
    """
    Write `auth`.

    >>> encode_auth("me", "a:b")
    'bWU6YTpi'
    """
    return base64.b64encode(f"{user}:{password}".encode()).decode()
