"""
Options in sections of the help, for commands that have very many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]


class ThemedOption(click.Option):
    """
    An option that stands under a heading.
    """

    def __init__(self, *names: Any, theme: str = "", **facts: Any) -> None:
        super().__init__(*names, **facts)
        self.theme = theme


class ThemedCommand(click.Command):
    """
    A command whose options stand under headings; those without one come last.
    """

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        themes: dict[str, list[tuple[str, str]]] = {}
        rest: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            said = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if said is not None:
                theme = getattr(parameter, "theme", "")
                (themes.setdefault(theme, []) if theme else rest).append(said)
        for theme, lines in [*themes.items(), ("Options", rest)]:
            with formatter.section(theme):
                formatter.write_dl(lines)


def one(*names: str, help: str, metavar: str = "TEXT", **facts: Any) -> Decorator[Any]:
    """
    Make an option that is given once; it is None when it is not.
    """
    return click.option(*names, cls=ThemedOption, help=help, metavar=metavar, **facts)


def many(*names: str, help: str, metavar: str = "KEY", **facts: Any) -> Decorator[Any]:
    """
    Make an option that is given any number of times.
    """
    return one(*names, help=help, metavar=metavar, multiple=True, **facts)


def flag(*names: str, help: str, **facts: Any) -> Decorator[Any]:
    """
    Make an option without a value.
    """
    return click.option(*names, cls=ThemedOption, help=help, is_flag=True, **facts)


def together(theme: str, *options: Decorator[Any]) -> Decorator[Any]:
    """
    Put options under a heading.
    """

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
            command.__click_params__[-1].theme = theme
        return command

    return decorate
