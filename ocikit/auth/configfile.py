"""
Credentials files as keychains: read anew each time, so that a login counts at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from ocikit._records import FrozenMap, record
from ocikit.auth.dockerconfig import AskHelper, ConfigInvalid, entries
from ocikit.http.credentials import Anonymous, Credentials, Resource

#: The largest credentials file that is read, in bytes.
MAX_FILE: Final = 4 << 20


@record(kw_only=True)
class ConfigFile:
    """
    The keychain of one credentials file; one that does not exist has none.

    Raises, when it is asked:
        ConfigInvalid: the file cannot be read or understood.
        HelperFailed: a credential helper that it names fails.
    """

    path: str
    #: What helpers run in; that of this process when None.
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return search(read(self.path), resource, self.path, surroundings(self.environ))


def file(path: str | os.PathLike[str], environ: Mapping[str, str] | None = None) -> ConfigFile:
    """
    Make a keychain of a file in the form of Docker's config.json or podman's auth.json.
    """
    return ConfigFile(path=os.path.abspath(path), environ=frozen(environ))


def docker(
    path: str | os.PathLike[str] | None = None, environ: Mapping[str, str] | None = None
) -> ConfigFile:
    """
    Make a keychain of Docker's configuration: a folder, a file, or what DOCKER_CONFIG says.
    """
    if path is None:
        return file(docker_path(surroundings(frozen(environ))), environ)
    given = os.fspath(path)
    return file(os.path.join(given, "config.json") if os.path.isdir(given) else given, environ)


def docker_path(environ: Mapping[str, str]) -> str:
    """
    Say where Docker keeps its configuration: $DOCKER_CONFIG or ~/.docker, config.json.
    """
    folder = environ.get("DOCKER_CONFIG") or os.path.join(home(environ), ".docker")
    return os.path.join(folder, "config.json")


def home(environ: Mapping[str, str]) -> str:
    """
    Say where a person's files are.
    """
    return environ.get("HOME") or os.path.expanduser("~")


def frozen(environ: Mapping[str, str] | None) -> FrozenMap[str, str] | None:
    """
    Keep a given environment; that of the process is not kept but looked up when needed.

    So the records that say where to look hold no secret unless they were given one.
    """
    return None if environ is None or environ is os.environ else FrozenMap(environ)


def surroundings(environ: FrozenMap[str, str] | None) -> Mapping[str, str]:
    """
    Give the environment that was given, or the process's.
    """
    return os.environ if environ is None else environ


def read(path: str) -> dict[str, Any]:
    """
    Read a credentials file; one that does not exist, or is a folder, is empty.

    Raises:
        ConfigInvalid: it cannot be read, or is not a JSON object.
    """
    try:
        with open(path, "rb") as opened:
            raw = opened.read(MAX_FILE + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return {}
    except OSError as error:
        raise ConfigInvalid(path=path, reason=f"cannot be read: {error.strerror}") from None
    if len(raw) > MAX_FILE:
        raise ConfigInvalid(path=path, reason=f"it has more than {MAX_FILE} bytes")
    return parse(raw, path)


def parse(raw: bytes, path: str) -> dict[str, Any]:
    """
    Read the JSON object of a credentials file; an empty file is an empty object.

    Raises:
        ConfigInvalid: it is not one.
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    if not raw.strip():
        return {}
    try:
        config: Any = loads(raw)
    except JSONInvalid as error:
        raise ConfigInvalid(path=path, reason=f"not JSON: {error.problems[0][1]}") from None
    if not isinstance(config, dict):
        raise ConfigInvalid(path=path, reason="not a JSON object")
    return config


def search(
    config: Mapping[str, Any], resource: Resource, path: str, environ: Mapping[str, str]
) -> Credentials:
    """
    Take the first credentials that a parsed file, or a helper that it names, has.

    Raises:
        ConfigInvalid: the file cannot be understood.
        HelperFailed: a helper fails; what else there may be is not tried.
    """
    for _, found in tried(config, resource, path, environ):
        if found != Anonymous():
            return found
    return Anonymous()


def tried(
    config: Mapping[str, Any], resource: Resource, path: str, environ: Mapping[str, str]
) -> Iterator[tuple[str, Credentials]]:
    """
    Give what a parsed file has, and where: its own entries, and what its helpers say.

    Raises:
        ConfigInvalid: the file cannot be understood.
        HelperFailed: a helper fails.
    """
    for where, candidate in entries(config, resource, path):
        if isinstance(candidate, AskHelper):
            from ocikit.auth import helper

            program = f"{where}, docker-credential-{candidate.name}"
            yield program, helper.get(candidate.name, candidate.server, environ)
        else:
            yield where, candidate
