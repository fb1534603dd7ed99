"""
Places completed by the shell: their kinds, paths, and the names in a layout.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import click

from ocikit.errors import OciError

#: By the prefix of a place: whether it is a file.
_KINDS: Final = {
    "oci": False,
    "oci-archive": True,
    "docker-archive": True,
    "dir": False,
}
_OTHERS: Final = ("docker://", "docker-daemon:")
_ENDINGS: Final = (".tar", ".tgz", ".tar.gz", ".tar.zst", ".tar.xz")


def places(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """
    Say how a place may go on that was begun; registries are not asked.
    """
    with suppress(OSError, OciError, ValueError):
        return list(_places(incomplete))
    return []


def _places(text: str) -> Iterator[str]:
    kind, colon, rest = text.partition(":")
    if not colon:
        prefixes = sorted([*(f"{kind}:" for kind in _KINDS), *_OTHERS])
        yield from (prefix for prefix in prefixes if prefix.startswith(text))
        return
    if kind not in _KINDS:
        return
    path, colon, name = rest.partition(":")
    if not colon or kind == "dir":
        yield from (f"{kind}:{found}" for found in _paths(rest, _KINDS[kind]))
    elif kind == "oci":
        yield from (f"{kind}:{path}:{found}" for found in _names(path) if found.startswith(name))


def _paths(begun: str, files: bool) -> Iterator[str]:
    folder, name = os.path.split(begun)
    with os.scandir(folder or ".") as there:
        found = sorted((each.name, each.is_dir()) for each in there)
    for each, is_folder in found:
        # What is hidden is shown to who asks for it.
        if not each.startswith(name) or (each.startswith(".") and not name.startswith(".")):
            continue
        path = os.path.join(folder, each)
        if is_folder:
            yield f"{path}/"
            if not files and os.path.exists(os.path.join(path, "index.json")):
                yield path
        elif files and each.endswith(_ENDINGS):
            yield path


def _names(path: str) -> Iterator[str]:
    from ocikit.layout.load import entries
    from ocikit.spec.layout import REF_NAME

    for at, entry in enumerate(entries(path)):
        yield entry.annotations.get(REF_NAME) or f"@{at}"
