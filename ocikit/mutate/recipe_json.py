"""
Pipelines as JSON that people like to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from ocikit.mutate.recipe_faults import RecipeInvalid

#: What is not longer is written on one line.
WIDTH: Final = 100


def dumps(tree: Any) -> str:
    """
    Write a value; what fits on a line is on one.

    >>> print(dumps({"steps": [{"to-oci": {}}]}), end="")
    {"steps": [{"to-oci": {}}]}
    """
    return "".join(_pieces(tree, "", 0)) + "\n"


def _pieces(value: Any, indent: str, used: int) -> Iterator[str]:
    short = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or used + len(short) <= WIDTH:
        yield short
        return
    deeper, comma = indent + "  ", ""
    table = isinstance(value, dict)
    yield "{" if table else "["
    for name in value:
        label = f"{json.dumps(name, ensure_ascii=False)}: " if table else ""
        yield f"{comma}\n{deeper}{label}"
        inner = value[name] if table else name
        yield from _pieces(inner, deeper, len(deeper) + len(label) + 1)
        comma = ","
    yield f"\n{indent}{'}' if table else ']'}"


def loads(text: str) -> Any:
    """
    Read a value strictly; see `spec.gojson.loads`.

    Raises:
        RecipeInvalid: it is no JSON, or not one that all readers read alike.
    """
    from ocikit.spec import gojson

    try:
        return gojson.loads(text.encode("utf-8", "surrogatepass"), "JSON")
    except gojson.JSONInvalid as error:
        raise RecipeInvalid(reason=f"not JSON: {error.problems[0][1]}") from error
