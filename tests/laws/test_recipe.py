"""
Laws of pipelines that are written down.
"""

from __future__ import annotations

import json
import pickle
import tomllib
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content import empty
from ocikit.content.image import Content, Image, Index
from ocikit.mutate import recipe
from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.recipe import RecipeInvalid
from ocikit.testing import strategies as oci
from tests.laws.recipes import pipelines
from tests.query.builders import layer

TO_JSON: Final = (recipe.to_json, recipe.from_json)
TO_TOML: Final = (recipe.to_toml, recipe.from_toml)
LAYER: Final = layer("a")
both_ways = pytest.mark.parametrize(("write", "read"), [TO_JSON, TO_TOML])


class Names:
    """
    What a caller does for content that lies elsewhere: it names it, and finds it.
    """

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def name(self, content: Content) -> str:
        """
        Keep the content under its digest.
        """
        self.known[str(content.digest)] = content
        return str(content.digest)

    def find(self, name: str) -> Any:
        """
        Give it back.
        """
        return self.known[name]


@both_ways
@given(pipeline=pipelines)
def test_what_is_written_is_read(
    write: Callable[..., str], read: Callable[..., Pipeline], pipeline: Pipeline
) -> None:
    """
    The pipeline that is read is the one that was written: it compares, hashes, prints
    and pickles the same, and is written the same again.
    """
    names = Names()
    text = write(pipeline, image=names.name)
    again = read(text, image=names.find)
    assert again == pipeline
    assert hash(again) == hash(pipeline)
    # Sets have no order to print in.
    assert repr(again) == repr(pipeline) or "frozenset" in repr(pipeline)
    assert pickle.loads(pickle.dumps(again)) == pipeline
    assert write(again, image=names.name) == text


@given(pipelines)
def test_json_and_toml_say_the_same(pipeline: Pipeline) -> None:
    """
    Both have one shape: what is read of TOML is what is read of JSON.
    """
    names = Names()
    said = tomllib.loads(recipe.to_toml(pipeline, image=names.name))
    assert said == json.loads(recipe.to_json(pipeline, image=names.name))


@both_ways
@given(content=oci.images() | oci.indexes(), pipeline=oci.pipelines())
def test_what_is_read_does_the_same(
    write: Callable[..., str],
    read: Callable[..., Pipeline],
    content: Image | Index,
    pipeline: Pipeline,
) -> None:
    """
    The same image comes out, byte for byte.
    """
    names = Names()
    again = read(write(pipeline, image=names.name), image=names.find)
    assert again(content) == pipeline(content)


@given(oci.json_values(max_leaves=8) | st.text())
def test_reading_json_is_total(value: Any) -> None:
    """
    Whatever a document says, it is a pipeline or told to be none.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    _try(recipe.from_json, text)
    _try(recipe.from_json, json.dumps({"steps": [value]}))


@given(st.text() | st.text("[]{}.=\"'#\\\n ax1"))
def test_reading_toml_is_total(text: str) -> None:
    """
    Likewise.
    """
    _try(recipe.from_toml, text)


@given(pipelines, oci.json_values(), st.data())
def test_what_was_changed_anywhere_is_read_or_refused(
    pipeline: Pipeline, value: Any, data: st.DataObject
) -> None:
    """
    A good document with anything in any place of it is a pipeline or told to be none.
    """
    names = Names()
    tree = json.loads(recipe.to_json(pipeline, image=names.name))
    table, key = data.draw(st.sampled_from(list(places(tree))))
    if data.draw(st.booleans()):
        table[key] = value
    elif isinstance(table, dict):
        table[data.draw(st.sampled_from(["", "set", "remove", "stepz"]))] = table.pop(key)
    _try(recipe.from_json, json.dumps(tree))


def places(tree: Any) -> Any:
    """
    List the places of a value: a table or list, and where in it.
    """
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from places(tree[key])


def _try(read: Callable[..., Pipeline], text: str) -> None:
    try:
        made = read(text, layer=lambda _: LAYER, image=lambda _: empty.IMAGE)
    except RecipeInvalid as error:
        told = str(error)
        assert told.startswith("pipeline")
        return
    hash(made)
    names = Names()
    again = recipe.from_json(recipe.to_json(made, image=names.name), image=names.find)
    assert again == made
