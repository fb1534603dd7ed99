"""
Results on stdout, ready to pipe; everything else on stderr.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.colour import say
from ocikit.cli.shared import shared

if TYPE_CHECKING:
    from ocikit.spec.descriptor import Descriptor


def emit(text: str, **members: Any) -> None:
    """
    Print one result: its line, or with `--output json` its members on one line.
    """
    click.echo(json.dumps(members, ensure_ascii=False) if shared().output == "json" else text)


def emit_content(name: str, descriptor: Descriptor) -> None:
    """
    Print the name by which something is found, ready to be given to the next command.
    """
    emit(name, reference=name, **described(descriptor))


def described(descriptor: Descriptor) -> dict[str, Any]:
    """
    Give what a result says about content, under the names that manifests use.
    """
    return {
        "digest": str(descriptor.digest),
        "mediaType": descriptor.media_type,
        "size": descriptor.size,
    }


def emit_document(place: str, raw: bytes, descriptor: Descriptor, *, alone: bool) -> None:
    """
    Print a document exactly, for digests are of these bytes.

    A newline follows only where it is not alone, or goes to a terminal.
    """
    if shared().output == "json":
        emit("", place=place, **described(descriptor), document=_parsed(raw))
        return
    sys.stdout.flush()
    end = b"" if alone and not sys.stdout.isatty() else b"\n"
    sys.stdout.buffer.write(raw + end)
    sys.stdout.buffer.flush()


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        # The configuration of an artifact may be anything.
        return raw.decode(errors="replace")


def notice(text: str) -> None:
    """
    Tell a person something that is neither a result nor a failure.
    """
    if not shared().quiet:
        say(text)
