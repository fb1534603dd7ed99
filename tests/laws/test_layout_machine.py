"""
A layout and a plain dictionary, given the same to do, never disagree: with readers that
break, files that are damaged, calls that the disk refuses, and writers that are killed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings

from ocikit._records import evolve
from ocikit.testing.machines_layout import layout_machine
from ocikit.testing.modelled_layout import LayoutPlace, layout_place

STEPS = settings(stateful_step_count=20, max_examples=max(10, settings().max_examples // 4))


def _begin() -> LayoutPlace:
    folder = Path(tempfile.mkdtemp())
    place = layout_place(folder / "out")
    return evolve(place, close=lambda: shutil.rmtree(folder))


TestLayout = layout_machine(_begin).TestCase
TestLayout.settings = STEPS
