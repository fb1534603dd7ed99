"""
The written forms of what other documents and tools have a spelling for already.

Digests, platforms and compressions are text. Descriptors, entries of history and the like
are the JSON objects that manifests and configurations have; what JSON says there and TOML
cannot is text that holds the JSON.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any, Final

from ocikit import platforms
from ocikit._records import evolve
from ocikit.content import compression
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.digest import Digest
from ocikit.mutate.recipe_faults import NotWritable, RecipeInvalid
from ocikit.mutate.recipe_form import INTEGER, TEXT, Form, Hooks, made, read, spelt
from ocikit.platforms import Platform
from ocikit.spec.gojson import JSONInvalid, Number, dumps, loads


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


DIGEST: Final = spelt(Digest, "a digest such as sha256:2c26b4…", Digest.parse)
BYTES: Final = spelt(
    bytes, "bytes in base64", _bytes, lambda data: base64.b64encode(data).decode("ascii")
)
COMPRESSION: Final = spelt((Gzip, Zstd, Plain), "a compression such as zstd:19", compression.parse)


def object_of(cls: type[Any], said: str) -> Form:
    """
    Give the form of a record that is part of a document of the specifications.
    """

    def from_tree(value: Any, hooks: Hooks) -> Any:
        from ocikit.spec.converter import structure

        try:
            members = loads(read(TEXT, value, hooks).encode()) if type(value) is str else value
            return structure(members, cls, said)
        except JSONInvalid as error:
            raise RecipeInvalid(reason=f"expected {said}; {_problems(error)}") from error

    def to_tree(value: Any, hooks: Hooks) -> Any:
        from ocikit.spec.encode import unstructure

        members = unstructure(value)
        tree = members if is_plain(members) else dumps(members).decode()
        try:
            # A record made by hand may hold anything.
            from_tree(tree, hooks)
        except RecipeInvalid as error:
            raise NotWritable(reason=error.reason) from error
        return tree

    return Form(
        said=said,
        takes=frozenset([str, dict]),
        holds=lambda value: isinstance(value, cls),
        from_tree=from_tree,
        to_tree=to_tree,
    )


def _problems(error: JSONInvalid) -> str:
    return str(evolve(error, what="")).removeprefix(": ")


def _platform() -> Form:
    said = "a platform such as linux/arm64"
    members = object_of(Platform, said)

    def from_tree(value: Any, hooks: Hooks) -> Any:
        if type(value) is str and not value.startswith("{"):
            return made(said, platforms.parse, value)
        return members.from_tree(value, hooks)

    def to_tree(value: Platform, hooks: Hooks) -> Any:
        text = str(value)
        try:
            same = platforms.parse(text) == value
        except platforms.PlatformInvalid:
            same = False
        return text if same else members.to_tree(value, hooks)

    return evolve(members, from_tree=from_tree, to_tree=to_tree)


#: Text where that says all of it, else the object that indexes have.
PLATFORM: Final = _platform()


def is_plain(value: Any) -> bool:
    """
    Tell whether JSON and TOML both can say a value, and readers of both agree on it.
    """
    match value:
        case dict():
            return all(TEXT.holds(name) and is_plain(each) for name, each in value.items())
        case list():
            return all(is_plain(each) for each in value)
        case Number():
            return False
        case float():
            return math.isfinite(value)
        case _:
            return TEXT.holds(value) or INTEGER.holds(value) or type(value) is bool


def check_plain(value: Any) -> Any:
    """
    Return a value that somebody else made, when it can be written down.

    Raises:
        NotWritable: it is no plain value.
    """
    if not is_plain(value):
        reason = f"expected text, numbers, lists and tables, got {value!r:.200}"
        raise NotWritable(reason=reason)
    return value
