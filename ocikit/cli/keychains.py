"""
Keychains that are asked for by name: `--keychain`, and OCIKIT_KEYCHAIN.

Without any, credentials are those of Docker's and podman's files, and no cloud is asked,
whatever is installed: what a machine or a login at a cloud may do is only shown to
registries when somebody says so.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

from ocikit.cli.colour import say
from ocikit.cli.identity import wanted

if TYPE_CHECKING:
    from ocikit.errors import Refused
    from ocikit.http.credentials import Keychain

#: Those that a file given by `--authfile` stands for.
_FILES: Final = frozenset({"default", "docker", "podman", "env"})


def chosen(names: Iterable[str], path: str = "") -> Keychain:
    """
    Make one keychain of several names.

    Args:
        names: in the order in which they are asked.
        path: a file of credentials that stands for those of Docker and podman; it comes
            first when none of these is named.

    Raises:
        KeychainUnknown: there is none of a name.
        UsageError: none is named, and another.
    """
    from ocikit.auth.chain import everywhere, named
    from ocikit.auth.combine import first_of
    from ocikit.auth.configfile import file

    names = list(names)
    if "none" in names and len(names) > 1:
        raise click.UsageError("--keychain none goes with no other")
    _tell_warnings()
    found: list[Keychain] = []
    for name in names:
        if path and name in _FILES:
            found.append(file(path, os.environ))
        elif path and name == "all":
            found += [file(path, os.environ), *everywhere(os.environ).keychains[1:]]
        else:
            found.append(named(name, os.environ))
    if path and not _FILES.union({"all"}).intersection(names):
        found.insert(0, file(path, os.environ))
    return found[0] if len(found) == 1 else first_of(*found)


class _Told(logging.Handler):
    """
    Says warnings as commands do.
    """

    def emit(self, record: logging.LogRecord) -> None:
        say(f"Warning: {record.getMessage()}", fg="yellow")


def _tell_warnings() -> None:
    log, told = logging.getLogger("ocikit"), _Told(logging.WARNING)
    # A command that reads and writes as different persons has two keychains.
    if any(isinstance(each, _Told) for each in log.handlers):
        return
    log.addHandler(told)
    click.get_current_context().call_on_close(lambda: log.removeHandler(told))


def names(incomplete: str) -> list[str]:
    """
    Say which names begin so, for a shell that completes them.
    """
    from ocikit.auth.chain import NAMES

    before, comma, begun = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in NAMES if name.startswith(begun)]


def advise(error: Refused) -> None:
    """
    Say of a cloud's registry that wants to know who asks, how to tell it.
    """
    if getattr(error, "status", None) not in (401, 403):
        return
    name = _cloud(getattr(error, "url", ""))
    if name and not wanted():
        error.add_note(f"With --keychain {name} that cloud is asked who you are.")


def _cloud(url: str) -> str:
    from ocikit.auth.acr import cloud_of
    from ocikit.auth.ecr import place_of
    from ocikit.auth.google import is_google
    from ocikit.errors import Invalid
    from ocikit.http.origin import origin_of
    from ocikit.name.records import Registry

    try:
        registry = Registry(origin_of(url).host)
    except Invalid:
        return ""
    known = {
        "google": is_google(registry),
        "ecr": place_of(registry),
        "acr": cloud_of(registry),
    }
    return next((name for name, is_theirs in known.items() if is_theirs), "")
