"""
A credential helper as a keychain, whatever configuration files say.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from ocikit._records import FrozenMap, record
from ocikit.auth import helper as protocol
from ocikit.auth.configfile import frozen, surroundings
from ocikit.auth.keys import registry_of, written_key
from ocikit.auth.step import Step, describe
from ocikit.http.credentials import Anonymous, Credentials, Resource

_LOG: Final = logging.getLogger("ocikit")


@record(kw_only=True)
class FromHelper:
    """
    The keychain of one credential helper.

    Raises, when it is asked:
        HelperFailed: the helper fails, unless it is `optional`.
    """

    name: str
    #: Whether a failure is warned of, and there is nothing then.
    optional: bool = False
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry; helpers know nothing of paths.
        """
        try:
            return self._ask(resource)
        except protocol.HelperFailed as failed:
            if not self.optional:
                raise
            _LOG.warning("asking without credentials: %s", failed)
            return Anonymous()

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell what the helper has.
        """
        program = f"docker-credential-{self.name}"
        try:
            found = self._ask(resource)
        except protocol.HelperFailed as failed:
            if not self.optional:
                raise
            yield Step(source=program, said=str(failed))
            return
        yield Step(source=program, said=describe(found), answers=found != Anonymous())

    def _ask(self, resource: Resource) -> Credentials:
        server = written_key(registry_of(resource))
        return protocol.get(self.name, server, surroundings(self.environ))


def from_helper(
    name: str, *, optional: bool = False, environ: Mapping[str, str] | None = None
) -> FromHelper:
    """
    Make a keychain of a program `docker-credential-NAME`, which is asked for every registry.

    Args:
        name: what comes after `docker-credential-`, as `ecr-login`.
        optional: warn of a failure, in the log `ocikit`, and have nothing.
        environ: what the program runs in; the process's own when None.

    >>> from ocikit.name.records import Registry
    >>> from_helper("none", optional=True, environ={})(Registry("ghcr.io"))
    Anonymous()
    """
    return FromHelper(name=name, optional=optional, environ=frozen(environ))
