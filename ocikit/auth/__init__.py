"""
Credentials: where they are kept, and how they are found.

A keychain is any function of a registry or repository; those made here are records
that say where to look, hold no secret, and pickle.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.auth.acr import ACRFailed, acr
    from ocikit.auth.cached import cached
    from ocikit.auth.chain import (
        NAMES,
        KeychainUnknown,
        clouds,
        everywhere,
        kubernetes_chain,
        named,
    )
    from ocikit.auth.cluster import ClusterInvalid, ClusterRefused, NotInCluster
    from ocikit.auth.combine import HostGlobInvalid, first_of, for_hosts
    from ocikit.auth.configfile import docker, file
    from ocikit.auth.default import default, environment, podman
    from ocikit.auth.dockerconfig import ConfigInvalid
    from ocikit.auth.ecr import ECRFailed, ecr
    from ocikit.auth.explain import explain
    from ocikit.auth.extras import ExtraMissing
    from ocikit.auth.fromhelper import from_helper
    from ocikit.auth.github import github
    from ocikit.auth.given import CredentialsAmbiguous, given
    from ocikit.auth.google import GoogleFailed, google
    from ocikit.auth.headers import headers
    from ocikit.auth.helper import HelperFailed
    from ocikit.auth.kubernetes import kubernetes
    from ocikit.auth.login import LoginInvalid, erase, store
    from ocikit.auth.offers import Lease, NotConnected, over
    from ocikit.auth.oskeyring import KeyringFailed, keyring
    from ocikit.auth.pullsecrets import SecretInvalid, from_secrets
    from ocikit.auth.realms import pin, pinned
    from ocikit.auth.step import Step
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
    "NAMES",
    "ACRFailed",
    "Anonymous",
    "Basic",
    "ClusterInvalid",
    "ClusterRefused",
    "ConfigInvalid",
    "Credentials",
    "CredentialsAmbiguous",
    "ECRFailed",
    "ExtraMissing",
    "GoogleFailed",
    "HelperFailed",
    "HostGlobInvalid",
    "IdentityToken",
    "Keychain",
    "KeychainUnknown",
    "KeyringFailed",
    "Lease",
    "LoginInvalid",
    "NotConnected",
    "NotInCluster",
    "RegistryToken",
    "Resource",
    "SecretInvalid",
    "Step",
    "acr",
    "anonymous",
    "cached",
    "clouds",
    "default",
    "docker",
    "ecr",
    "environment",
    "erase",
    "everywhere",
    "explain",
    "file",
    "first_of",
    "for_hosts",
    "from_helper",
    "from_secrets",
    "github",
    "given",
    "google",
    "headers",
    "keyring",
    "kubernetes",
    "kubernetes_chain",
    "named",
    "over",
    "pin",
    "pinned",
    "podman",
    "store",
]

door(
    __name__,
    {
        "ocikit.auth.acr": "ACRFailed acr",
        "ocikit.auth.cached": "cached",
        "ocikit.auth.chain": "NAMES KeychainUnknown clouds everywhere kubernetes_chain named",
        "ocikit.auth.cluster": "ClusterInvalid ClusterRefused NotInCluster",
        "ocikit.auth.combine": "HostGlobInvalid first_of for_hosts",
        "ocikit.auth.configfile": "docker file",
        "ocikit.auth.default": "default environment podman",
        "ocikit.auth.dockerconfig": "ConfigInvalid",
        "ocikit.auth.ecr": "ECRFailed ecr",
        "ocikit.auth.explain": "explain",
        "ocikit.auth.extras": "ExtraMissing",
        "ocikit.auth.fromhelper": "from_helper",
        "ocikit.auth.github": "github",
        "ocikit.auth.given": "CredentialsAmbiguous given",
        "ocikit.auth.google": "GoogleFailed google",
        "ocikit.auth.headers": "headers",
        "ocikit.auth.helper": "HelperFailed",
        "ocikit.auth.kubernetes": "kubernetes",
        "ocikit.auth.login": "LoginInvalid erase store",
        "ocikit.auth.offers": "Lease NotConnected over",
        "ocikit.auth.oskeyring": "KeyringFailed keyring",
        "ocikit.auth.pullsecrets": "SecretInvalid from_secrets",
        "ocikit.auth.realms": "pin pinned",
        "ocikit.auth.step": "Step",
        "ocikit.http.credentials": (
            "Anonymous Basic Credentials IdentityToken Keychain RegistryToken Resource anonymous"
        ),
    },
)
