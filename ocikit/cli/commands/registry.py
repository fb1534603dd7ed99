"""
`ocikit registry serve`, and the group of its commands.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click

from ocikit.cli.commands.registry_upkeep import fsck, gc
from ocikit.cli.output import emit, notice
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.server.guard import Exchange
    from ocikit.server.storage import Storage


@click.group(name="registry")
def command() -> None:
    """
    Serve a registry, and look after its folder.
    """


command.add_command(gc)
command.add_command(fsck)


@command.command()
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
@shared_options
def serve(address: str | None, disk: str | None, durability: Literal["full", "none"]) -> None:
    """
    Serve a registry, in memory or on disk, until interrupted.

    On disk each repository is an OCI layout, to be read by other tools as well. The
    registry's address is the first line on stdout, so that a script can read it. With -v each
    request is logged to stderr.
    """
    from ocikit.server.guard import quiet
    from ocikit.server.handler import registry
    from ocikit.server.serve import serve as start

    host, port = _split(address)
    log = _log if shared().verbose else quiet
    with (
        _storage(disk, durability) as storage,
        start(registry(storage), host=host, port=port, log=log) as server,
    ):
        emit(server.host, address=server.host, url=server.url)
        if disk is None:
            notice("serving from memory; what is pushed is gone at the end (Ctrl-C)")
        try:
            server.wait()
        except KeyboardInterrupt:
            # This is how it is ended.
            notice("stopped")


@contextmanager
def _storage(disk: str | None, durability: Literal["full", "none"]) -> Generator[Storage]:
    from ocikit.server.disk import Disk
    from ocikit.server.memory import Memory

    if disk is None:
        yield Memory()
        return
    with Disk(disk, durability) as storage:
        yield storage


def _log(exchange: Exchange) -> None:
    from ocikit.cli.colour import say
    from ocikit.http.redact import redact_url

    target = redact_url(exchange.target)
    took = f"{exchange.seconds * 1000:.0f} ms"
    what = f"{exchange.peer} {exchange.method} {target}: {exchange.status}"
    failed = f", {type(exchange.failure).__name__}" if exchange.failure else ""
    say(f"{what}, {exchange.received} B in, {exchange.sent} B out, {took}{failed}")


def _split(address: str | None) -> tuple[str, int]:
    host, _, port = (address or "").rpartition(":")
    port = port or os.environ.get("PORT", "") or "0"
    if not port.isdecimal() or int(port) > 65535:
        raise click.UsageError(f"--address {address!r}: write it as HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)
