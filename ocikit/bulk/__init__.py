"""
Work over many images, on threads or on any engine that is an executor.

`map` calls any function with each of many references, `copy`, `scan` and `delete` are verbs
over many; each gives an outcome for each, `Ok` or `Failed`. `rows` and `layer_rows` make
tables of what a scan gave. `copy_recursive` and `collect` are verbs over the repositories of
a registry.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.bulk.inventory import Facts, ImageFacts, LayerFacts, facts
    from ocikit.bulk.journal import (
        Journal,
        JournalInUse,
        JournalOfAnother,
        NotAJournal,
        ValueNotJSON,
    )
    from ocikit.bulk.lacking import Lack, Need
    from ocikit.bulk.mapping import BoundInvalid, map  # noqa: A004  # as executors call it
    from ocikit.bulk.outcome import Failed, ForeignError, Ok, Outcome, WorkerLost
    from ocikit.bulk.recursive import Collected, collect, copy_recursive
    from ocikit.bulk.tables import COLUMNS, LAYER_COLUMNS, layer_rows, rows
    from ocikit.bulk.verbs import copy, delete, scan

__all__ = [
    "COLUMNS",
    "LAYER_COLUMNS",
    "BoundInvalid",
    "Collected",
    "Facts",
    "Failed",
    "ForeignError",
    "ImageFacts",
    "Journal",
    "JournalInUse",
    "JournalOfAnother",
    "Lack",
    "LayerFacts",
    "Need",
    "NotAJournal",
    "Ok",
    "Outcome",
    "ValueNotJSON",
    "WorkerLost",
    "collect",
    "copy",
    "copy_recursive",
    "delete",
    "facts",
    "layer_rows",
    "map",
    "rows",
    "scan",
]

door(
    __name__,
    {
        "ocikit.bulk.inventory": "Facts ImageFacts LayerFacts facts",
        "ocikit.bulk.journal": "Journal JournalInUse JournalOfAnother NotAJournal ValueNotJSON",
        "ocikit.bulk.lacking": "Lack Need",
        "ocikit.bulk.mapping": "BoundInvalid map",
        "ocikit.bulk.outcome": "Failed ForeignError Ok Outcome WorkerLost",
        "ocikit.bulk.recursive": "Collected collect copy_recursive",
        "ocikit.bulk.tables": "COLUMNS LAYER_COLUMNS layer_rows rows",
        "ocikit.bulk.verbs": "copy delete scan",
    },
)
