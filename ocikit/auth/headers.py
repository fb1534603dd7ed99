"""
`HttpHeaders` of Docker's config.json: what it wants said to registries, for its own alone.

Docker says them to every registry. They are often secrets of one gateway, as of a
Cloudflare Access, and the file does not say whose: here only registries hear them that
the file has an entry for, under `auths` or `credHelpers`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import attrs

from ocikit._records import FrozenMap, record
from ocikit._regex import regex
from ocikit.auth.configfile import docker_path, frozen, read, surroundings
from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.auth.keys import canonical_key
from ocikit.http.message import Headers
from ocikit.name.records import Registry

# RFC 9110, 5.1 and 5.5; what could end a field is in neither.
_NAME = regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = regex(r"[\x20-\x7e]*")


@record(kw_only=True)
class ConfigHeaders:
    """
    The header fields that a configuration file has for its registries.

    Raises, when it is asked:
        ConfigInvalid: the file cannot be read or understood.
    """

    #: Docker's own when empty.
    path: str = ""
    #: That of this process when None.
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)

    def __call__(self, registry: Registry) -> Headers:
        """
        Give the fields for a registry; none for one that the file does not know.
        """
        path = self.path or docker_path(surroundings(self.environ))
        config = read(path)
        given = config.get("HttpHeaders")
        if given is None or not _knows(config, registry):
            return Headers()
        if not isinstance(given, dict):
            raise ConfigInvalid(path=path, reason="HttpHeaders is not an object")
        return Headers(tuple(_field(name, value, path) for name, value in given.items()))


def headers(
    path: str | os.PathLike[str] = "", environ: Mapping[str, str] | None = None
) -> ConfigHeaders:
    """
    Make a source of header fields of Docker's configuration, or of a given file.

    >>> headers()
    ConfigHeaders(path='')
    """
    return ConfigHeaders(path=os.path.abspath(path) if path else "", environ=frozen(environ))


def _knows(config: dict[str, Any], registry: Registry) -> bool:
    members = (config.get(name) for name in ("auths", "credHelpers"))
    keys = (key for member in members if isinstance(member, dict) for key in member)
    return any(canonical_key(key).partition("/")[0] == str(registry) for key in keys)


def _field(name: str, value: Any, path: str) -> tuple[str, str]:
    if not _NAME.fullmatch(name) or not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise ConfigInvalid(path=path, reason=f"{name!r} of HttpHeaders cannot be sent")
    return name, value
