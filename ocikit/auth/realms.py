"""
Token services that a person has trusted: pinned when logging in, each for one registry.

A registry may have its token service on another domain, and one that was broken into may
name any: the person says which it is, once, and what it says later is held to that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ocikit._records import FrozenMap, record
from ocikit.auth.configfile import frozen, home, read, surroundings
from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.auth.private import write_private
from ocikit.name.records import Registry

_MEMBER = "realms"


@record(kw_only=True)
class PinnedRealms:
    """
    The token services that a file has pinned for registries.

    Raises, when it is asked:
        ConfigInvalid: the file cannot be read or understood.
    """

    #: The person's own when empty.
    path: str = ""
    #: That of this process when None.
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)

    def __call__(self, registry: Registry) -> tuple[str, ...]:
        """
        Give the hosts of a registry's token services.
        """
        path = self.path or realms_path(surroundings(self.environ))
        return _known(read(path), path).get(str(registry), ())


def pinned(environ: Mapping[str, str] | None = None) -> PinnedRealms:
    """
    Give what this process's environment, or a given one, has pinned.

    >>> pinned()
    PinnedRealms(path='')
    """
    return PinnedRealms(environ=frozen(environ))


def realms_path(environ: Mapping[str, str]) -> str:
    """
    Say where pins are kept.

    >>> realms_path({"HOME": "/home/me"})
    '/home/me/.config/ocikit/realms.json'
    """
    folder = environ.get("XDG_CONFIG_HOME") or os.path.join(home(environ), ".config")
    return os.path.join(folder, "ocikit", "realms.json")


def pin(
    registry: Registry,
    hosts: Iterable[str],
    *,
    path: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """
    Trust hosts as a registry's token services from now on; no hosts are no trust.

    Args:
        path: the file; the person's own by default.

    Raises:
        ConfigInvalid: the file cannot be read, understood or written.

    >>> import tempfile
    >>> from ocikit.name.records import Registry
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pin(Registry("r.io"), ["auth.corp.net"], path=f"{folder}/realms.json")
    ...     PinnedRealms(path=f"{folder}/realms.json")(Registry("r.io"))
    ('auth.corp.net',)
    """
    file = os.fspath(path) if path else realms_path(surroundings(frozen(environ)))
    config = read(file)
    known = _known(config, file)
    wanted = tuple(dict.fromkeys(hosts))
    if known.get(str(registry), ()) == wanted:
        return
    kept = {**known, str(registry): wanted}
    _write(file, {**config, _MEMBER: {name: list(given) for name, given in kept.items() if given}})


def _known(config: dict[str, Any], path: str) -> dict[str, tuple[str, ...]]:
    given = config.get(_MEMBER, {})
    if not isinstance(given, dict):
        raise ConfigInvalid(path=path, reason=f"{_MEMBER} is not an object")
    for hosts in given.values():
        if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
            raise ConfigInvalid(
                path=path, reason=f"{_MEMBER} has something else than lists of hosts"
            )
    return {name: tuple(hosts) for name, hosts in given.items()}


def _write(path: str, config: dict[str, Any]) -> None:
    import json

    try:
        write_private(path, f"{json.dumps(config, indent=2)}\n".encode())
    except OSError as error:
        raise ConfigInvalid(path=path, reason=f"cannot be written: {error.strerror}") from None
