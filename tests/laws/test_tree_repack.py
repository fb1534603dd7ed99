"""
What a folder has that layers have not makes of these layers what the folder is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ocikit.content.layer import Layer
from ocikit.files.extraction import extract
from ocikit.files.repack import difference
from ocikit.tree.tarheader import END
from tests.files.places import ROOT, as_layer, on_disk
from tests.tree.model import Dangling, Found, unpack
from tests.tree.stacks import stacks, tame_stacks

any_stack = st.one_of(stacks, tame_stacks)
needs_root = pytest.mark.skipif(not ROOT, reason="only root makes devices")


@contextmanager
def _extracted(layers: list[bytes], **options: Any) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        extract([as_layer(each) for each in layers], Path(folder, "rootfs"), **options)
        yield Path(folder, "rootfs")


def _is_whole(layers: list[bytes]) -> bool:
    try:
        unpack(layers)
    except Dangling:
        event("dangling")
        return False
    return True


def _bytes(made: Layer) -> bytes:
    return made.uncompressed().read()


def _comparable(found: Found) -> Found:
    # Of times whole seconds are written; of the folder itself and of directories that no
    # layer speaks of nothing is known; links have no permissions.
    return {
        path: (
            attrs.evolve(
                entry,
                mode=0 if entry.kind == "symlink" or not path else entry.mode,
                mtime_ns=0 if entry.kind == "directory" else entry.mtime_ns // 10**9,
            ),
            *rest,
        )
        for path, (entry, *rest) in found.items()
    }


@needs_root
@given(any_stack, any_stack, st.booleans(), st.booleans())
def test_on_top_of_layers_it_gives_the_folder(
    lower: list[bytes], upper: list[bytes], parents: bool, contents: bool
) -> None:
    """
    Any folder upon any layers; and then there is no difference any more.
    """
    if not _is_whole(lower) or not _is_whole(upper):
        return
    below = [as_layer(each) for each in lower]
    with _extracted(upper) as folder:
        made = difference(folder, below, parents=parents, contents=contents)
        assert _comparable(unpack([*lower, _bytes(made)])) == _comparable(on_disk(folder))
        assert _bytes(difference(folder, [*below, made], contents=contents)) == END


@needs_root
@given(any_stack, st.booleans(), st.booleans())
def test_of_what_was_extracted_it_is_nothing(
    layers: list[bytes], owners: bool, parents: bool
) -> None:
    """
    With owners or without: nothing was changed.
    """
    if not _is_whole(layers):
        return
    with _extracted(layers, owners=owners) as folder:
        below = [as_layer(each) for each in layers]
        assert _bytes(difference(folder, below, owners=owners, parents=parents)) == END
