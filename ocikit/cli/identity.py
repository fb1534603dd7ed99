"""
Who we are to registries: by options, by files, by the environment.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Final, Literal, TypeAlias

import click

from ocikit._regex import regex
from ocikit.cli.shared import said_of_registries
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    Keychain,
    Resource,
    anonymous,
)
from ocikit.name.parse import parse_registry, parse_repository

#: What is done with a registry: read, written, or both.
Side: TypeAlias = Literal["", "src", "dest"]

#: The user of an identity token, in docker's credential protocol.
TOKEN_USER: Final = "<token>"  # noqa: S105  # a name, not a secret

#: Commands that name one registry, as a rule: a name that is given without one is for that.
_ONE_REGISTRY: Final = frozenset(
    (
        *("attach", "auth", "blob", "catalog", "config", "delete", "digest", "export", "files"),
        *("ls", "manifest", "pull", "push", "referrers", "tag", "validate"),
    )
)
# A host as nobody's name is written, or one with a path.
_FOR: Final = regex(
    r"((?:[\w-]+(?:\.[\w-]+)+|localhost|\[[0-9a-fA-F:]+\])(?::\d+)?(?:/[\w./-]*)?)=(.*)", re.DOTALL
)


def keychain_of_person(side: Side = "") -> Keychain:
    """
    Find credentials where the person who runs this has put them.

    Raises:
        UsageError: an option about credentials makes no sense.
    """
    said = said_of_registries()
    if said.get(f"{side}_no_creds"):
        if said.get(f"{side}_creds") or said.get(f"{side}_authfile"):
            raise click.UsageError(f"--{side}-no-creds goes with no other credentials")
        return anonymous
    given = _given(said, side)
    if said.get("no_creds"):
        if given or said.get("authfile") or said.get("keychain"):
            raise click.UsageError("--no-creds goes with no other credentials")
        return anonymous
    kept = _kept(said, side)
    if not given:
        return kept
    from ocikit.auth.given import given as given_for

    return given_for(given, kept)


def has_sides() -> bool:
    """
    Tell whether what is read and what is written are reached in different ways.
    """
    said = said_of_registries()
    names = [f"{side}_{what}" for side in ("src", "dest") for what in _SIDED]
    return any(said.get(name) or _by_environment(name) for name in names)


def wanted() -> tuple[str, ...]:
    """
    Give the names of keychains that were said, in order: by options, or else by the
    environment.
    """
    texts = said_of_registries().get("keychain") or (os.environ.get("OCIKIT_KEYCHAIN", ""),)
    parts = (part.strip() for text in texts for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


_SIDED: Final = ("creds", "no_creds", "authfile", "insecure", "cert_dir")
#: By the option: the variable that stands in for it.
_VARIABLES: Final = {
    "creds": "OCIKIT_CREDS",
    "src_creds": "OCIKIT_SRC_CREDS",
    "dest_creds": "OCIKIT_DEST_CREDS",
}


def _by_environment(name: str) -> str:
    return os.environ.get(_VARIABLES[name], "") if name in _VARIABLES else ""


def _kept(said: dict[str, Any], side: Side) -> Keychain:
    path = said.get(f"{side}_authfile") or said.get("authfile") or ""
    if path and not os.path.lexists(path):
        raise click.UsageError(f"--authfile {path}: there is no such file")
    found: Keychain
    if names := wanted():
        from ocikit.cli.keychains import chosen

        found = chosen(names, path)
    elif path:
        from ocikit.auth.configfile import file

        found = file(path, os.environ)
    else:
        from ocikit.auth.default import default

        found = default(os.environ)
    if not said.get("github_token") or "github" in names or "all" in names:
        return found
    from ocikit.auth.combine import first_of
    from ocikit.auth.github import github

    return first_of(found, github(os.environ))


def _given(said: dict[str, Any], side: Side) -> dict[str, Credentials]:
    texts = _texts(said, f"{side}_creds") if side else ()
    option = f"--{side}-creds" if texts else "--creds"
    texts = texts or _texts(said, "creds")
    entries = dict(_entry(text, option) for text in texts)
    if "" in entries and option == "--creds" and _command() not in _ONE_REGISTRY:
        raise click.UsageError(
            "--creds: say which registry they are for, as in --creds ghcr.io=USER, "
            "or use --src-creds and --dest-creds"
        )
    return entries


def _texts(said: dict[str, Any], name: str) -> tuple[str, ...]:
    # The environment holds one, for a password may have any character that could divide.
    by_environment = _by_environment(name)
    texts: tuple[str, ...] = said.get(name) or ((by_environment,) if by_environment else ())
    return texts


def _entry(text: str, option: str) -> tuple[str, Credentials]:
    named = _FOR.fullmatch(text)
    place = place_of(named[1]) if named else None
    user, colon, password = (named[2] if named else text).partition(":")
    what = f"{option} for {place}" if place else option
    if not colon and sys.stdin.isatty():
        password = click.prompt(f"Password of {user} ({what})", hide_input=True, err=True)
    if not user or not password:
        raise click.UsageError(f"{what}: write them as USER:PASSWORD")
    key = str(place) if place else ""
    return key, IdentityToken(password) if user == TOKEN_USER else Basic(user, password)


def _command() -> str:
    words = click.get_current_context().command_path.split()
    return words[1] if len(words) > 1 else ""


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
            return {"Username": TOKEN_USER, "Secret": token}
        case Anonymous():
            return None
        case _:
            # The protocol has no word for a registry's token.
            return {}
