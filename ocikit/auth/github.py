"""
GitHub's container registry, by the token of a workflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from ocikit._records import FrozenMap, record
from ocikit.auth.configfile import frozen, surroundings
from ocikit.auth.keys import registry_of
from ocikit.http.credentials import Anonymous, Basic, Credentials, Resource

_HOST: Final = "ghcr.io"


@record(kw_only=True)
class GitHub:
    """
    The keychain of GITHUB_TOKEN, for ghcr.io and no other host.
    """

    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        environ = surroundings(self.environ)
        token = environ.get("GITHUB_TOKEN", "").strip()
        if registry_of(resource).host != _HOST or not token:
            return Anonymous()
        # The registry looks at the token alone, but wants some name.
        return Basic(environ.get("GITHUB_ACTOR") or "unset", token)


def github(environ: Mapping[str, str] | None = None) -> GitHub:
    """
    Make a keychain of GITHUB_TOKEN, with GITHUB_ACTOR as the user.

    >>> from ocikit.name.records import Registry
    >>> github({"GITHUB_TOKEN": "t", "GITHUB_ACTOR": "me"})(Registry("ghcr.io"))
    Basic(username='me')
    """
    return GitHub(environ=frozen(environ))
