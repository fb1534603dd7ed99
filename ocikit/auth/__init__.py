"""
Credentials: where they are kept, and how they are found.

A keychain is any function of a registry or repository; those made here are records
that say where to look, hold no secret, and pickle.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.auth.combine import first_of
    from ocikit.auth.configfile import docker, file
    from ocikit.auth.default import default
    from ocikit.auth.dockerconfig import ConfigInvalid
    from ocikit.auth.explain import Step, explain
    from ocikit.auth.github import github
    from ocikit.auth.given import CredentialsAmbiguous, given
    from ocikit.auth.headers import headers
    from ocikit.auth.helper import HelperFailed
    from ocikit.auth.login import LoginInvalid, erase, store
    from ocikit.auth.realms import pin, pinned
    from ocikit.http.credentials import (
        Anonymous,
        Basic,
        Credentials,
        IdentityToken,
        Keychain,
        RegistryToken,
        Resource,
        anonymous,
    )

__all__ = [
    "Anonymous",
    "Basic",
    "ConfigInvalid",
    "Credentials",
    "CredentialsAmbiguous",
    "HelperFailed",
    "IdentityToken",
    "Keychain",
    "LoginInvalid",
    "RegistryToken",
    "Resource",
    "Step",
    "anonymous",
    "default",
    "docker",
    "erase",
    "explain",
    "file",
    "first_of",
    "github",
    "given",
    "headers",
    "pin",
    "pinned",
    "store",
]

door(
    __name__,
    {
        "ocikit.auth.combine": "first_of",
        "ocikit.auth.configfile": "docker file",
        "ocikit.auth.default": "default",
        "ocikit.auth.dockerconfig": "ConfigInvalid",
        "ocikit.auth.explain": "Step explain",
        "ocikit.auth.github": "github",
        "ocikit.auth.given": "CredentialsAmbiguous given",
        "ocikit.auth.headers": "headers",
        "ocikit.auth.helper": "HelperFailed",
        "ocikit.auth.login": "LoginInvalid erase store",
        "ocikit.auth.realms": "pin pinned",
        "ocikit.http.credentials": (
            "Anonymous Basic Credentials IdentityToken Keychain RegistryToken Resource anonymous"
        ),
    },
)
