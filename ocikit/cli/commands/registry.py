"""
`ocikit registry serve`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ocikit.cli.output import emit, notice
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.server.guard import Exchange


@click.group(name="registry")
def command() -> None:
    """
    Serve a registry.
    """


@command.command()
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="Where to listen.  [default: 127.0.0.1, port $PORT or a free one]",
)
@shared_options
def serve(address: str | None) -> None:
    """
    Serve a registry that keeps everything in memory, until interrupted.

    Its address is the first line on stdout, so that a script can read it. With -v each
    request is logged to stderr.
    """
    from ocikit.server.guard import quiet
    from ocikit.server.handler import registry
    from ocikit.server.serve import serve as start

    host, port = _split(address)
    log = _log if shared().verbose else quiet
    with start(registry(), host=host, port=port, log=log) as server:
        emit(server.host, address=server.host, url=server.url)
        notice("serving from memory; what is pushed is gone at the end (Ctrl-C)")
        try:
            server.wait()
        except KeyboardInterrupt:
            # This is how it is ended.
            notice("stopped")


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
