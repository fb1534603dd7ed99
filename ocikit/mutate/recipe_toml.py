"""
Pipelines as TOML 1.0.

Each step is a table of its own, and each thing it says a line, under dotted keys; so that
the order of what is set is that of the lines.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from ocikit._regex import regex
from ocikit.mutate.recipe_faults import RecipeInvalid, within
from ocikit.spec.gojson import MAX_DEPTH, too_deep

#: What is not longer is written on one line.
WIDTH: Final = 100

_BARE = regex(r"[A-Za-z0-9_-]+")
_CONTROL = regex('[\x00-\x1f\x7f"\\\\]')
_ESCAPES: Final = {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\",
}  # fmt: skip


def dumps(tree: dict[str, Any]) -> str:
    """
    Write the table of a pipeline.

    >>> print(dumps({"steps": [{"set-env": {"set": {"A": "1"}}}, {"to-oci": {}}]}), end="")
    [[steps]]
    set-env.set.A = "1"
    <BLANKLINE>
    [[steps]]
    to-oci = {}
    """
    return "\n".join(_pipeline(tree, ())).lstrip("\n") + "\n"


def _pipeline(tree: dict[str, Any], above: tuple[str, ...]) -> Iterator[str]:
    if above and (len(tree) > 1 or not tree["steps"]):
        yield f"[{_key(above)}]"
    # Whatever stands behind a header belongs to it.
    for name, value in tree.items():
        if name != "steps" or not value:
            yield from _lines((name,), value)
    here = (*above, "steps")
    for step in tree["steps"]:
        yield ""
        yield f"[[{_key(here)}]]"
        for name, value in step.items():
            if name == "pipeline":
                yield from _pipeline(value, (*here, name))
            else:
                yield from _lines((name,), value)


def _lines(path: tuple[str, ...], value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _lines((*path, name), inner)
        return
    line = f"{_key(path)} = {_value(value)}"
    if isinstance(value, list) and len(line) > WIDTH:
        items = "".join(f"    {_value(item)},\n" for item in value)
        line = f"{_key(path)} = [\n{items}]"
    yield line


def _key(path: tuple[str, ...]) -> str:
    return ".".join(name if _BARE.fullmatch(name) else _text(name) for name in path)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key((name,))} = {_value(inner)}" for name, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    # Truth values and numbers are written alike in both.
    return json.dumps(value)


def _text(text: str) -> str:
    escaped = _CONTROL.sub(lambda found: _ESCAPES.get(found[0], f"\\u{ord(found[0]):04x}"), text)
    return f'"{escaped}"'


#: Text and comments: dots in them part no keys. What is not ended goes on to where it
#: must end, so that nothing is looked at twice.
_QUOTED: Final = regex(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']++|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]++|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_BETWEEN: Final = regex(r"[=,\[\]{}\n]")


def loads(text: str) -> Any:
    """
    Read a table.

    Raises:
        RecipeInvalid: it is no TOML, or nested deeper than 64 levels, or says what JSON
            cannot: times and numbers that are none.
    """
    import tomllib

    # The time that tomllib takes for a dotted key grows with the square of its parts.
    if any(key.count(".") >= MAX_DEPTH for key in _BETWEEN.split(_QUOTED.sub("''", text))):
        raise RecipeInvalid(reason=_TOO_DEEP)
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        raise RecipeInvalid(reason=_TOO_DEEP) from None
    except ValueError as error:
        raise RecipeInvalid(reason=f"not TOML: {error}") from error
    if too_deep(tree):
        raise RecipeInvalid(reason=_TOO_DEEP)
    _check(tree)
    return tree


_TOO_DEEP: Final = f"nested deeper than {MAX_DEPTH} levels"


def _check(value: Any) -> None:
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            with within(name):
                _check(inner)
    elif isinstance(value, float) and not math.isfinite(value):
        raise RecipeInvalid(reason=f"{value} is no number")
    elif not isinstance(value, str | int | float):
        raise RecipeInvalid(reason=f'times are written as text: "{value}"')
