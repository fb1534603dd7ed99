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
from ocikit.content.partial import image_of, index_of
from ocikit.mutate.settings import platform
from ocikit.server.handler import registry as make_registry
from ocikit.server.web.serve import serve
from ocikit.spec.config import Config, ConfigFile, History
from ocikit.testing.building import file, layer
from tests.cli.running import done

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


def _drawn() -> Image:
    """
    The image of the README's picture: stored plainly, so that sizes are the same everywhere.
    """
    lists, tool = "var/lib/apt/lists/deb.debian.org_main", "usr/bin/tool"
    layers = [
        layer(file("usr/lib/libc.so.6", bytes(1_900_000)), file("bin/sh", bytes(125_000))),
        layer(file(lists, bytes(400_000)), file("usr/lib/libfoo.so", bytes(600_000))),
        layer(file(tool, bytes(900_000))),
        layer("var/lib/apt/.wh.lists", file(tool, bytes(300_000))),
    ]
    steps = [
        "/bin/sh -c #(nop) ADD file:0a1b in / ",
        "RUN /bin/sh -c apt-get install -y libfoo",
        "COPY tool /usr/bin/ # buildkit",
        "RUN /bin/sh -c strip /usr/bin/tool # buildkit",
    ]
    config = Config(user="65532", entrypoint=("/usr/bin/tool", "serve"))
    history = tuple(History(created_by=step) for step in steps)
    made = ConfigFile(os="linux", architecture="amd64", config=config, history=history)
    return image_of(made, layers)


def test_the_picture_is_what_the_command_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The lines below the command are its own, on a terminal of 80 columns.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    layout.flush("out", _drawn(), reference="1")
    command = ["inspect", "--waste", "oci:out:1"]
    drawn = done(*command).out
    assert f"```console\n$ ocikit {' '.join(command)}\n{drawn}```\n" in README, drawn


def test_every_command_is_in_the_table() -> None:
    """
    The table of commands has each command, and no other.
    """
    listed = {line.split()[0] for line in re.findall(r"^\| `ocikit ([^`]+)`", README, re.MULTILINE)}
    assert listed == set(COMMANDS)
