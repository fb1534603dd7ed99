"""
What a plan would do to a layout, without doing it.
"""

from __future__ import annotations

import os
from contextlib import suppress

from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.layout.store import FolderStore, NotALayout, blob_path, read_index
from ocikit.query.plan import Operation, Plan, PutTag, Step
from ocikit.spec.layout import REF_NAME


def survey(path: str | os.PathLike[str], plan: Plan) -> tuple[Operation, ...]:
    """
    Tell what each step of a plan comes to; nothing of the layout is hashed.

    Raises:
        IndexDamaged, LayoutVersionUnknown: the layout there is damaged or of another time.
    """
    store = FolderStore(path)
    names: dict[str, Digest] = {}
    with suppress(NotALayout):
        for entry in read_index(store).value.manifests:
            names[entry.annotations.get(REF_NAME, "")] = entry.digest
    return tuple(_look(store.path, step, names) for step in plan.steps)


def _look(root: str, step: Step, names: dict[str, Digest]) -> Operation:
    wanted = step.written
    if isinstance(step, PutTag):
        there = names.get(step.tag) == step.digest
    else:
        there = _is_there(blob_path(root, wanted.digest), wanted.bytes)
    return evolve(wanted, action="exists", bytes=0) if there else wanted


def _is_there(path: str, size: int) -> bool:
    try:
        return os.path.getsize(path) == size
    except OSError:
        return False
