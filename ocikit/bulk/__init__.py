"""
Work over many images, on threads or on any engine that is an executor.

`map` calls any function with each of many references, `copy`, `scan` and `delete` are verbs
over many; each gives an outcome for each, `Ok` or `Failed`. `rows` and `layer_rows` make
tables of what a scan gave. `copy_recursive` and `collect` are verbs over the repositories of
a registry. `sync` keeps registries and layouts in sync, as a file says that `read_sync` reads;
`survey_sync` tells what it would do.

An engine without an executor of its own is given one; for Ray it is:

    class RayExecutor(concurrent.futures.Executor):
        def submit(self, function, /, *args, **kwargs):
            return ray.remote(function).remote(*args, **kwargs).future()
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
    from ocikit.bulk.sync import summary, survey_sync, sync
    from ocikit.bulk.sync_actions import Action, Result, Summary
    from ocikit.bulk.sync_entries import SyncFile
    from ocikit.bulk.sync_faults import SyncInvalid
    from ocikit.bulk.sync_file import read_sync
    from ocikit.bulk.sync_survey import Choice
    from ocikit.bulk.tables import COLUMNS, LAYER_COLUMNS, layer_rows, rows
    from ocikit.bulk.verbs import copy, delete, scan

__all__ = [
    "COLUMNS",
    "LAYER_COLUMNS",
    "Action",
    "BoundInvalid",
    "Choice",
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
    "Result",
    "Summary",
    "SyncFile",
    "SyncInvalid",
    "ValueNotJSON",
    "WorkerLost",
    "collect",
    "copy",
    "copy_recursive",
    "delete",
    "facts",
    "layer_rows",
    "map",
    "read_sync",
    "rows",
    "scan",
    "summary",
    "survey_sync",
    "sync",
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
        "ocikit.bulk.sync": "summary survey_sync sync",
        "ocikit.bulk.sync_actions": "Action Result Summary",
        "ocikit.bulk.sync_entries": "SyncFile",
        "ocikit.bulk.sync_faults": "SyncInvalid",
        "ocikit.bulk.sync_file": "read_sync",
        "ocikit.bulk.sync_survey": "Choice",
        "ocikit.bulk.tables": "COLUMNS LAYER_COLUMNS layer_rows rows",
        "ocikit.bulk.verbs": "copy delete scan",
    },
)
