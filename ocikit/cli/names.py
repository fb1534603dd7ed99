"""
Names and lists as people give them on the command line.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence

import click

from ocikit.crane.located import locate
from ocikit.crane.options import Options
from ocikit.digest import Digest
from ocikit.name.locator import RegistryPlace


def in_tarball(tarball: str, tags: Sequence[str]) -> list[str]:
    """
    Write tags of an archive, or the archive alone, as places.
    """
    return [f"docker-archive:{tarball}:{tag}" for tag in tags] or [f"docker-archive:{tarball}"]


def full_reference(place: str, digest: Digest, options: Options) -> str:
    """
    Write what was found as REPOSITORY@DIGEST.
    """
    locator = locate(place, options)
    if not isinstance(locator, RegistryPlace):
        raise click.UsageError(f"--full-ref goes with a registry's image, not with {place}")
    return str(locator.reference.repository.pin(digest))


def pairs(given: Sequence[str], option: str, *, split: bool = False) -> dict[str, str]:
    """
    Read KEY=VALUE texts; the last of a key wins.

    With `split` one text may hold several with commas between, as crane takes them; a
    comma that no KEY= follows belongs to the value.

    >>> pairs(["a=1,b=2", "c=x, y"], "--label", split=True)
    {'a': '1', 'b': '2', 'c': 'x, y'}
    """
    found: dict[str, str] = {}
    for text in [part for each in given for part in (_several(each) if split else [each])]:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.UsageError(f"{option} {text!r}: write it as KEY=VALUE")
        found[key] = value
    return found


def _several(text: str) -> list[str]:
    parts = next(csv.reader([text]), []) if text.count("=") > 1 else []
    return parts if parts and all("=" in part for part in parts) else [text]


def listed(given: Sequence[str]) -> tuple[str, ...]:
    """
    Read options that take lists: repeated, with commas between items, or one as JSON.

    An item with a comma is written in double quotes.

    >>> listed(["a,b", "c"]), listed(['"a,b"']), listed(['["/bin/sh", "-c", "a, b"]'])
    (('a', 'b', 'c'), ('a,b',), ('/bin/sh', '-c', 'a, b'))
    """
    items: list[str] = []
    for text in given:
        items += _json(text) if text.startswith("[") else next(csv.reader([text]), [])
    return tuple(item for item in items if item)


def _json(text: str) -> list[str]:
    try:
        items = json.loads(text)
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise click.UsageError(f"{text!r}: what begins with [ is a JSON list of texts")
    return items


def paths(given: Sequence[str]) -> tuple[str, ...]:
    """
    Read options that take paths: repeated, or with commas between those that exist.
    """
    return tuple(
        path
        for text in given
        for path in ([text] if text == "-" or os.path.lexists(text) else listed([text]))
    )
