"""
`ocikit demo`.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from ocikit.cli.colour import paint
from ocikit.cli.output import emit
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.cli.demo import Said


@click.command()
@shared_options
def command() -> None:
    """
    Show a round trip on this machine, with a registry of its own, in a second or so.

    What is shown is what is run. It needs no network, and removes what it made.

    \b
      ocikit demo
    """
    from ocikit.cli.demo import folder_size, make_folder, stage, tell
    from ocikit.cli.program import run
    from ocikit.server.handler import registry
    from ocikit.server.web.serve import serve
    from ocikit.sizes import in_units

    begun = time.perf_counter()
    with stage() as folder, serve(registry()) as server:
        make_folder()
        _line(f"A round trip in {folder}, with a registry at {server.host} that lives in memory.")
        _line(f"The folder hello/ holds a program and {in_units(folder_size())} of data.")
        number, title = 0, ""
        for said in tell(server.host, run):
            if said.title != title:
                number, title = number + 1, said.title
                _line()
                _line(f"{number}. {title}", bold=True)
            _show(said)
    _line()
    _line(f"Done in {time.perf_counter() - begun:.1f} s, and all of it is gone again.")
    _line("Next: ocikit pull debian:12 debian.tar, ocikit --help, and README.md for Python.")


def _show(said: Said) -> None:
    emit_json = shared().output == "json"
    if emit_json:
        emit(
            "",
            step=said.title,
            source=said.source,
            language=said.language,
            results=list(said.results),
            seconds=round(said.seconds, 4),
        )
        return
    prompt = "$" if said.language == "sh" else ">>>"
    took = paint(f"  {said.seconds * 1000:.0f} ms", sys.stdout, dim=True)
    _line(paint(f"   {prompt} {said.source}", sys.stdout, fg="cyan") + took)
    for text in said.notices:
        _line(f"     {text}", dim=True)
    for text in said.results:
        _line(f"   {text}".rstrip())


def _line(text: str = "", **style: bool) -> None:
    if shared().output != "json":
        click.echo(paint(text, sys.stdout, **style), color=True)
