"""
What users of crane, skopeo and oras type, where it does not mean something else here.

These are other words for options and commands that we have; the help does not list them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import click

from ocikit.cli.access import AccessOption, option

#: Commands that others call so, by the words that they are here.
WORDS: Final = {
    "cp": ("copy",),
    "list": ("ls",),
    "list-tags": ("ls",),
    "login": ("auth", "login"),
    "logout": ("auth", "logout"),
    "mod": ("mutate",),
    "resolve": ("digest",),
    "rm": ("delete",),
}

#: What a bool may be called, in Go's flags.
_TRUE: Final = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE: Final = frozenset(("0", "f", "F", "false", "FALSE", "False"))


def _hidden(*names: str, **rest: Any) -> Callable[[Any], Any]:
    return option(*names, cls=AccessOption, hidden=True, **rest)


def _flag(*names: str) -> Callable[[Any], Any]:
    return _hidden(*names, is_flag=True, default=None)


#: By the name of what they set. skopeo's can be switched off: --tls-verify=false.
OPTIONS: Final = {
    "tls_verify": _flag("--tls-verify/--no-tls-verify"),
    "src_tls_verify": _flag("--src-tls-verify/--no-src-tls-verify"),
    "dest_tls_verify": _flag("--dest-tls-verify/--no-dest-tls-verify"),
    "plain_http": _flag("--plain-http"),
    "from_plain": _flag("--from-plain-http", "--from-insecure", "from_plain"),
    "to_plain": _flag("--to-plain-http", "--to-insecure", "to_plain"),
    "registry_config": _hidden("--registry-config", metavar="FILE"),
    "from_registry_config": _hidden("--from-registry-config", metavar="FILE"),
    "to_registry_config": _hidden("--to-registry-config", metavar="FILE"),
    "concurrency": _hidden(
        "--concurrency",
        "--image-parallel-copies",
        "concurrency",
        type=click.IntRange(min=0),
        metavar="N",
    ),
    "no_tty": _flag("--no-tty"),
}

#: By what was said: the option that it is another word for, and what that is told.
_MEANT: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "tls_verify": ("insecure", lambda said: not said),
    "src_tls_verify": ("src_insecure", lambda said: not said),
    "dest_tls_verify": ("dest_insecure", lambda said: not said),
    "plain_http": ("insecure", bool),
    "from_plain": ("src_insecure", bool),
    "to_plain": ("dest_insecure", bool),
    "registry_config": ("authfile", str),
    "from_registry_config": ("src_authfile", str),
    "to_registry_config": ("dest_authfile", str),
    "concurrency": ("jobs", int),
    "no_tty": ("progress", lambda said: "lines" if said else ""),
}


def meant(said: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give what was said in our own words; these win where both were said.

    >>> meant({"tls_verify": False, "jobs": 2, "concurrency": 8})
    {'insecure': True, 'jobs': 2}
    """
    ours = {name: value for name, value in said.items() if name not in _MEANT}
    theirs: dict[str, Any] = {}
    for name, value in said.items():
        if name in _MEANT and value is not None:
            target, turned = _MEANT[name]
            theirs[target] = turned(value) or theirs.get(target)
    return {**theirs, **{name: value for name, value in ours.items() if _wins(name, value, theirs)}}


def _wins(name: str, value: Any, theirs: Mapping[str, Any]) -> bool:
    return bool(value) or name not in theirs


def plain(command: click.Command, args: Sequence[str]) -> list[str]:
    """
    Write `--flag=true` and `--flag=false`, as Go's programs take them, as we do.

    Only flags that the command has are meant, and nothing after `--`.
    """
    ends = args.index("--") if "--" in args else len(args)
    flags = {
        name: each
        for each in command.params
        if isinstance(each, click.Option) and each.is_flag and not each.count
        for name in each.opts
    }
    return [*_rewritten(args[:ends], flags), *args[ends:]]


def _rewritten(args: Sequence[str], flags: Mapping[str, click.Option]) -> Iterator[str]:
    for arg in args:
        name, equals, value = arg.partition("=")
        if not equals or name not in flags or value not in _TRUE | _FALSE:
            yield arg
        elif value in _TRUE:
            yield name
        else:
            # What is off by itself need not be switched off.
            yield from flags[name].secondary_opts[:1]
