"""
Results on stdout, ready to pipe; everything else on stderr.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from ocikit._regex import regex
from ocikit.cli.colour import say
from ocikit.cli.pipes import is_taken
from ocikit.cli.shared import BAR, shared

if TYPE_CHECKING:
    from ocikit.cli.shared import Shared
    from ocikit.spec.descriptor import Descriptor


#: Where a context remembers the template of `--format`.
_TEMPLATE: Final = "ocikit.template"
#: How long results that come fast are held to be written together, in seconds.
_PATIENCE: Final = 0.05
#: What is no text on its own; JSON can only have it escaped.
_LONE: Final = regex("[\ud800-\udfff]")


def emit(text: str, /, **members: Any) -> None:
    """
    Print one result: its line, or with `--output json` its members on one line, or with
    `--format` what the template makes of them. Which they are `ocikit.cli.schemas` says.

    It is on stdout, unless an archive is.
    """
    _print(_line(shared(), text, members))


def emit_all(results: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """
    Print results of which there may be thousands, as `emit` does one, as fast as they come.

    What comes at once is written at once; a result waits for others no longer than they
    take to be made, or than a page of a list takes to come.
    """
    said, written = shared(), time.perf_counter()
    held: list[str | bytes] = []
    try:
        for text, members in results:
            held.append(_line(said, text, members))
            if time.perf_counter() - written > _PATIENCE:
                _print(*held)
                held.clear()
                written = time.perf_counter()
    finally:
        _print(*held)


def _line(said: Shared, text: str, members: dict[str, Any]) -> str | bytes:
    if said.format:
        return _utf8(_filled(said.format, members))
    if said.output != "json":
        return _utf8(text)
    line = json.dumps(members, ensure_ascii=False)
    return json.dumps(members) if _LONE.search(line) else line


def _print(*lines: str | bytes) -> None:
    apart = is_taken()
    with contextlib.ExitStack() as stack:
        if lines and BAR in click.get_current_context().meta and sys.stdout.isatty():
            # A bar is drawn where the cursor is: on the line of the result.
            from ocikit.cli.progress import aside

            stack.enter_context(aside())
        for binary, some in itertools.groupby(lines, lambda line: isinstance(line, bytes)):
            end: Any = b"\n" if binary else "\n"
            click.echo(end.join(some), err=apart)


def prepare() -> None:
    """
    Read the template of `--format`, so that a slip in it is told before anything is done.

    Raises:
        TemplateInvalid: it is none, or names a member that no result of the command has.
    """
    from ocikit.cli.program import canonical
    from ocikit.cli.schemas import names
    from ocikit.cli.template import check, parse

    text = shared().format
    _, first, *more = click.get_current_context().command_path.split()
    template, known = parse(text), names(" ".join([canonical(first), *more]))
    if known:
        check(template, text, known)


def _filled(text: str, members: dict[str, Any]) -> str:
    from ocikit.cli.template import parse, render

    meta = click.get_current_context().meta
    template = meta.get(_TEMPLATE) or meta.setdefault(_TEMPLATE, parse(text))
    return render(template, members)


def _utf8(text: str) -> str | bytes:
    # Names of files may be other bytes than text, and are printed as they are.
    return text if text.isprintable() else text.encode("utf-8", "surrogateescape")


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
