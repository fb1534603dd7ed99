"""
Header fields that a configuration file has for registries.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.auth.headers import headers
from ocikit.http.message import Headers
from ocikit.name.records import Registry

GATE = {"X-Gate": "secret"}


def config(folder: Path, **members: Any) -> Path:
    """
    Write a configuration.
    """
    path = folder / "config.json"
    path.write_text(json.dumps(members))
    return path


@pytest.mark.parametrize(
    "members",
    [
        {"auths": {"r.io": {}}},
        {"auths": {"https://r.io/v1/": {}}},
        {"auths": {"r.io/team": {"auth": "bWU6cHc="}}},
        {"credHelpers": {"r.io": "pass"}},
    ],
)
def test_registries_of_the_file_hear_them(tmp_path: Path, members: dict[str, Any]) -> None:
    """
    Those that it has an entry for, in any spelling, and no others.
    """
    source = headers(config(tmp_path, HttpHeaders=GATE, **members))
    assert source(Registry("r.io")) == Headers(GATE)
    for other in ("r.io:5000", "evil.io", "r.io.evil.io", "docker.io"):
        assert source(Registry(other)) == Headers()


def test_a_file_without_them_has_none(tmp_path: Path) -> None:
    """
    Nor has one that is not there.
    """
    assert headers(config(tmp_path, auths={"r.io": {}}))(Registry("r.io")) == Headers()
    assert headers(tmp_path / "none")(Registry("r.io")) == Headers()


def test_dockers_configuration_is_the_usual_one(tmp_path: Path) -> None:
    """
    In the environment of the process, or a given one.
    """
    config(tmp_path, HttpHeaders=GATE, auths={"r.io": {}})
    given = headers(environ={"DOCKER_CONFIG": str(tmp_path)})
    assert given(Registry("r.io")) == Headers(GATE)
    assert headers()(Registry("r.io")) == Headers()
    assert pickle.loads(pickle.dumps(given)) == given


@pytest.mark.parametrize(
    "given",
    [["X"], {"X Y": "1"}, {"": "1"}, {"X": 1}, {"X": "SECRET\r\nY: 2"}, {"X\n": "1"}, {"X": "é"}],
)
def test_what_cannot_be_sent_is_told(tmp_path: Path, given: object) -> None:
    """
    Nothing that could end a field, and no value is shown.
    """
    source = headers(config(tmp_path, HttpHeaders=given, auths={"r.io": {}}))
    with pytest.raises(ConfigInvalid, match="HttpHeaders") as caught:
        source(Registry("r.io"))
    assert "SECRET" not in str(caught.value)
