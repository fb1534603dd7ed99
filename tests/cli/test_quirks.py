"""
`ocikit auth login`, and a copy with what it kept, with every kind of registry.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ocikit.content import synthetic
from ocikit.registry.flush import flush
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import PROFILES
from ocikit.server.web.serve import serve
from ocikit.testing.wires import client
from tests.cli.running import done, run

IMAGE = synthetic.image(random.Random(1), layers=2)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_login_and_copy(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A wrong password is not kept; with the right one an image is copied, listed and read.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    held = registry()
    flush("r.io/team/app:1", IMAGE, client=client(held))
    with serve(PROFILES[name](held, {"me": "secret"})) as server:
        login = ("auth", "login", server.host, "-u", "me", "--password-stdin")
        assert run(*login, stdin=b"wrong").code == 4
        assert not (tmp_path / "docker/config.json").exists()
        done(*login, stdin=b"secret")
        kept = json.loads((tmp_path / "docker/config.json").read_text())
        assert list(kept["auths"]) == [server.host]
        done("copy", f"{server.host}/team/app:1", f"{server.host}/team/other:1")
        assert done("digest", f"{server.host}/team/other:1").out.strip() == str(IMAGE.digest)
        assert done("ls", f"{server.host}/team/other").out.split() == ["1"]
        assert done("catalog", server.host).out.split() == ["team/app", "team/other"]
