"""
Why a registry gets the credentials that it gets: what was asked, in order, and what it said.

The keychains are asked as they always are, helpers too; what they have is described, and
never shown.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ocikit.auth.cached import Cached
from ocikit.auth.combine import FirstOf, ForHosts
from ocikit.auth.configfile import ConfigFile, read, surroundings, tried
from ocikit.auth.default import EXPLICIT, INLINE, Default, sources
from ocikit.auth.github import GitHub
from ocikit.auth.given import Given
from ocikit.auth.keys import levels
from ocikit.auth.offers import Explaining
from ocikit.auth.step import Step, describe
from ocikit.errors import OciError
from ocikit.http.credentials import Anonymous, Keychain, Resource

_NOT_ASKED: Final = "not asked"


def explain(keychain: Keychain, resource: Resource) -> tuple[Step, ...]:
    """
    Tell what a keychain does to find the credentials for a registry or repository.

    The last step that was asked is the one that answers, or that failed.

    >>> from ocikit.auth.github import github
    >>> from ocikit.name.records import Registry
    >>> [str(step) for step in explain(github({"GITHUB_TOKEN": "t"}), Registry("ghcr.io"))]
    ['GITHUB_TOKEN: a password of unset']
    """
    steps: list[Step] = []
    over = False
    for source, ask in _places(keychain, resource):
        if over:
            steps.append(Step(source=source, said=_NOT_ASKED))
            continue
        try:
            for step in ask():
                steps.append(step)
                over = over or step.answers
                if over:
                    break
        except OciError as error:
            # One that fails ends the search, lest others be told for it.
            steps.append(Step(source=source, said=str(error)))
            over = True
    return tuple(steps)


_Place = tuple[str, Callable[[], Iterator[Step]]]


def _places(keychain: Any, resource: Resource) -> Iterator[_Place]:
    # To a type checker a function is no record; here it may be either.
    match keychain:
        case FirstOf(keychains):
            for each in keychains:
                yield from _places(each, resource)
        case Given():
            yield "given", _given(keychain, resource)
            yield from _places(keychain.rest, resource)
        case Default():
            environ = surroundings(keychain.environ)
            for name, part in ((INLINE, "env"), (EXPLICIT, "podman")):
                if part in keychain.parts and not environ.get(name, "").strip():
                    yield name, _constantly(Step(source=name, said="not set"))
            for name, load in sources(environ, keychain.parts):
                yield name, _file(name, load, resource, environ)
        case ConfigFile(path=path):
            environ = surroundings(keychain.environ)
            yield path, _file(path, lambda: read(path), resource, environ)
        case GitHub():
            yield "GITHUB_TOKEN", _one("GITHUB_TOKEN", keychain, resource)
        case Cached():
            # What is kept was found in the same way.
            yield from _places(keychain.keychain, resource)
        case ForHosts() if not keychain.is_asked(resource):
            name = _name(keychain.keychain)
            said = f"it is asked for {' and '.join(keychain.globs)} only"
            yield name, _constantly(Step(source=name, said=said))
        case ForHosts():
            yield from _places(keychain.keychain, resource)
        case Explaining():
            yield _name(keychain).lower(), functools.partial(keychain.steps, resource)
        case _:
            yield _name(keychain), _one(_name(keychain), keychain, resource)


def _name(keychain: object) -> str:
    return getattr(keychain, "__name__", type(keychain).__name__)


def _constantly(step: Step) -> Callable[[], Iterator[Step]]:
    return lambda: iter([step])


def _one(source: str, keychain: Keychain, resource: Resource) -> Callable[[], Iterator[Step]]:
    def ask() -> Iterator[Step]:
        found = keychain(resource)
        yield Step(source=source, said=describe(found), answers=found != Anonymous())

    return ask


def _given(keychain: Given, resource: Resource) -> Callable[[], Iterator[Step]]:
    def ask() -> Iterator[Step]:
        key = keychain.key_for(resource)
        if key is None:
            yield Step(source="given", said=f"nothing for {' nor '.join(levels(resource))}")
            return
        found = keychain.entries[key]
        entry = f"for {key}" if key else "for the only registry"
        yield Step(source="given", entry=entry, said=describe(found), answers=True)

    return ask


def _file(
    name: str,
    load: Callable[[], dict[str, Any]],
    resource: Resource,
    environ: Mapping[str, str],
) -> Callable[[], Iterator[Step]]:
    def ask() -> Iterator[Step]:
        config, entry = load(), ""
        for entry, found in tried(config, resource, name, environ):
            answers = found != Anonymous()
            yield Step(source=name, entry=entry, said=describe(found), answers=answers)
        if not entry:
            missing = name != INLINE and not os.path.exists(name)
            keys = " nor ".join(levels(resource))
            said = "there is no such file" if missing else f"it has nothing for {keys}"
            yield Step(source=name, said=said)

    return ask
