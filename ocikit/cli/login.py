"""
Logging in: ask for credentials, and ask the registry whether they are right.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import click

from ocikit._records import record
from ocikit.cli.setup import client, keychain_of_person, wire
from ocikit.errors import Unsupported
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    RegistryToken,
    Resource,
)
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.name.records import Registry, Repository

if TYPE_CHECKING:
    from ocikit.http.token import Token

#: The user of an identity token, in docker's credential protocol.
_TOKEN = "<token>"  # noqa: S105  # a name, not a secret


@attrs.frozen(kw_only=True)
class NotBearer(Unsupported):
    """
    A registry asks for something else than a token.
    """

    registry: str
    scheme: str

    def __str__(self) -> str:
        return f"{self.registry}: asks for {self.scheme}, not for a bearer token"


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
    return IdentityToken(password) if username == _TOKEN else Basic(username, password)


def verify(resource: Resource, credentials: Credentials) -> None:
    """
    See that a registry takes credentials, before they are kept.

    Raises:
        Unauthorized: it does not.
        Unreachable: it does not answer.
    """
    from ocikit.http import routes
    from ocikit.registry.session import reach, reach_registry

    asked = client(Always(credentials))
    if isinstance(resource, Registry):
        access = reach_registry(asked, resource)
    else:
        access = reach(asked, resource)
    access.ask(routes.ping(access.base), 200).body.close()


def token_for(repository: Repository, scopes: tuple[str, ...]) -> Token:
    """
    Get a token from the service that a registry names.

    Raises:
        NotBearer: the registry does not ask for tokens.
        Unauthorized: the service does not take the credentials.
    """
    from ocikit.http import routes
    from ocikit.http.challenge import challenges_of, choose
    from ocikit.http.token import run, token_flow
    from ocikit.registry.session import reach

    send = wire()
    base = reach(client(), repository).base
    with send(routes.ping(base)) as response:
        challenge = choose(challenges_of(response.headers))
    if challenge is None or challenge.scheme != "bearer":
        scheme = "nothing" if challenge is None else challenge.scheme
        raise NotBearer(registry=base, scheme=scheme)
    credentials = keychain_of_person()(repository)
    return run(token_flow(challenge, credentials, scopes, base=base), send)


def place_of(text: str) -> Resource:
    """
    Read what credentials are asked for: a registry, or a repository of one.

    Docker asks with a URL, and for its own hub with that of its old index.
    """
    host, _, path = (text.partition("://")[2] or text).partition("/")
    path = path.strip("/")
    if path in ("", "v1", "v2"):
        return parse_registry(host)
    return parse_repository(f"{host}/{path}")


def secret_of(found: Credentials) -> dict[str, str] | None:
    """
    Write credentials as docker's credential protocol does; None when there are none.
    """
    match found:
        case Basic(username, password):
            return {"Username": username, "Secret": password}
        case IdentityToken(token):
            return {"Username": _TOKEN, "Secret": token}
        case RegistryToken():
            # The protocol has no word for them.
            return {}
        case Anonymous():
            return None
