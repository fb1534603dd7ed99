"""
The credentials that a person or a pipeline has set up, wherever other tools find them.

They are looked for in turn until some are found:

1. `DOCKER_AUTH_CONFIG`: the text of a configuration, as Docker and GitLab take it;
2. `REGISTRY_AUTH_FILE`: a file, as podman and skopeo take it;
3. `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`;
4. podman's `$XDG_RUNTIME_DIR/containers/auth.json` (`/run/containers/UID/auth.json`
   without that variable), `$XDG_CONFIG_HOME/containers/auth.json`, and
   `~/.config/containers/auth.json`.

What is not there is passed over; what cannot be understood is an error that names it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from ocikit._records import FrozenMap, record
from ocikit.auth.configfile import docker_path, frozen, home, parse, read, search, surroundings
from ocikit.http.credentials import Anonymous, Credentials, Resource

INLINE: Final = "DOCKER_AUTH_CONFIG"
EXPLICIT: Final = "REGISTRY_AUTH_FILE"

#: Whose places count: the variable with the text of a configuration, Docker's file, and
#: those of podman.
Part: TypeAlias = Literal["env", "docker", "podman"]
ALL: Final[tuple[Part, ...]] = ("env", "docker", "podman")


@record(kw_only=True)
class Default:
    """
    The keychain of an environment; a recipe that holds nothing it would find.

    Raises, when it is asked:
        ConfigInvalid: a file cannot be read or understood.
        HelperFailed: a credential helper that one names fails.
    """

    #: That of this process when None. A given one is kept whole, also when pickled.
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)
    parts: tuple[Part, ...] = attrs.field(default=ALL, repr=False)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        environ = surroundings(self.environ)
        for name, load in sources(environ, self.parts):
            found = search(load(), resource, name, environ)
            if found != Anonymous():
                return found
        return Anonymous()


def default(environ: Mapping[str, str] | None = None) -> Default:
    """
    Make the keychain of this process's environment, or of a given one.

    >>> default()
    Default()
    """
    return Default(environ=frozen(environ))


def podman(environ: Mapping[str, str] | None = None) -> Default:
    """
    Make the keychain of podman's files alone: REGISTRY_AUTH_FILE, and each `auth.json`.

    >>> podman({"HOME": "/none"}).parts
    ('podman',)
    """
    return Default(environ=frozen(environ), parts=("podman",))


def environment(environ: Mapping[str, str] | None = None) -> Default:
    """
    Make the keychain of DOCKER_AUTH_CONFIG alone.

    >>> environment({"DOCKER_AUTH_CONFIG": "{}"}).parts
    ('env',)
    """
    return Default(environ=frozen(environ), parts=("env",))


def sources(
    environ: Mapping[str, str], parts: tuple[Part, ...] = ALL
) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """
    Give the configurations that count, in order: what each is called, and what loads it.
    """
    if "env" in parts and (inline := environ.get(INLINE, "").strip()):
        yield INLINE, lambda: parse(inline.encode(), INLINE)
    for path in dict.fromkeys(paths(environ, parts)):
        yield path, functools.partial(read, path)


def paths(environ: Mapping[str, str], parts: tuple[Part, ...] = ALL) -> Iterator[str]:
    """
    Say which credentials files count, in order, whether they exist or not.

    >>> next(paths({"REGISTRY_AUTH_FILE": "/run/auth.json"}))
    '/run/auth.json'
    """
    if "podman" in parts and (explicit := environ.get(EXPLICIT)):
        yield explicit
    if "docker" in parts:
        yield docker_path(environ)
    if "podman" in parts:
        yield from _of_podman(environ)


def _of_podman(environ: Mapping[str, str]) -> Iterator[str]:
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield os.path.join(runtime, "containers", "auth.json")
    elif hasattr(os, "getuid"):
        yield f"/run/containers/{os.getuid()}/auth.json"
    if config := environ.get("XDG_CONFIG_HOME"):
        yield os.path.join(config, "containers", "auth.json")
    yield os.path.join(home(environ), ".config", "containers", "auth.json")
