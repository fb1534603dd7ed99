"""
The options of `ocikit mutate` for what containers run with, and for where images come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import click

from ocikit._regex import regex
from ocikit.cli.names import listed, pairs
from ocikit.content.image import Image
from ocikit.mutate.changes import ConfigChanges
from ocikit.mutate.healthcheck import HealthcheckChanges
from ocikit.mutate.history import HistoryChanges
from ocikit.mutate.steps import EditHistory, SetConfig, SetEnv, SetHealthcheck, SetLabels

Change = Callable[[Image], Image]

#: Options whose text is that of a field; an empty one removes it.
_TEXTS: Final = {
    "user": "user",
    "workdir": "working_dir",
    "stop_signal": "stop_signal",
    "author": "author",
    "created": "created",
}
#: Options whose items replace all that a field has.
_LISTS: Final = ("cmd", "shell", "exposed_ports", "volumes")
#: Options whose items come and go singly, by their field.
_SETS: Final = {"exposed_ports": "port", "volumes": "volume"}
_HEALTH: Final = {
    "health_interval": "interval",
    "health_timeout": "timeout",
    "health_start_period": "start_period",
    "health_start_interval": "start_interval",
    "health_retries": "retries",
}
_ENTRY: Final = regex(r"(-?[0-9]+):([a-z_]+)=(.*)", re.DOTALL)


def config_changes(said: dict[str, Any]) -> Iterator[Change]:
    """
    Give the steps that change the configuration.
    """
    if said["label"] or said["remove_label"]:
        labels = pairs(said["label"], "--label", split=True)
        yield SetLabels(labels, said["remove_label"])
    if said["env"] or said["remove_env"]:
        yield SetEnv(pairs(said["env"], "--env"), said["remove_env"])
    if fields := _fields(said):
        yield SetConfig(fields)
    if single := _single(said):
        yield SetConfig(single)
    yield from _health(said)
    for text in said["history"]:
        yield _history(text)


def _fields(said: dict[str, Any]) -> ConfigChanges:
    fields: dict[str, Any] = {}
    if said["entrypoint"]:
        # As crane has it: a new entrypoint takes the old command with it.
        fields |= {"entrypoint": listed(said["entrypoint"]), "cmd": None}
    for name in _LISTS:
        if said[name]:
            fields[name] = listed(said[name])
    if said["onbuild"]:
        # Each is a line of a build file, with commas of its own.
        fields["on_build"] = [line for line in said["onbuild"] if line]
    for option, name in _TEXTS.items():
        if said[option] is not None:
            fields[name] = said[option] or None
    return cast("ConfigChanges", fields)


def _single(said: dict[str, Any]) -> ConfigChanges:
    fields = {
        field: {**dict.fromkeys(said[f"remove_{one}"]), **dict.fromkeys(said[f"add_{one}"], True)}
        for field, one in _SETS.items()
    }
    return cast("ConfigChanges", {field: changes for field, changes in fields.items() if changes})


def _health(said: dict[str, Any]) -> Iterator[Change]:
    if said["healthcheck"] == "":
        yield SetConfig({"healthcheck": None})
    # Nothing, and no retries, is what a check has that says nothing of it.
    parts = {
        name: said[option] or None for option, name in _HEALTH.items() if said[option] is not None
    }
    if said["healthcheck"]:
        parts["test"] = _test(said["healthcheck"])
    if parts:
        yield SetHealthcheck(cast("HealthcheckChanges", parts))


def _test(text: str) -> str | tuple[str, ...]:
    if text == "none":
        return ("NONE",)
    if not text.startswith("["):
        return text
    words = listed([text])
    return words if words[:1] in (("CMD",), ("CMD-SHELL",), ("NONE",)) else ("CMD", *words)


def _history(text: str) -> Change:
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--history {text!r}: write it as N:created_by=TEXT")
    position, member, value = found.groups()
    changes = cast("HistoryChanges", {member: value or None})
    return EditHistory(from_zero(int(position), "--history"), changes)


def from_zero(number: int, option: str) -> int:
    """
    Give the position from 0 of what a person counts from 1, or from the end as -1.

    >>> from_zero(1, "--history"), from_zero(-1, "--history")
    (0, -1)
    """
    if number == 0:
        raise click.UsageError(f"{option}: what is counted begins with 1, or with -1 at the end")
    return number - 1 if number > 0 else number
