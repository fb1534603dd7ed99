"""
Pipelines that are written down in files.
"""

from __future__ import annotations

import os
from typing import Any, Final

import click

from ocikit._records import evolve
from ocikit.cli.layers import layer_of, stdin
from ocikit.content.image import Content
from ocikit.content.layer import Layer
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.files.opener import FileMissing
from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.recipe import MAX_SIZE, from_json, from_toml

_LAYER: Final = frozenset(["path", "into", "owner", "mode"])
_NAMES: Final = "path, into, owner and mode"


def recipe(path: str, options: Options) -> Pipeline:
    """
    Read a pipeline of a file, or of stdin for `-`, in TOML or JSON.

    A layer in it is a path, from the folder of the file on, or a table of `path`, `into`,
    `owner` and `mode`; an image is any place.

    Raises:
        RecipeInvalid: it is no pipeline.
    """
    folder = "" if path == "-" else os.path.dirname(path)
    everything = evolve(options, platforms=())

    def layer(value: Any) -> Layer:
        return _layer(value, folder)

    def image(value: Any) -> Content:
        if not isinstance(value, str):
            raise click.UsageError(f"{path}: {value!r}: an image is named by its place, as text")
        return load(value, everything)

    text = _text(path)
    # No table of TOML begins so: `{` stands after an equals sign only.
    read = from_json if text.lstrip().startswith("{") else from_toml
    return read(text, layer=layer, image=image)


def _text(path: str) -> str:
    try:
        if path == "-":
            return stdin("a recipe").read(MAX_SIZE + 1).decode()
        with open(path, "rb") as file:
            return file.read(MAX_SIZE + 1).decode()
    except FileNotFoundError:
        raise FileMissing(path=path) from None
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path}: is no recipe: {error}") from None


def _layer(value: Any, folder: str) -> Layer:
    said: Any = {"path": value} if isinstance(value, str) else value
    if not isinstance(said, dict) or "path" not in said or not said.keys() <= _LAYER:
        raise click.UsageError(f"layer {value!r}: write a path, or a table of {_NAMES}")
    if not all(isinstance(each, str) for each in said.values()):
        raise click.UsageError(f"layer {value!r}: {_NAMES} are texts")
    rest = {name: text for name, text in said.items() if name != "path"}
    return layer_of(os.path.join(folder, said["path"]), **rest)
