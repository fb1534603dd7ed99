"""
Work over many images, on threads or on any engine that is an executor.
"""

from ocikit.bulk.journal import (
    Journal,
    JournalInUse,
    JournalOfAnother,
    NotAJournal,
    ValueNotJSON,
)
from ocikit.bulk.mapping import BoundInvalid, map  # noqa: A004  # `bulk.map`, as executors call it
from ocikit.bulk.outcome import Failed, ForeignError, Ok, Outcome, WorkerLost

__all__ = [
    "BoundInvalid",
    "Failed",
    "ForeignError",
    "Journal",
    "JournalInUse",
    "JournalOfAnother",
    "NotAJournal",
    "Ok",
    "Outcome",
    "ValueNotJSON",
    "WorkerLost",
    "map",
]
