"""
Facts as rows for tables: flat, of plain values, with columns that stay.

Whatever makes tables of dictionaries, or reads JSON lines, takes them: `csv.DictWriter`,
`pandas.DataFrame(rows)`, `polars.DataFrame(rows)`, duckdb's `read_json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from ocikit.bulk.inventory import (
    BASE_DIGEST,
    BASE_NAME,
    REVISION,
    SOURCE,
    VERSION,
    Facts,
    ImageFacts,
)
from ocikit.bulk.outcome import Failed, Ok, kind_of, text_of

#: A value of a table; None for what is not said.
Value: TypeAlias = str | int | bool | None

#: The columns of `rows`, in order. New ones come last.
COLUMNS: Final = (
    *("reference", "kind", "digest", "media_type"),
    *("image", "platform", "artifact_type", "created", "size", "layers", "user"),
    *("base_name", "base_digest", "source", "revision", "version"),
    *("missing", "error", "error_text"),
)
#: The columns of `layer_rows`, in order. New ones come last.
LAYER_COLUMNS: Final = (
    *("reference", "image", "platform"),
    *("position", "layer", "diff_id", "size", "media_type"),
)

#: A column of an image, and the annotation or label that it holds.
_SAID: Final = {
    "base_name": BASE_NAME,
    "base_digest": BASE_DIGEST,
    "source": SOURCE,
    "revision": REVISION,
    "version": VERSION,
}

Scanned: TypeAlias = Ok[Any, Facts] | Failed[Any]


def rows(outcomes: Iterable[Scanned], *, labels: Sequence[str] = ()) -> Iterator[dict[str, Value]]:
    """
    Give a row for each image, and one for each reference that has none or that failed.

    Args:
        outcomes: what `bulk.scan` gave.
        labels: labels or annotations that have columns of their own, after `COLUMNS`,
            named as "label:team".

    >>> from ocikit.bulk.inventory import facts
    >>> from ocikit.content.empty import IMAGE
    >>> [row] = rows([Ok(reference="app:1", value=facts(IMAGE))], labels=["team"])
    >>> row["reference"], row["kind"], row["layers"], row["label:team"]
    ('app:1', 'image', 0, None)
    """
    named = {label: f"label:{label}" for label in labels}
    blank = dict[str, Value].fromkeys((*COLUMNS, *named.values()))
    for outcome in outcomes:
        start = {**blank, "reference": str(outcome.reference)}
        if isinstance(outcome, Failed):
            error = outcome.error
            yield {**start, "error": kind_of(error), "error_text": text_of(error)}
            continue
        found = outcome.value
        start |= {"kind": found.kind, "digest": found.digest, "media_type": found.media_type}
        if not found.images:
            yield {**start, "size": found.size}
        for image in found.images:
            said = {column: image.says(label) or None for label, column in named.items()}
            yield {**start, **_of_image(image), **said}


def layer_rows(outcomes: Iterable[Scanned]) -> Iterator[dict[str, Value]]:
    """
    Give a row for each layer of each image; positions count from 1, the lowest.

    >>> from ocikit.bulk.inventory import facts
    >>> from ocikit.content.empty import IMAGE
    >>> list(layer_rows([Ok(reference="app:1", value=facts(IMAGE))]))
    []
    """
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            continue
        for image in outcome.value.images:
            for position, layer in enumerate(image.layers, 1):
                yield {
                    "reference": str(outcome.reference),
                    "image": image.digest,
                    "platform": image.platform or None,
                    "position": position,
                    "layer": layer.digest,
                    "diff_id": layer.diff_id or None,
                    "size": layer.size,
                    "media_type": layer.media_type,
                }


def _of_image(image: ImageFacts) -> dict[str, Value]:
    return {
        "image": image.digest,
        "platform": image.platform or None,
        "artifact_type": image.artifact_type or None,
        "created": image.created or None,
        "size": image.size,
        "layers": None if image.missing else len(image.layers),
        "user": image.user or None,
        **{column: image.says(key) or None for column, key in _SAID.items()},
        "missing": image.missing,
    }
