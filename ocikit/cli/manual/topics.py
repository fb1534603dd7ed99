"""
The topics of the help, and where each is written.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final, TypeAlias

from ocikit._records import record

#: A term, and what there is to say of it.
Row: TypeAlias = tuple[str, str]

#: By name, as they are listed: a line about each.
TOPICS: Final = {
    "places": "How images are named, wherever they are",
    "credentials": "Who we are to registries, and where that is kept",
    "environment": "Variables that are read",
    "exit-codes": "What the exit code says",
    "faults": "What to do when something does not go well",
    "output": "Results as text, as JSON and by a template; progress and colours",
    "differences": "Where we differ from crane, and why",
}


@record(kw_only=True)
class Topic:
    """
    A topic of the help.
    """

    name: str
    title: str
    #: Paragraphs of text; what begins with two blanks is shown as it is.
    introduction: tuple[str, ...]
    rows: tuple[Row, ...]


def topic(name: str) -> Topic:
    """
    Read a topic, by its name in `TOPICS`.

    >>> topic("exit-codes").rows[0]
    ('0', 'OK: done')
    """
    module = importlib.import_module(f"ocikit.cli.manual.{name.replace('-', '_')}")
    return Topic(
        name=name,
        title=TOPICS[name],
        introduction=module.INTRODUCTION,
        rows=tuple(module.ROWS),
    )


def every() -> Iterator[Topic]:
    """
    Read all topics.
    """
    yield from map(topic, TOPICS)
