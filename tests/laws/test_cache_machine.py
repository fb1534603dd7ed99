"""
A cache and a plain dictionary that forgets what was used longest ago never disagree: with
sources that break and lie, files that are damaged, a disk that refuses, readers killed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings

from ocikit._records import evolve
from ocikit.testing.machines_cache import CachePlace, cache_machine, cache_place

STEPS = settings(stateful_step_count=20, max_examples=max(10, settings().max_examples // 4))


def _begin() -> CachePlace:
    folder = Path(tempfile.mkdtemp())
    place = cache_place(folder / "cache")
    return evolve(place, close=lambda: shutil.rmtree(folder))


TestCache = cache_machine(_begin).TestCase
TestCache.settings = STEPS
