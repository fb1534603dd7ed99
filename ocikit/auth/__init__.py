"""
Credentials: where they are kept, and how they are found.

A keychain is any function of a registry or repository; those made here are records
that say where to look, hold no secret, and pickle.
"""

from __future__ import annotations

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
