"""
Pipelines written down, as JSON or TOML, and read again.

    {"steps": [
        {"set-env": {"set": {"MODE": "prod"}, "remove": ["DEBUG"]}},
        {"canonical": {}},
        {"keep": {"platform": "linux/arm64"}}
    ]}

Each step is a table of one member: its name in `ocikit.mutate.steps` with hyphens, and in
it its fields by theirs. A step that has one field, or needs only one, has that in place of
a table of fields. What has its default is left out, and what is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from ocikit._records import JSON, FrozenMap
from ocikit.mutate.recipe_faults import NotWritable, RecipeInvalid

if TYPE_CHECKING:
    from ocikit.content.image import Content
    from ocikit.content.layer import Layer
    from ocikit.mutate.pipeline import Pipeline
    from ocikit.mutate.recipe_form import Hooks

__all__ = [
    "MAX_SIZE",
    "NotWritable",
    "RecipeInvalid",
    "from_json",
    "from_toml",
    "to_json",
    "to_toml",
]

#: The largest document that is read or written, in bytes.
MAX_SIZE: Final = 4 << 20


def to_json(
    pipeline: Pipeline,
    *,
    layer: Callable[[Layer], JSON] | None = None,
    image: Callable[[Content], JSON] | None = None,
    steps: Iterable[type[Any]] = (),
) -> str:
    """
    Write a pipeline as JSON.

    Args:
        pipeline: its steps are records.
        layer: gives what a layer is found again by, such as a path; None to write the
            layer itself, which is done for those in memory of up to 1 MiB.
        image: gives what an image, an index or a blob is found again by.
        steps: classes of steps of your own, made by attrs.

    Raises:
        NotWritable: there is something in it that cannot be written down.

    >>> from ocikit.mutate.pipeline import Pipeline
    >>> from ocikit.mutate.steps import SetEnv, SetPlatform
    >>> print(to_json(Pipeline([SetEnv({"A": "1"}), SetPlatform("linux")])), end="")
    {"steps": [{"set-env": {"set": {"A": "1"}}}, {"set-platform": "linux"}]}
    """
    from ocikit.mutate.recipe_json import dumps

    return _bounded(dumps(_to_tree(pipeline, _hooks(layer, image, steps))))


def from_json(
    text: str,
    layer: Callable[[Any], Layer] | None = None,
    image: Callable[[Any], Content] | None = None,
    steps: Iterable[type[Any]] = (),
) -> Pipeline:
    """
    Read a pipeline of JSON.

    Args:
        text: up to 4 MiB.
        layer: gives the layer that is meant by a value, such as a path: any value but a
            table with a `descriptor`, which is a layer itself.
        image: gives the image, index or blob that is meant by a value.
        steps: classes of further steps, as for `to_json`.

    Raises:
        RecipeInvalid: it is no pipeline; the error says where, and what was expected.

    >>> from_json('{"steps": [{"keep": {"platform": "linux/arm64"}}]}').steps
    (Keep(match=Satisfies(wanted=Platform(architecture='arm64', os='linux', ...))),)
    """
    from ocikit.mutate.recipe_json import loads

    return _from_tree(text, loads, _hooks(layer, image, steps))


def to_toml(
    pipeline: Pipeline,
    *,
    layer: Callable[[Layer], JSON] | None = None,
    image: Callable[[Content], JSON] | None = None,
    steps: Iterable[type[Any]] = (),
) -> str:
    """
    Write a pipeline as TOML; see `to_json`.

    Raises:
        NotWritable: there is something in it that cannot be written down.

    >>> from ocikit.mutate.pipeline import Pipeline
    >>> from ocikit.mutate.steps import SetEnv
    >>> print(to_toml(Pipeline([SetEnv({"A": "1"}, ["B"])])), end="")
    [[steps]]
    set-env.set.A = "1"
    set-env.remove = ["B"]
    """
    from ocikit.mutate.recipe_toml import dumps

    return _bounded(dumps(_to_tree(pipeline, _hooks(layer, image, steps))))


def from_toml(
    text: str,
    layer: Callable[[Any], Layer] | None = None,
    image: Callable[[Any], Content] | None = None,
    steps: Iterable[type[Any]] = (),
) -> Pipeline:
    """
    Read a pipeline of TOML; see `from_json`.

    Raises:
        RecipeInvalid: it is no pipeline; the error says where, and what was expected.

    >>> from_toml("steps = [{ to-oci = {} }]")
    Pipeline(steps=(ToOCI(),), select=None, attestations='relink')
    """
    from ocikit.mutate.recipe_toml import loads

    return _from_tree(text, loads, _hooks(layer, image, steps))


def _hooks(
    layer: Callable[[Any], Any] | None,
    image: Callable[[Any], Any] | None,
    steps: Iterable[type[Any]],
) -> Hooks:
    from ocikit.mutate.recipe_form import Hooks
    from ocikit.mutate.recipe_tables import step_name
    from ocikit.mutate.recipe_types import known_steps

    known = dict(known_steps())
    for cls in steps:
        name = step_name(cls)
        if not attrs.has(cls) or known.setdefault(name, cls) is not cls:
            reason = "there is another step of its name" if attrs.has(cls) else "is no attrs class"
            raise TypeError(f"{cls.__name__}: {reason}")
    return Hooks(layer=layer, image=image, steps=FrozenMap(known))


def _to_tree(pipeline: Pipeline, hooks: Hooks) -> dict[str, Any]:
    from ocikit.mutate.pipeline import Pipeline
    from ocikit.mutate.recipe_form import write
    from ocikit.mutate.recipe_types import table_of
    from ocikit.spec.gojson import too_deep

    try:
        tree = write(table_of(Pipeline), pipeline, hooks)
    except RecursionError:
        raise NotWritable(reason="nested too deeply") from None
    if too_deep(tree):
        raise NotWritable(reason="nested too deeply")
    return cast("dict[str, Any]", tree)


def _from_tree(text: str, loads: Callable[[str], Any], hooks: Hooks) -> Pipeline:
    from ocikit.mutate.pipeline import Pipeline
    from ocikit.mutate.recipe_form import read
    from ocikit.mutate.recipe_types import table_of

    if len(text) > MAX_SIZE:
        raise RecipeInvalid(reason=f"larger than {MAX_SIZE} bytes")
    return cast("Pipeline", read(table_of(Pipeline), loads(text), hooks))


def _bounded(text: str) -> str:
    size = len(text.encode())
    if size > MAX_SIZE:
        raise NotWritable(reason=f"{size} bytes are more than the {MAX_SIZE} that are read")
    return text
