"""
What the README says is so: its Python runs, and its table lists the commands.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from ocikit import layout, registry
from ocikit.cli.program import COMMANDS
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.partial import index_of
from ocikit.mutate.settings import platform
from ocikit.server.handler import registry as make_registry
from ocikit.server.web.serve import serve

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The blocks of Python run as they stand, with a registry of our own for their hosts.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").mkdir()
    (tmp_path / "build/run").write_text("#!/bin/sh\n")
    names: dict[str, Any] = {}
    with serve(make_registry()) as server:
        host = server.host
        base = synthetic.image(random.Random(1), layers=2, size=1000)
        index = index_of([base, platform(base, "linux/arm64")])
        registry.flush(f"{host}/debian:12", index)
        for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
            here = block.replace('"debian:12"', f'"{host}/debian:12"')
            here = here.replace('"registry.example/me/', f'"{host}/me/')
            exec(compile(here, "README.md", "exec"), names)
        assert registry.load(f"{host}/me/app:1") == names["image"]
    made = layout.load(tmp_path / "out", "v1")
    assert isinstance(made, Image)
    assert str(made.platform) == "linux/arm64"
    assert made.config_file.config.entrypoint == ("/app/run",)


def test_every_command_is_in_the_table() -> None:
    """
    The table of commands has each command, and no other.
    """
    listed = {line.split()[0] for line in re.findall(r"^\| `ocikit ([^`]+)`", README, re.MULTILINE)}
    assert listed == set(COMMANDS)
