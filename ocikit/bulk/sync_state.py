"""
What is remembered from run to run: of each tag of a target, of what it was made, and what it
was then. It is a journal of `bulk`: what ends in the middle loses nothing that was done.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ocikit.bulk.journal import Journal, Kept
from ocikit.bulk.outcome import Ok
from ocikit.bulk.sync_actions import Memory

_NAME = "ocikit.sync/1"


class State:
    """
    A file that remembers; nobody else has it until it is closed. It grows by a line for each
    change.
    """

    def __init__(self, path: str | None) -> None:
        """
        Args:
            path: the file, which is made when there is none; None remembers nothing.

        Raises:
            JournalInUse: another run has it.
            NotAJournal, JournalOfAnother: it is something else.
            OSError: the system says no.
        """
        self._kept = None if path is None else Kept(Journal(path=path, name=_NAME))

    def recall(self, place: str) -> Memory | None:
        """
        Give what is remembered of a tag of a target.
        """
        at = self._kept.find(place) if self._kept is not None else None
        value: Any = self._kept.value_at(at) if self._kept is not None and at is not None else None
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            return None
        if value.keys() != {"source", "target", "how"}:
            return None
        return Memory(**value)

    def keep(self, memories: Iterable[tuple[str, Memory | None]]) -> None:
        """
        Remember tags of targets, or forget them; what is kept is on the disk then.
        """
        if self._kept is not None:
            self._kept.add(
                (place, Ok(reference=place, value=None if memory is None else _written(memory)))
                for place, memory in memories
            )

    def close(self) -> None:
        """
        Let go of the file.
        """
        if self._kept is not None:
            self._kept.close()


def _written(memory: Memory) -> dict[str, str]:
    return {"source": memory.source, "target": memory.target, "how": memory.how}
