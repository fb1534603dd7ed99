"""
Logging in: ask for credentials, and ask the registry whether they are right.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from ocikit._records import record
from ocikit.cli.identity import TOKEN_USER
from ocikit.cli.setup import client
from ocikit.cli.shared import said_of_registries
from ocikit.http.credentials import Basic, Credentials, IdentityToken, Resource
from ocikit.http.realm import CredentialsWithheld
from ocikit.name.records import Registry, Repository

if TYPE_CHECKING:
    from ocikit.http.token import Token


@record
class Always:
    """
    A keychain of one answer.
    """

    credentials: Credentials

    def __call__(self, resource: Resource) -> Credentials:
        """
        Give the credentials, whoever asks.
        """
        return self.credentials


def ask(
    server: str, username: str | None, password: str | None, *, stdin: bool
) -> Basic | IdentityToken:
    """
    Put credentials together of options, of stdin, or of what a terminal is told.

    The user `<token>` means that the password is an identity token.
    """
    if stdin and password is not None:
        raise click.UsageError("--password and --password-stdin exclude each other")
    if stdin:
        # One line end is the echo's, not the password's.
        password = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    elif sys.stdin.isatty():
        if username is None:
            username = click.prompt(f"Username for {server}", err=True)
        if password is None:
            password = click.prompt("Password", hide_input=True, err=True)
    if not username or not password:
        raise click.UsageError("a username (-u) and a password (--password-stdin) are needed")
    return IdentityToken(password) if username == TOKEN_USER else Basic(username, password)


def verify(resource: Resource, credentials: Credentials) -> None:
    """
    See that a registry takes credentials, before they are kept.

    Raises:
        CredentialsWithheld: its token service is none that may see them.
        Unauthorized: it does not.
        Unreachable: it does not answer.
    """
    from ocikit.http import routes
    from ocikit.http.scope import PULL, repository_scope
    from ocikit.registry.authority import NotBearer
    from ocikit.registry.session import grant, reach, reach_registry

    asked = client(Always(credentials))
    try:
        path = resource.path if isinstance(resource, Repository) else ""
        scopes = (repository_scope(path, PULL),) if path else ()
        withheld = grant(asked, resource, scopes).withheld
    except NotBearer:
        withheld = None
    except CredentialsWithheld as refused:
        raise _advised(refused) from None
    if withheld is not None:
        # A token that anybody gets proves nothing.
        registry, realm = withheld.registry, withheld.realm
        raise _advised(CredentialsWithheld(registry=registry, realm=realm, status=200))
    if isinstance(resource, Registry):
        access = reach_registry(asked, resource)
    else:
        access = reach(asked, resource)
    access.ask(routes.ping(access.base), 200).body.close()


def _advised(error: CredentialsWithheld) -> CredentialsWithheld:
    from ocikit.http.origin import origin_of

    host = origin_of(error.realm).host
    error.add_note(f"If {host} is the registry's, log in with --trust-realm {host}.")
    return error


def remember_realms(resource: Resource) -> tuple[str, ...]:
    """
    Pin the token services that a person trusts for a registry; give what was pinned.
    """
    from ocikit.auth.keys import registry_of
    from ocikit.auth.realms import pin, pinned

    registry = registry_of(resource)
    hosts: tuple[str, ...] = said_of_registries().get("trust_realm", ())
    if hosts:
        pin(registry, (*pinned(os.environ)(registry), *hosts), environ=os.environ)
    return hosts


def token_for(repository: Repository, scopes: tuple[str, ...]) -> Token:
    """
    Get a token from the service that a registry names.

    Raises:
        NotBearer: the registry does not ask for tokens.
        Unauthorized: the service does not take the credentials.
    """
    from ocikit.registry.session import grant

    return grant(client(), repository, scopes)
