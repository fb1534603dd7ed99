"""
`ocikit demo`: what it shows is what it runs.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import done


def test_it_shows_a_round_trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Every step works, the image is the same everywhere, and nothing is left behind.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = os.getcwd()
    ran = done("demo")
    assert ran.err == ""
    assert [line for line in ran.lines if line[:2].rstrip(".").isdigit()]
    for verb in [
        "append",
        "mutate",
        "inspect",
        "tree",
        "scan",
        "pull",
        "copy",
        "digest",
        "validate",
    ]:
        assert f"$ ocikit {verb} " in ran.out
    assert ">>> from ocikit import" in ran.out
    assert "   True" in ran.lines
    rows = [line.split("\t") for line in ran.lines if line.count("\t") == 5]
    assert len(rows) == 2
    # A table of unknowns would show nothing.
    assert not any("-" in row for row in rows)
    assert 'config > config.Env[0]: nothing | "MODE=test"' in ran.out
    assert os.listdir(tmp_path) == []
    assert os.getcwd() == before


def test_its_digests_agree() -> None:
    """
    Registry, archive and layout give one digest, and the same in each run.
    """
    digests = set()
    for _ in range(2):
        steps = done("demo", "--output", "json").objects
        (found,) = (each["results"] for each in steps if " digest " in each["source"])
        assert len(found) == 3
        digests.update(found)
    assert len(digests) == 1
