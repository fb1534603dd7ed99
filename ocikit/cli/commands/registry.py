"""
`ocikit registry serve` and `ocikit registry passwd`, and the group of its commands.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

from ocikit.cli.collecting import collecting
from ocikit.cli.commands.registry_upkeep import fsck, gc
from ocikit.cli.output import emit, notice
from ocikit.cli.serving import (
    Serving,
    address_of,
    guards_of,
    log_of,
    serving_options,
    tls_of,
    wait,
)
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.http.message import Send
    from ocikit.server.garbage import Collectable
    from ocikit.server.handler import RegistryHandler
    from ocikit.server.storage import Storage


@click.group(name="registry")
def command() -> None:
    """
    Serve a registry, and look after its folder.
    """


command.add_command(gc)
command.add_command(fsck)


@command.command(short_help="Serve one, in memory or on disk")
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="Where to listen.  [default: 127.0.0.1, port $PORT or a free one]",
)
@click.option(
    "--disk",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Keep everything in this folder.  [default: in memory]",
)
@click.option(
    "--durability",
    type=click.Choice(["full", "none"]),
    default="full",
    show_default=True,
    help="With none nothing is forced to the disk: faster, for what a power cut may take.",
)
@click.option(
    "--proxy",
    metavar="REGISTRY[/PREFIX]",
    help="Pass on what this registry holds, and keep it; nothing can be pushed.",
)
@click.option(
    "--profile",
    metavar="NAME",
    help="Behave as this registry does (ecr, ghcr, quay, ...), to test clients.",
)
# crane's, which says itself that --disk is to be used.
@click.option("--blobs-to-disk", is_flag=True, hidden=True)
@serving_options
@shared_options
def serve(
    address: str | None,
    disk: str | None,
    blobs_to_disk: bool,
    durability: Literal["full", "none"],
    proxy: str | None,
    profile: str | None,
    **options: Any,
) -> None:
    """
    Serve a registry, in memory or on disk, until interrupted.

    On disk each repository is an OCI layout, to be read by other tools as well. The
    registry's address is the first line on stdout, so that a script can read it. /healthz
    answers while the registry is well. With -v each request is logged to stderr, and what
    --gc-every removes.

    \b
      ocikit registry serve --address :5000 --disk /srv/registry --gc-every 86400
      ocikit registry serve --tls-cert r.pem --users users --anonymous-pull
      ocikit registry serve --proxy docker.io --disk /var/cache/registry
    """
    from ocikit.server.app import both, observed
    from ocikit.server.web.metrics import Metrics
    from ocikit.server.web.serve import serve as start

    said = Serving(**options)
    if blobs_to_disk and disk is None:
        raise click.UsageError("--blobs-to-disk: name the folder that keeps all: --disk FOLDER")
    host, port = address_of(address)
    verbose = bool(shared().verbose)
    tls, log = tls_of(said), log_of(said, verbose=verbose)
    metrics = Metrics() if said.metrics else None
    with _storage(disk, durability) as storage, collecting(storage, said, verbose=verbose):
        send = observed(_guarded(_handler(storage, proxy, said), said, profile), storage, metrics)
        told = log if metrics is None else both(log, metrics)
        with start(send, host=host, port=port, tls=tls, log=told) as server:
            emit(server.host, address=server.host, url=server.url)
            if disk is None:
                notice("serving from memory; what is pushed is gone at the end (Ctrl-C)")
            try:
                wait(server, said, tls)
            except KeyboardInterrupt:
                # This is how it is ended.
                notice("stopped")
            finally:
                server.close(said.grace)


@command.command(short_help="Give a user a password")
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False))
@click.argument("user")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
@click.option("--delete", is_flag=True, help="Take the user out.")
@shared_options
def passwd(path: str, user: str, password_stdin: bool, delete: bool) -> None:
    """
    Give a user a password in a file for `registry serve --users`.

    The file is made when it is not there; others' lines stay as they are.

    \b
      ocikit registry passwd users ada --password-stdin < secret
      ocikit registry passwd users ada --delete
    """
    from ocikit.cli.accounts import changed
    from ocikit.server.auth.accounts import hash_password

    known = None
    if not delete:
        known = hash_password(_password(user, stdin=password_stdin))
    changed(path, user, known)
    emit(user, user=user, path=path)


def _password(user: str, *, stdin: bool) -> str:
    if stdin:
        # One line end is the echo's, not the password's.
        password = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    elif sys.stdin.isatty():
        asked = f"Password for {user}"
        password = click.prompt(asked, hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise click.UsageError("a password is needed: --password-stdin")
    if not password:
        raise click.UsageError("the password is empty")
    return password


@contextmanager
def _storage(disk: str | None, durability: Literal["full", "none"]) -> Generator[Collectable]:
    from ocikit.server.disk.storage import Disk
    from ocikit.server.memory import Memory

    if disk is None:
        yield Memory()
        return
    with Disk(disk, durability) as storage:
        yield storage


def _handler(storage: Storage, proxy: str | None, said: Serving) -> RegistryHandler:
    from ocikit.server.handler import registry

    if proxy is None:
        return registry(storage, **said.switches)
    from ocikit.cli.passing import passing

    return passing(proxy, storage)


def _guarded(handler: RegistryHandler, said: Serving, profile: str | None) -> Send:
    from ocikit.server.app import guarded

    guards = guards_of(said)
    if profile is None:
        return guarded(handler, guards)
    if said.rules or said.anonymous_pull or said.auth != "basic":
        raise click.UsageError("--profile says itself how users come in: only --users goes with it")
    from ocikit.server.quirks.profiles import profile as find

    return find(profile)(handler, guards.users)
