"""
Manual pages, made of what the commands and topics say of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from ocikit import __version__
from ocikit.cli.exits import CODES
from ocikit.cli.manual.topics import Topic, every

#: What click calls a paragraph whose lines stay as they are.
_AS_IT_IS = "\b"


def pages(root: click.Context) -> Iterator[tuple[str, str]]:
    """
    Give the name of the file of each page, and the page as troff reads it.

    Args:
        root: the context of the whole program.
    """
    yield from _commands(root)
    for topic in every():
        yield f"ocikit-{topic.name}.7", _of_topic(topic)


def _commands(context: click.Context) -> Iterator[tuple[str, str]]:
    name = context.command_path.replace(" ", "-")
    yield f"{name}.1", "\n".join(_of_command(context)) + "\n"
    for child in _children(context):
        yield from _commands(child)


def _children(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            # What has two names has one page.
            if found is not None and found.name in (name, "command"):
                yield click.Context(found, info_name=name, parent=context)


def _of_command(context: click.Context) -> Iterator[str]:
    name, command = context.command_path.replace(" ", "-"), context.command
    first, _, rest = (command.help or "").strip().partition("\n\n")
    yield _header(name, 1)
    yield from (".SH NAME", f"{_text(name)} \\- {_text(_line(first))}")
    yield from (".SH SYNOPSIS", f".B {_text(context.command_path)}")
    yield _text(" ".join(command.collect_usage_pieces(context)))
    yield ".SH DESCRIPTION"
    yield from _paragraphs(f"{first}\n\n{rest}")
    yield from _section("OPTIONS", _options(context))
    children = [(_page(each), each.command.get_short_help_str(100)) for each in _children(context)]
    yield from _section("COMMANDS", children)
    if context.parent is None:
        codes = ((str(code), ": ".join(filter(None, said))) for code, (_, *said) in CODES.items())
        yield from _section("EXIT STATUS", codes)
    yield from (".SH SEE ALSO", _text(", ".join(_related(context))))


def _page(context: click.Context) -> str:
    return f"{context.command_path.replace(' ', '-')}(1)"


def _related(context: click.Context) -> Iterator[str]:
    if context.parent is not None:
        yield _page(context.parent)
    yield from (f"ocikit-{topic.name}(7)" for topic in every())


def _options(context: click.Context) -> Iterator[tuple[str, str]]:
    for each in context.command.get_params(context):
        said = each.get_help_record(context) if isinstance(each, click.Option) else None
        if said is not None:
            yield said


def _of_topic(topic: Topic) -> str:
    lines = [
        _header(f"ocikit-{topic.name}", 7),
        ".SH NAME",
        f"ocikit\\-{_text(topic.name)} \\- {_text(topic.title)}",
        ".SH DESCRIPTION",
        *_paragraphs("\n\n".join(topic.introduction)),
        *(line for term, said in topic.rows for line in (".TP", f".B {_text(term)}", _text(said))),
        *(".SH SEE ALSO", "ocikit(1)"),
    ]
    return "\n".join(lines) + "\n"


def _header(name: str, section: int) -> str:
    # No date: the same version makes the same pages.
    return f'.TH "{_text(name.upper())}" "{section}" "" "ocikit {_text(__version__)}" "ocikit"'


def _section(title: str, rows: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Iterator[str]:
    for at, (term, said) in enumerate(rows):
        yield from () if at else (f".SH {title}",)
        yield from (".TP", f".B {_text(term)}", _text(_line(said)))


def _paragraphs(text: str) -> Iterator[str]:
    for part in text.split("\n\n"):
        lines = part.strip("\n").split("\n")
        if lines[0] != _AS_IT_IS:
            yield from (".PP", _text(_line(part)))
            continue
        yield from (".PP", ".nf", *(_text(line.removeprefix("  ")) for line in lines[1:]), ".fi")


def _line(text: str) -> str:
    return " ".join(text.replace(_AS_IT_IS, " ").split())


def _text(text: str) -> str:
    """
    Write text so that troff shows it as it is.

    >>> print(_text("--all 'x'"))
    \\-\\-all \\(aqx\\(aq
    """
    shown = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    )
    shown = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in shown)
    # What begins so would be a command.
    return re.sub(r"(?m)^(?=\.)", r"\\&", shown) or "\\&"
