"""
`ocikit help`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.output import emit
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.cli.manual.topics import Topic


@click.command()
@click.argument("word", nargs=-1, metavar="[COMMAND|TOPIC]...")
@shared_options
@click.pass_context
def command(context: click.Context, word: tuple[str, ...]) -> None:
    """
    Tell how a command goes, or about a topic: places, credentials, environment,
    exit-codes, faults, output, differences.

    \b
      ocikit help index append
      ocikit help exit-codes
      ocikit help output --output json
    """
    from ocikit.cli.manual.topics import TOPICS, topic

    root = context.find_root()
    if not word:
        click.echo(root.get_help())
    elif len(word) == 1 and word[0] in TOPICS:
        _tell(context, topic(word[0]))
    else:
        click.echo(_found(root, word).get_help())


def _found(context: click.Context, words: tuple[str, ...]) -> click.Context:
    """
    Find the context of a command by its words, without running it.
    """
    from ocikit.cli.manual.topics import TOPICS

    for word in words:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            topics = f"; topics are {', '.join(TOPICS)}" if len(words) == 1 else ""
            raise click.UsageError(f"no such command {' '.join(words)!r}{topics}")
        context = click.Context(found, info_name=word, parent=context, **_settings(context))
    return context


def _settings(context: click.Context) -> dict[str, Any]:
    return {"max_content_width": context.max_content_width}


def _tell(context: click.Context, told: Topic) -> None:
    if shared().output == "json":
        _emit(told)
        return
    formatter = context.make_formatter()
    formatter.write_text(f"{told.name}: {told.title}")
    for paragraph in told.introduction:
        formatter.write_paragraph()
        formatter.write_text(paragraph)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_dl(told.rows, col_max=28)
    click.echo(formatter.getvalue(), nl=False)


def _emit(told: Topic) -> None:
    from ocikit.cli.schemas import MEMBERS, schema

    for name, text in told.rows:
        schemas = {"schema": schema(name)} if told.name == "output" and name in MEMBERS else {}
        emit("", topic=told.name, name=name, text=text, **schemas)
