"""
Changes of an image configuration, by the names of its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, Final, TypedDict, cast

import attrs

from ocikit._records import FrozenMap, evolve
from ocikit._regex import regex
from ocikit.errors import Invalid
from ocikit.spec.config import Config, ConfigFile, Healthcheck, History

_TIME = regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@attrs.frozen(kw_only=True)
class ConfigInvalid(Invalid):
    """
    A field of a configuration cannot have that value.
    """

    field: str
    reason: str

    def __str__(self) -> str:
        return f"config field {self.field}: {self.reason}"


class ConfigChanges(TypedDict, total=False):
    """
    The fields that `config` sets; None removes any of them.

    A mapping changes single variables, labels, volumes or ports and leaves the others;
    there None removes one. A sequence or a set is the whole of what is to be there.
    """

    architecture: str | None
    author: str | None
    container: str | None
    created: str | None
    docker_version: str | None
    history: Sequence[History] | None
    os: str | None
    os_version: str | None
    variant: str | None
    os_features: Sequence[str] | None

    attach_stderr: bool | None
    attach_stdin: bool | None
    attach_stdout: bool | None
    cmd: Sequence[str] | None
    healthcheck: Healthcheck | None
    domainname: str | None
    entrypoint: Sequence[str] | None
    env: Mapping[str, str | None] | Sequence[str] | None
    hostname: str | None
    image: str | None
    labels: Mapping[str, str | None] | None
    on_build: Sequence[str] | None
    open_stdin: bool | None
    stdin_once: bool | None
    tty: bool | None
    user: str | None
    volumes: Mapping[str, bool | None] | Iterable[str] | None
    working_dir: str | None
    #: Another word for `working_dir`.
    workdir: str | None
    exposed_ports: Mapping[str, bool | None] | Iterable[str] | None
    args_escaped: bool | None
    network_disabled: bool | None
    mac_address: str | None
    stop_signal: str | None
    shell: Sequence[str] | None


def _settable(cls: type[Any]) -> dict[str, Any]:
    kept = {"extra", "source", "rootfs", "config"}
    return {field.name: field.default for field in attrs.fields(cls) if field.name not in kept}


#: The defaults of the fields that can be set, by name.
FILE: Final = _settable(ConfigFile)
RUN: Final = _settable(Config)
_SYNONYMS: Final = {"workdir": "working_dir"}


def changed(file: ConfigFile, changes: Mapping[str, object]) -> ConfigFile:
    """
    Give a configuration with fields set or removed.

    Raises:
        ConfigInvalid: there is no such field, or it cannot have such a value.
    """
    outer: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for given, value in changes.items():
        name = _SYNONYMS.get(given, given)
        if name != given and name in changes:
            raise ConfigInvalid(field=given, reason=f"is {name}; give one of the two")
        if name in RUN:
            inner[name] = _run_value(name, value, file)
        elif name in FILE:
            outer[name] = FILE[name] if value is None else _value(name, FILE[name], value)
        else:
            raise ConfigInvalid(field=given, reason="there is no such field that can be set")
    config = evolve(file.config, **inner) if inner else file.config
    return evolve(file, config=config, **outer)


def merged(old: Mapping[str, str], changes: Mapping[str, str | None]) -> FrozenMap[str, str]:
    """
    Give a mapping with keys set, and those removed whose value is None.

    >>> merged({"a": "1", "b": "2"}, {"a": None, "c": "3"})
    FrozenMap({'b': '2', 'c': '3'})
    """
    both = {**old, **changes}
    return FrozenMap({key: value for key, value in both.items() if value is not None})


def merged_env(
    entries: Iterable[str], changes: Mapping[str, str | None], *, windows: bool = False
) -> tuple[str, ...]:
    """
    Give environment entries with variables set in place, added at the end, or removed.

    A variable that is there twice is there once afterwards: readers differ in which of
    the two they take. Windows knows no case in names; where one is both set and removed
    there, it is set.

    >>> merged_env(["A=1", "B=2"], {"B": None, "A": "3", "C": ""})
    ('A=3', 'C=')
    """

    def key(name: str) -> str:
        return name.upper() if windows else name

    gone = {key(name): None for name, value in changes.items() if value is None}
    new = {key(name): value for name, value in changes.items() if value is not None}
    wanted = {**gone, **new}
    done: set[str] = set()
    kept: list[str] = []
    for entry in entries:
        name = entry.partition("=")[0]
        value = wanted.get(key(name))
        if key(name) not in wanted:
            kept.append(entry)
        elif key(name) not in done and value is not None:
            kept.append(f"{name}={value}")
        done.add(key(name))
    added = (f"{name}={value}" for name, value in new.items() if name not in done)
    return (*kept, *added)


def check_time(field: str, text: str) -> str:
    """
    Return `text` when it is a time as image configurations take it (RFC 3339).

    Raises:
        ConfigInvalid: it is not.
    """
    if not _TIME.fullmatch(text):
        raise ConfigInvalid(field=field, reason=f"{text!r} is not like 2026-01-31T12:00:00Z")
    return text


def _run_value(name: str, value: object, file: ConfigFile) -> object:
    if value is None:
        return RUN[name]
    if name == "healthcheck":
        return _instance(name, Healthcheck, value)
    if name == "env" and isinstance(value, Mapping):
        windows = file.os == "windows"
        return merged_env(file.config.env, _variables(name, value), windows=windows)
    if name == "labels":
        return merged(file.config.labels, _texts_by_key(name, value))
    if isinstance(value, Mapping) and isinstance(RUN[name], frozenset):
        return _members(name, getattr(file.config, name), value)
    return _value(name, RUN[name], value)


def _value(name: str, default: object, value: object) -> object:
    if name == "history":
        return tuple(_instance(name, History, entry) for entry in _items(name, value))
    if name == "created":
        return check_time(name, _instance(name, str, value))
    return _BY_KIND[type(default)](name, value)


_WORDS: Final = {str: "text", bool: "true or false"}


def _instance(name: str, kind: type[Any], value: object) -> Any:
    if type(value) is not kind:
        wanted = _WORDS.get(kind, f"a {kind.__name__}")
        raise ConfigInvalid(field=name, reason=f"expected {wanted}, got {value!r}")
    return value


def _items(name: str, value: object) -> Iterable[object]:
    # Text is a sequence too, of its letters.
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise ConfigInvalid(field=name, reason=f"expected a sequence, got {value!r}")
    return cast("Iterable[object]", value)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping | Set):
        raise ConfigInvalid(field=name, reason=f"expected a sequence, got {value!r}")
    return tuple(_instance(name, str, item) for item in _items(name, value))


def _members(name: str, old: frozenset[str], changes: Mapping[Any, object]) -> frozenset[str]:
    wanted = {
        _instance(name, str, key): value is not None and _instance(name, bool, value)
        for key, value in changes.items()
    }
    there = {key for key, value in wanted.items() if value}
    return old.difference(wanted) | there


def _names(name: str, value: object) -> frozenset[str]:
    return frozenset(_instance(name, str, item) for item in _items(name, value))


def _texts_by_key(name: str, value: object) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        raise ConfigInvalid(field=name, reason=f"expected a mapping, got {value!r}")
    return {
        _instance(name, str, key): None if item is None else _instance(name, str, item)
        for key, item in value.items()
    }


def _variables(name: str, value: object) -> dict[str, str | None]:
    given = _texts_by_key(name, value)
    for key in given:
        if not key or "=" in key:
            raise ConfigInvalid(field=name, reason=f"{key!r} cannot be the name of a variable")
    return given


_BY_KIND: Final[dict[type, Callable[[str, object], object]]] = {
    str: lambda name, value: _instance(name, str, value),
    bool: lambda name, value: _instance(name, bool, value),
    tuple: _texts,
    frozenset: _names,
}
