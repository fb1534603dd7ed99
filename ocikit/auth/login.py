"""
Keeping and forgetting credentials, so that every other tool finds them too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from ocikit._records import record
from ocikit.auth import helper
from ocikit.auth.configfile import docker_path, frozen, read, surroundings
from ocikit.auth.dockerconfig import AskHelper, ConfigInvalid, encode_auth, resolve
from ocikit.auth.keys import canonical_key, matching, written_key
from ocikit.auth.private import write_private
from ocikit.errors import Invalid
from ocikit.http.credentials import Basic, IdentityToken, RegistryToken, Resource

Keepable: TypeAlias = Basic | IdentityToken | RegistryToken


@attrs.frozen(kw_only=True)
class LoginInvalid(Invalid):
    """
    Credentials cannot be kept.
    """

    resource: str
    reason: str

    def __str__(self) -> str:
        return f"login to {self.resource}: {self.reason}"


@record(kw_only=True)
class Kept:
    """
    Where credentials went.
    """

    path: str
    #: The helper that keeps them; empty when the file itself does.
    helper: str = ""


def login_path(environ: Mapping[str, str]) -> str:
    """
    Say which file a login changes: REGISTRY_AUTH_FILE, or else Docker's.

    >>> login_path({"DOCKER_CONFIG": "/home/me/.docker"})
    '/home/me/.docker/config.json'
    """
    return environ.get("REGISTRY_AUTH_FILE") or docker_path(environ)


def store(
    resource: Resource,
    credentials: Keepable,
    *,
    path: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Kept:
    """
    Keep the credentials for a registry, or for repositories below a path.

    A helper that the file names for the registry keeps them, or else the file, which is
    then, whatever it was, readable by its owner alone. Its other members stay.

    Args:
        path: the file; by default the one that `login_path` says.

    Raises:
        LoginInvalid: the user's name is empty or has a colon, or the secret is empty.
        ConfigInvalid: the file cannot be understood.
        HelperFailed: the helper does not take them.

    >>> import tempfile
    >>> from ocikit.name.records import Registry
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = store(Registry("r.io"), Basic("me", "pw"), path=f"{folder}/config.json")
    ...     sorted(read(f"{folder}/config.json")["auths"])
    ['r.io']
    """
    _check(resource, credentials)
    file, env = _place(path, environ)
    config = _read(file)
    asked = _helper(config, resource, file)
    if asked is not None and not isinstance(credentials, RegistryToken):
        helper.store(asked.name, asked.server, credentials, env)
        # An empty entry tells other tools that there is something to ask the helper for.
        entry: dict[str, str] = {}
    else:
        asked, entry = None, _entry(credentials)
    _forget(config, resource)
    config["auths"][written_key(resource)] = entry
    _write(file, config)
    return Kept(path=file, helper=asked.name if asked else "")


def erase(
    resource: Resource,
    *,
    path: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> bool:
    """
    Forget the credentials for a registry or path; False when there were none.

    Raises:
        ConfigInvalid: the file cannot be understood.
        HelperFailed: the helper does not forget them.
    """
    file, env = _place(path, environ)
    config = _read(file)
    asked = _helper(config, resource, file)
    erased = asked is not None and helper.erase(asked.name, asked.server, env)
    if _forget(config, resource):
        _write(file, config)
        return True
    return erased


def _place(
    path: str | os.PathLike[str] | None, environ: Mapping[str, str] | None
) -> tuple[str, Mapping[str, str]]:
    env = surroundings(frozen(environ))
    return os.path.abspath(login_path(env) if path is None else path), env


def _read(path: str) -> dict[str, Any]:
    config = read(path)
    if config.get("auths") is None:
        config["auths"] = {}
    if not isinstance(config["auths"], dict):
        raise ConfigInvalid(path=path, reason="auths is not an object")
    return config


def _check(resource: Resource, credentials: Keepable) -> None:
    match credentials:
        case Basic(user, secret):
            # RFC 7617, 2: the first colon ends the user's name.
            named = user != "" and ":" not in user and user.isprintable()
            reason = "" if named else "the user's name is empty, or has a colon"
        case IdentityToken(secret) | RegistryToken(secret):
            reason = ""
    if reason or not secret or not secret.isprintable():
        reason = reason or "the secret is empty, or has control characters"
        raise LoginInvalid(resource=str(resource), reason=reason)


def _helper(config: dict[str, Any], resource: Resource, path: str) -> AskHelper | None:
    written = written_key(resource)
    # A broken entry must not stand in the way of the login that mends it.
    candidates = resolve({**config, "auths": {}}, resource, path)
    asked = (found for found in candidates if isinstance(found, AskHelper))
    return next((found for found in asked if found.server == written), None)


def _entry(credentials: Keepable) -> dict[str, str]:
    match credentials:
        case Basic(user, password):
            return {"auth": encode_auth(user, password)}
        case IdentityToken(token):
            return {"identitytoken": token}
        case RegistryToken(token):
            return {"registrytoken": token}


def _forget(config: dict[str, Any], resource: Resource) -> bool:
    level = canonical_key(written_key(resource))
    found = matching(config["auths"], level, written_key(resource))
    for key in found:
        del config["auths"][key]
    return bool(found)


def _write(path: str, config: dict[str, Any]) -> None:
    import json

    text = json.dumps(config, indent="\t", ensure_ascii=False)
    try:
        write_private(path, f"{text}\n".encode())
    except OSError as error:
        reason = f"cannot be written: {error.strerror}"
        raise ConfigInvalid(path=path, reason=reason) from None
