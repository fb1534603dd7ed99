"""
Credentials files as keychains.
"""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from ocikit.auth.configfile import docker, file
from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.auth.helper import HelperFailed
from ocikit.http.credentials import Anonymous, Basic
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.helpers import Helpers

R = Registry("r.io")
ME = Basic("me", "pw")


def _write(path: Path, config: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config if isinstance(config, str) else json.dumps(config))
    return path


def _auths(user: str = "me", key: str = "r.io") -> dict[str, Any]:
    return {"auths": {key: {"username": user, "password": "pw"}}}


def test_a_login_counts_at_once(tmp_path: Path) -> None:
    """
    Files are read when they are asked; one that is not there has no credentials.
    """
    keychain = file(tmp_path / "config.json")
    assert keychain(R) == Anonymous()
    _write(tmp_path / "config.json", _auths())
    assert keychain(R) == ME
    assert keychain(parse_repository("r.io/a/b")) == ME


def test_dockers_folder_or_file(tmp_path: Path) -> None:
    """
    DOCKER_CONFIG names a folder; people give the file as well.
    """
    path = _write(tmp_path / "config.json", _auths())
    assert docker(tmp_path)(R) == docker(path)(R) == ME
    assert docker(environ={"DOCKER_CONFIG": str(tmp_path)})(R) == ME
    _write(tmp_path / ".docker" / "config.json", _auths("other"))
    assert docker(environ={"HOME": str(tmp_path)})(R) == Basic("other", "pw")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{SECRET", "not JSON"),
        ('{"auths":{},"auths":{}}', "duplicate"),
        ('"SECRET"', "not a JSON object"),
        ('{"auths":"SECRET"}', "auths is not an object"),
        ('{"auths":{"r.io":{"auth":"SECRET!"}}}', "base64"),
    ],
)
def test_a_file_that_is_broken_is_an_error_that_names_it(
    tmp_path: Path, text: str, said: str
) -> None:
    """
    Going on without its credentials would look like a wrong password.
    """
    path = _write(tmp_path / "config.json", text)
    with pytest.raises(ConfigInvalid, match=said) as caught:
        file(path)(R)
    assert str(path) in str(caught.value)
    assert "SECRET" not in str(caught.value) + repr(caught.value)


def test_an_empty_file_is_an_empty_object(tmp_path: Path) -> None:
    """
    `touch` makes one; podman and Docker read it so.
    """
    assert file(_write(tmp_path / "c", " \n"))(R) == Anonymous()
    assert file(tmp_path)(R) == Anonymous()
    assert file(tmp_path / "c" / "below")(R) == Anonymous()


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """
    Too large, or not to be opened.
    """
    (tmp_path / "large").write_bytes(b" " * (5 << 20))
    with pytest.raises(ConfigInvalid, match="more than"):
        file(tmp_path / "large")(R)
    os.symlink("loop", tmp_path / "loop")
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        file(tmp_path / "loop")(R)


def test_a_helper_is_asked_before_the_file(tmp_path: Path, helpers: Helpers) -> None:
    """
    And the file after it, when it has nothing.
    """
    helpers.add("x", """echo '{"Username":"helped","Secret":"s"}'""")
    helpers.add("none", "echo '{}'")
    path = _write(tmp_path / "c", {**_auths(), "credHelpers": {"r.io": "x"}})
    assert file(path, helpers.environ)(R) == Basic("helped", "s")
    _write(path, {**_auths(), "credsStore": "none"})
    assert file(path, helpers.environ)(R) == ME


def test_a_helper_that_fails_ends_the_search(tmp_path: Path, helpers: Helpers) -> None:
    """
    CVE-2021-41092: what else there may be is for another registry.
    """
    path = _write(tmp_path / "c", {**_auths(), "credsStore": "missing"})
    with pytest.raises(HelperFailed, match="missing"):
        file(path, helpers.environ)(R)


def test_a_keychain_is_a_recipe(tmp_path: Path) -> None:
    """
    It pickles, prints and compares without what it finds.
    """
    path = _write(tmp_path / "c", _auths())
    keychain = file(path)
    assert keychain(R) == ME
    assert pickle.loads(pickle.dumps(keychain)) == keychain == file(path, os.environ)
    given = file(path, {"DOCKER_AUTH_CONFIG": "SECRET"})
    assert "SECRET" not in repr(given)
    assert b"pw" not in pickle.dumps(keychain)
    assert hash(given) == hash(file(path, {"DOCKER_AUTH_CONFIG": "SECRET"}))
