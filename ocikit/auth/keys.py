"""
Keys of credentials files: the many ways in which one registry is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ocikit._regex import regex
from ocikit.http.credentials import Resource
from ocikit.name import grammar
from ocikit.name.records import Registry, Repository

_SCHEME = regex(r"https?://", re.IGNORECASE)
_API = regex(r"v[12](?:/|$)")


def registry_of(resource: Resource) -> Registry:
    """
    Give the registry of a repository, or the registry itself.
    """
    return resource.registry if isinstance(resource, Repository) else resource


def canonical_key(text: str) -> str:
    """
    Give the one spelling of a key: a host in lower case, and a path if it has one.

    A scheme and the path of an API version are dropped, and Docker Hub is `docker.io`.

    >>> canonical_key("https://index.docker.io/v1/"), canonical_key("Quay.io/ns/")
    ('docker.io', 'quay.io/ns')
    """
    scheme = _SCHEME.match(text)
    host, _, path = text[scheme.end() if scheme else 0 :].partition("/")
    path = _API.sub("", path, count=1) if _API.match(path) else path
    path = path.strip("/")
    host = grammar.canonical_host(host)
    return f"{host}/{path}" if path else host


def levels(resource: Resource) -> tuple[str, ...]:
    """
    Give the canonical keys that fit, from the most specific to the registry alone.

    >>> from ocikit.name.parse import parse_repository
    >>> levels(parse_repository("quay.io/ns/app"))
    ('quay.io/ns/app', 'quay.io/ns', 'quay.io')
    """
    key = str(resource)
    found = [key]
    while "/" in key:
        key = key.rpartition("/")[0]
        found.append(key)
    return tuple(found)


def matching(keys: Iterable[str], level: str, written: str) -> list[str]:
    """
    Find the keys that mean `level`, the one that is as it should be `written` first.
    """
    found = [key for key in keys if canonical_key(key) == level]
    return sorted(found, key=lambda key: key != written)


def written_key(resource: Resource) -> str:
    """
    Give the key under which tools keep the credentials for a registry or repository.

    >>> written_key(Registry("docker.io"))
    'https://index.docker.io/v1/'
    """
    return resource.auth_key if isinstance(resource, Registry) else str(resource)
