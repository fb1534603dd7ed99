"""
What a plan would do to a layout or a plain directory, without doing it.
"""

from __future__ import annotations

import os
from contextlib import suppress

from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.files.put import is_whole
from ocikit.layout.plain import MANIFEST_FILE, blob_in, child_in
from ocikit.layout.plain_flush import check_free
from ocikit.layout.store import FolderStore, NotALayout, blob_path, read_index
from ocikit.query.plan import Operation, Plan, PutManifest, PutTag, Step
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


def survey_plain(path: str | os.PathLike[str], plan: Plan) -> tuple[Operation, ...]:
    """
    Tell what each step of a plan comes to in a plain directory; no blob there is hashed.

    Raises:
        DirectoryVersionUnknown: the directory there is of another time.
        FolderTaken: it has something else in it.
    """
    root = os.path.abspath(path)
    if os.path.isdir(root):
        check_free(root)
    # Children come before what lists them.
    top = plan.steps[-1].written.digest
    return tuple(_look_plain(root, step, top) for step in plan.steps)


def _look_plain(root: str, step: Step, top: Digest) -> Operation:
    wanted = step.written
    if not isinstance(step, PutManifest):
        there = _is_there(blob_in(root, wanted.digest), wanted.bytes)
    elif wanted.digest != top:
        there = _is_there(child_in(root, wanted.digest), wanted.bytes)
    else:
        # Its name does not say which it is.
        there = is_whole(os.path.join(root, MANIFEST_FILE), step.content.descriptor)
    return evolve(wanted, action="exists", bytes=0) if there else wanted


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
