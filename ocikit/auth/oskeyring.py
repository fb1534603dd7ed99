"""
The keyring of the operating system, by the package `keyring`, which is an extra.

A registry's credentials are under the service of its name, as `keyring set ghcr.io me`
keeps them; those for a path under `quay.io/team`. Docker Hub's may be under the name that
Docker has for it, too. Some keyrings ask whoever sits before the screen, so it is no part
of any other keychain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ocikit._records import record
from ocikit.auth import sources
from ocikit.auth.extras import ExtraMissing
from ocikit.auth.keys import levels, registry_of, written_key
from ocikit.auth.offers import Lease
from ocikit.auth.sources import Tried
from ocikit.auth.step import Step
from ocikit.errors import Refused
from ocikit.http.credentials import Basic, Credentials, IdentityToken, Resource
from ocikit.http.redact import redact_text

#: The user that says that the secret is an identity token, as credential helpers have it.
_TOKEN_USER: Final = "<token>"  # noqa: S105 - the protocol's word


@attrs.frozen(kw_only=True)
class KeyringFailed(Refused):
    """
    The keyring does not open, or there is none.
    """

    reason: str

    def __str__(self) -> str:
        return f"keyring of the operating system: {self.reason}"


@record(kw_only=True)
class Keyring:
    """
    The keychain of the operating system's keyring.

    Raises, when it is asked:
        KeyringFailed: the keyring does not open, or there is none.
        ExtraMissing: the package `keyring` is not installed.
    """

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return sources.first(self._tried(resource), 0.0, optional=False).credentials

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell under which name there is something.
        """
        yield from sources.steps("keyring", self._tried(resource), optional=False)

    def _tried(self, resource: Resource) -> Iterator[Tried]:
        try:
            import keyring.backends.fail
            import keyring.errors
        except ImportError:
            missing = ExtraMissing(what="the keychain keyring", package="keyring", extra="keyring")
            yield Tried(entry="", error=missing)
            return
        if isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring):
            yield Tried(entry="", error=KeyringFailed(reason="there is none on this machine"))
            return
        for service in dict.fromkeys((*levels(resource), written_key(registry_of(resource)))):
            try:
                found = keyring.get_credential(service, None)
            except (keyring.errors.KeyringError, OSError) as error:
                reason = redact_text(str(error)) or type(error).__name__
                yield Tried(entry=service, error=KeyringFailed(reason=reason))
                return
            if found is None or not found.password:
                yield Tried(entry=service, said="nothing")
            else:
                credentials = _credentials(found.username, found.password)
                yield Tried(entry=service, lease=Lease(credentials=credentials))


def _credentials(user: str, secret: str) -> Credentials:
    return IdentityToken(secret) if user == _TOKEN_USER else Basic(user, secret)


def keyring() -> Keyring:
    """
    Make the keychain of the operating system's keyring.

    >>> keyring()
    Keyring()
    """
    return Keyring()
