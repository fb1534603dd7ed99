"""
Keychains by name, and those that are made of several.

What is made of several is free of what it does not need: a cloud's keychain does nothing,
and loads nothing, before a registry of that cloud is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from ocikit.auth.acr import acr
from ocikit.auth.cluster import FOLDER
from ocikit.auth.combine import FirstOf, first_of
from ocikit.auth.configfile import docker
from ocikit.auth.default import default, environment, podman
from ocikit.auth.ecr import ecr
from ocikit.auth.github import github
from ocikit.auth.google import google
from ocikit.auth.kubernetes import kubernetes
from ocikit.auth.oskeyring import keyring
from ocikit.errors import Invalid
from ocikit.http.credentials import Keychain, anonymous

Environ = Mapping[str, str] | None


@attrs.frozen(kw_only=True)
class KeychainUnknown(Invalid):
    """
    There is no keychain of this name.
    """

    name: str

    def __str__(self) -> str:
        return f"there is no keychain {self.name!r}; take one of {', '.join(NAMES)}"


def clouds(environ: Environ = None) -> FirstOf:
    """
    Make a keychain of the registries of Google, Amazon and Azure.

    What it lacks, or what fails, is warned of, and the registry asked as nobody: many of
    their images are for everybody.

    Args:
        environ: of Google's; the process's own when None. The packages of Amazon and Azure
            look at that in any case.

    >>> from ocikit.name.records import Registry
    >>> clouds()(Registry("ghcr.io"))
    Anonymous()
    """
    return first_of(google(optional=True, environ=environ), ecr(optional=True), acr(optional=True))


def kubernetes_chain(
    *,
    namespace: str = "",
    service_account: str | None = "default",
    pull_secrets: tuple[str, ...] | list[str] = (),
    mounted: bool = False,
    folder: str = FOLDER,
    environ: Environ = None,
) -> FirstOf:
    """
    Make the keychain of what runs in a cluster: pull secrets where there is a cluster, the
    files of Docker and podman, and the clouds.

    Args: as of `kubernetes`; `environ` as of `clouds`.

    >>> len(kubernetes_chain(namespace="ci").keychains)
    3
    """
    secrets = kubernetes(
        namespace=namespace,
        service_account=service_account,
        pull_secrets=pull_secrets,
        mounted=mounted,
        optional=True,
        folder=folder,
        environ=environ,
    )
    return first_of(secrets, default(environ), clouds(environ))


def everywhere(environ: Environ = None) -> FirstOf:
    """
    Make a keychain of the files of Docker and podman, GITHUB_TOKEN, and the clouds.

    Args:
        environ: the process's own when None; for the clouds as of `clouds`.

    >>> len(everywhere().keychains)
    3
    """
    return first_of(default(environ), github(environ), clouds(environ))


_MAKERS: Final[dict[str, Callable[[Environ], Keychain]]] = {
    "default": default,
    "docker": lambda environ: docker(environ=environ),
    "podman": podman,
    "env": environment,
    "google": lambda environ: google(environ=environ),
    "ecr": lambda environ: ecr(),
    "acr": lambda environ: acr(),
    "github": github,
    "kubernetes": lambda environ: kubernetes(environ=environ),
    "keyring": lambda environ: keyring(),
    "all": everywhere,
    "none": lambda environ: anonymous,
}
#: The names of keychains.
NAMES: Final = tuple(_MAKERS)


def named(name: str, environ: Environ = None) -> Keychain:
    """
    Make the keychain of a name.

    Args:
        name: one of default, docker, podman, env, google, ecr, acr, github, kubernetes,
            keyring, all, none.
        environ: the process's own when None. The packages behind ecr, acr and keyring look
            at that in any case.

    Raises:
        KeychainUnknown: there is none of that name.

    >>> named("default")
    Default()
    """
    make = _MAKERS.get(name)
    if make is None:
        raise KeychainUnknown(name=name)
    return make(environ)
