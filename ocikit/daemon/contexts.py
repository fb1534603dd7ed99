"""
Which engine is meant: as Docker's variables, contexts and podman's variable say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from ocikit._records import FrozenMap
from ocikit.daemon.engine import DEFAULT_HOST, Engine, EngineTLS
from ocikit.daemon.faults import ContextInvalid, ContextMissing

#: The context that is none: the variables alone, or Docker's own socket.
_DEFAULT: Final = "default"
_LARGEST: Final = 1 << 20


def chosen(environment: Mapping[str, str] = FrozenMap()) -> Engine:
    """
    Choose the engine that the environment names.

    `DOCKER_HOST` wins, with `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`; then the context
    of `DOCKER_CONTEXT`; then podman's `CONTAINER_HOST`; then Docker's current context;
    then Docker's socket.

    Args:
        environment: the variables, or those of them that matter.

    Raises:
        EngineHostInvalid: an address is none.
        ContextMissing, ContextInvalid: the context cannot be used.

    >>> chosen({"DOCKER_HOST": "tcp://build.example"}).address
    'build.example:2375'
    """
    folder = environment.get("DOCKER_CONFIG") or os.path.join(
        environment.get("HOME", ""), ".docker"
    )
    if host := environment.get("DOCKER_HOST"):
        return Engine(host, tls=_tls_of(environment, folder))
    if name := environment.get("DOCKER_CONTEXT"):
        return context(name, folder)
    if host := environment.get("CONTAINER_HOST"):
        return Engine(host, program="podman")
    return context(_current(folder), folder)


def context(name: str, folder: str) -> Engine:
    """
    Give the engine of one of Docker's contexts.

    Args:
        name: its name.
        folder: Docker's folder of configuration.

    Raises:
        ContextMissing: there is none of that name.
        ContextInvalid: it cannot be read, or names no engine.
        EngineHostInvalid: its address is none.
    """
    if name == _DEFAULT:
        return Engine(DEFAULT_HOST)
    # Docker files contexts under a digest of their names, which may be anything.
    key = sha256(name.encode()).hexdigest()
    path = os.path.join(folder, "contexts", "meta", key, "meta.json")
    endpoint = _endpoint(name, path)
    host = endpoint.get("Host")
    if not isinstance(host, str):
        raise ContextInvalid(name=name, path=path, reason="it names no host of an engine")
    verify = endpoint.get("SkipTLSVerify") is not True
    return Engine(
        host, tls=_files(os.path.join(folder, "contexts", "tls", key, "docker"), verify=verify)
    )


def _endpoint(name: str, path: str) -> Mapping[str, Any]:
    try:
        said = _read(path)
    except FileNotFoundError:
        raise ContextMissing(name=name, path=path) from None
    except (OSError, ValueError) as error:
        raise ContextInvalid(name=name, path=path, reason=str(error)) from None
    try:
        endpoint = said["Endpoints"]["docker"]
    except (KeyError, TypeError):
        endpoint = None
    if not isinstance(endpoint, dict):
        raise ContextInvalid(name=name, path=path, reason="it names no engine")
    return endpoint


def _current(folder: str) -> str:
    try:
        said = _read(os.path.join(folder, "config.json"))
    except (OSError, ValueError):
        # Whoever needs something of that file complains of it.
        return _DEFAULT
    name = said.get("currentContext") if isinstance(said, dict) else None
    return name if isinstance(name, str) and name else _DEFAULT


def _tls_of(environment: Mapping[str, str], folder: str) -> EngineTLS | None:
    if not environment.get("DOCKER_TLS_VERIFY"):
        return None
    return _files(environment.get("DOCKER_CERT_PATH") or folder) or EngineTLS()


def _files(folder: str, *, verify: bool = True) -> EngineTLS | None:
    names = ("ca.pem", "cert.pem", "key.pem")
    paths = [os.path.join(folder, name) for name in names]
    authority, certificate, key = (path if os.path.exists(path) else "" for path in paths)
    if not authority and not certificate and verify:
        return None
    return EngineTLS(authority=authority, certificate=certificate, key=key, verify=verify)


def _read(path: str) -> Any:
    with open(path, "rb") as file:
        return json.loads(file.read(_LARGEST))
