"""
Keychains keep the contract of keychains: credentials that were given, and files of Docker.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from ocikit import auth
from ocikit.auth.keys import written_key
from ocikit.http.credentials import (
    Basic,
    Credentials,
    IdentityToken,
    Keychain,
    RegistryToken,
)
from ocikit.name.records import Registry
from ocikit.testing.contracts_keychain import KeychainContract


class TestGiven(KeychainContract):
    """
    Credentials by registry or path.
    """

    holds = frozenset({"tokens"})

    def keychain(self, folder: Path, entries: Mapping[str, Credentials]) -> Keychain:
        return auth.given(entries)


class TestFile(KeychainContract):
    """
    A file as Docker and podman write it, read anew each time.
    """

    follows = True
    holds = frozenset({"tokens"})

    def keychain(self, folder: Path, entries: Mapping[str, Credentials]) -> Keychain:
        (folder / "config.json").write_text(_written(entries))
        return auth.file(folder / "config.json")


class TestFirstOf(KeychainContract):
    """
    A keychain that is asked when another knows nothing.
    """

    def keychain(self, folder: Path, entries: Mapping[str, Credentials]) -> Keychain:
        return auth.first_of(auth.anonymous, auth.given(entries))


def _written(entries: Mapping[str, Credentials]) -> str:
    auths = {}
    for key, each in entries.items():
        auths[key if "/" in key else written_key(Registry(key))] = _entry(each)
    return json.dumps({"auths": auths})


def _entry(credentials: Credentials) -> dict[str, str]:
    match credentials:
        case Basic(username, password):
            return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}
        case IdentityToken(token):
            return {"identitytoken": token}
        case RegistryToken(token):
            return {"registrytoken": token}
        case _:
            return {}
