"""
`ocikit auth`: login, logout, get, token, explain.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from ocikit.cli import exits
from ocikit.cli.output import emit, notice
from ocikit.cli.shared import said_of_registries, shared, shared_options

if TYPE_CHECKING:
    from ocikit.http.credentials import Keychain

#: What the docker-credential protocol says of what is not there, on stdout.
_UNKNOWN = "credentials not found in native keychain"


@click.group(name="auth")
def command() -> None:
    """
    Log in to registries, log out of them, and look up credentials.
    """


@command.command(short_help="Keep credentials for a registry")
@click.argument("server")
@click.option("-u", "--username", help="Who you are.")
@click.option("-p", "--password", help="Your password; others may see it in `ps`.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
@click.option("--no-verify", is_flag=True, help="Do not ask the registry whether it is right.")
@shared_options
def login(
    server: str,
    username: str | None,
    password: str | None,
    password_stdin: bool,
    no_verify: bool,
) -> None:
    """
    Keep credentials for SERVER where docker keeps them, once the registry takes them.

    SERVER may have a path, for repositories below it. Without -u or a password, a terminal
    is asked.

    \b
      ocikit auth login ghcr.io -u me --password-stdin < token
      ocikit auth login quay.io/team -u team+robot --password-stdin < token
    """
    from ocikit.auth.login import store
    from ocikit.cli.identity import place_of
    from ocikit.cli.login import ask, remember_realms, verify

    place = place_of(server)
    credentials = ask(str(place), username, password, stdin=password_stdin)
    if not no_verify:
        verify(place, credentials)
    kept = store(place, credentials, path=_authfile(), environ=os.environ)
    realms = remember_realms(place)
    where = f"credential helper {kept.helper}" if kept.helper else kept.path
    notice(f"logged in via {where}")
    if not kept.helper:
        notice("they are kept there unencrypted; a credential helper (credsStore) would not")
    for host in realms:
        notice(f"{host} is trusted as its token service from now on")
    if shared().output == "json":
        emit("", server=str(place), path=kept.path, helper=kept.helper)


@command.command(short_help="Forget them")
@click.argument("server", nargs=-1, required=True)
@shared_options
def logout(server: tuple[str, ...]) -> None:
    """
    Forget the credentials for each SERVER, and which token services it was trusted with.

    \b
      ocikit auth logout ghcr.io
    """
    from ocikit.auth.login import erase, login_path
    from ocikit.auth.realms import pin
    from ocikit.cli.identity import place_of
    from ocikit.name.records import Registry

    path = _authfile()
    for place in [place_of(text) for text in server]:
        erased = erase(place, path=path, environ=os.environ)
        if isinstance(place, Registry):
            pin(place, (), environ=os.environ)
        what = f"logged out via {path or login_path(os.environ)}"
        notice(what if erased else f"{place}: nobody was logged in")
        if shared().output == "json":
            emit("", server=str(place), erased=erased)


def _authfile() -> str | None:
    path: str | None = said_of_registries().get("authfile")
    return path


@command.command(short_help="Print them")
@click.argument("server", required=False)
@shared_options
@click.pass_context
def get(context: click.Context, server: str | None) -> None:
    """
    Print the credentials for SERVER, as docker's credential helpers do.

    Without SERVER its name is read from stdin. What is not there exits with 1.

    \b
      ocikit auth get ghcr.io
    """
    from ocikit.cli.identity import place_of, secret_of

    text = (server if server is not None else sys.stdin.readline()).strip()
    said = secret_of(_keychain()(place_of(text)))
    if said is None:
        click.echo(_UNKNOWN)
        context.exit(exits.NEGATIVE)
    click.echo(json.dumps(said, ensure_ascii=False, separators=(",", ":")))


@command.command(short_help="Tell where they come from")
@click.argument("server")
@shared_options
@click.pass_context
def explain(context: click.Context, server: str) -> None:
    """
    Tell which credentials SERVER, or a repository, gets: where they come from, what was
    asked before, and why that had none. No secret is shown.

    \b
      ocikit auth explain quay.io/team/app
    """
    from ocikit.auth.explain import explain as steps_of
    from ocikit.cli.identity import place_of

    place = place_of(server)
    steps = steps_of(_keychain(), place)
    found = any(step.answers for step in steps)
    for step in steps:
        sign = "*" if step.answers else "-"
        emit(
            f"{sign} {step}",
            server=str(place),
            source=step.source,
            entry=step.entry,
            said=step.said,
            answers=step.answers,
        )
    if not found:
        notice(f"{place}: asked as nobody")
        context.exit(exits.NEGATIVE)


def _keychain() -> Keychain:
    from ocikit.cli.identity import keychain_of_person, wanted

    if not wanted():
        # Files are read without whatever asks servers.
        return keychain_of_person()
    from ocikit.cli.setup import connected_keychain

    return connected_keychain()


@command.command(short_help="Print a registry's token")
@click.argument("repository")
@click.option("-m", "--mount", multiple=True, help="Ask to read this repository, too.")
@click.option("-H", "--header", is_flag=True, help="Print an HTTP header, without a newline.")
@click.option("--push", is_flag=True, help="Ask to write.")
@shared_options
def token(repository: str, mount: tuple[str, ...], header: bool, push: bool) -> None:
    """
    Print a token for REPOSITORY, as its registry's token service gives it.

    \b
      ocikit auth token --push registry.example/app
      curl -H "$(ocikit auth token -H r.io/app)" https://r.io/v2/app/tags/list
    """
    from ocikit.cli.login import token_for
    from ocikit.cli.names import listed
    from ocikit.http.scope import PULL, PUSH, merge_scopes, repository_scope
    from ocikit.name.parse import parse_repository

    name = parse_repository(repository)
    scopes = [repository_scope(name.path, PUSH if push else PULL)]
    scopes += [repository_scope(parse_repository(text).path) for text in listed(mount)]
    found = token_for(name, merge_scopes(*scopes))
    if header:
        click.echo(f"Authorization: Bearer {found.text}", nl=False)
    else:
        refresh = {"refresh_token": found.identity.token} if found.identity else {}
        said = {"token": found.text, **refresh, "expires_in": int(found.lifetime)}
        click.echo(json.dumps(said))
