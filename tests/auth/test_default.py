"""
Where credentials are looked for, and in which order.
"""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest

from ocikit import auth
from ocikit.auth.default import default, paths
from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.http.credentials import Anonymous, Basic, Credentials
from ocikit.name.records import Registry

R = Registry("r.io")


def _config(user: str, host: str = "r.io") -> str:
    return json.dumps({"auths": {host: {"username": user, "password": "pw"}}})


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _user(found: Credentials) -> str:
    return found.username if isinstance(found, Basic) else ""


def _places(root: Path) -> dict[str, Path]:
    return {
        "authfile": root / "auth.json",
        "docker": root / "docker" / "config.json",
        "runtime": root / "run" / "containers" / "auth.json",
        "config": root / "config" / "containers" / "auth.json",
        "home": root / ".config" / "containers" / "auth.json",
    }


def _environ(root: Path, **more: str) -> dict[str, str]:
    return {
        "HOME": str(root),
        "DOCKER_CONFIG": str(root / "docker"),
        "REGISTRY_AUTH_FILE": str(root / "auth.json"),
        "XDG_RUNTIME_DIR": str(root / "run"),
        "XDG_CONFIG_HOME": str(root / "config"),
        **more,
    }


def test_the_first_place_that_has_credentials_wins(tmp_path: Path) -> None:
    """
    Each place in turn, taken away from the front.
    """
    places = _places(tmp_path)
    for name, path in places.items():
        _put(path, _config(name))
    inline = {"DOCKER_AUTH_CONFIG": _config("inline")}
    assert _user(default(_environ(tmp_path, **inline))(R)) == "inline"
    for name, path in places.items():
        assert _user(default(_environ(tmp_path))(R)) == name
        path.unlink()
    assert default(_environ(tmp_path))(R) == Anonymous()


def test_a_place_without_this_registry_is_passed_over(tmp_path: Path) -> None:
    """
    A person may be logged in to one registry by Docker and to another by podman.
    """
    places = _places(tmp_path)
    _put(places["docker"], _config("docker", "other.io"))
    _put(places["runtime"], _config("podman"))
    environ = _environ(tmp_path, DOCKER_AUTH_CONFIG=_config("inline", "third.io"))
    assert _user(default(environ)(R)) == "podman"
    assert _user(default(environ)(Registry("other.io"))) == "docker"


def test_home_is_where_docker_and_podman_look(tmp_path: Path) -> None:
    """
    Without any variable but HOME.
    """
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "none")}
    _put(tmp_path / ".config" / "containers" / "auth.json", _config("podman"))
    assert _user(default(environ)(R)) == "podman"
    _put(tmp_path / ".docker" / "config.json", _config("docker"))
    assert _user(default(environ)(R)) == "docker"


def test_a_session_without_a_runtime_folder_has_one_of_its_own() -> None:
    """
    containers-auth.json(5): /run/containers/UID/auth.json.
    """
    assert f"/run/containers/{os.getuid()}/auth.json" in list(paths({"HOME": "/h"}))
    assert not any("/run/" in path for path in paths({"HOME": "/h", "XDG_RUNTIME_DIR": "/x"}))


@pytest.mark.parametrize("name", ["authfile", "docker", "runtime", "config", "home"])
def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    """
    Not passed over: the credentials that are meant may be in there.
    """
    path = _places(tmp_path)[name]
    _put(path, '{"auths": SECRET')
    with pytest.raises(ConfigInvalid) as caught:
        default(_environ(tmp_path))(R)
    assert str(path) in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_a_broken_variable_is_an_error_that_names_it(tmp_path: Path) -> None:
    """
    And does not show what is in it.
    """
    with pytest.raises(ConfigInvalid, match="DOCKER_AUTH_CONFIG") as caught:
        default(_environ(tmp_path, DOCKER_AUTH_CONFIG="SECRET"))(R)
    assert "SECRET" not in str(caught.value)
    assert default(_environ(tmp_path, DOCKER_AUTH_CONFIG=" "))(R) == Anonymous()


def test_without_arguments_it_is_the_environment_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Looked at when it is asked, in whichever process that is: nothing of it is kept.
    """
    keychain = pickle.loads(pickle.dumps(default()))
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", _config("late"))
    assert _user(keychain(R)) == "late"
    for recipe in (default(), default(os.environ)):
        assert recipe == keychain
        assert b"late" not in pickle.dumps(recipe)
    assert auth.default is default


def test_a_given_environment_is_kept_and_not_shown(tmp_path: Path) -> None:
    """
    A copy: what the caller changes later is no matter.
    """
    environ = _environ(tmp_path, DOCKER_AUTH_CONFIG=_config("SECRET"))
    keychain = default(environ)
    environ.clear()
    assert _user(keychain(R)) == "SECRET"
    assert "SECRET" not in repr(keychain)
    assert pickle.loads(pickle.dumps(keychain)) == keychain


def test_netrc_is_not_read(tmp_path: Path) -> None:
    """
    CVE-2024-47081: no credentials but those that were set up for registries.
    """
    _put(tmp_path / ".netrc", "machine r.io login me password SECRET\n")
    assert default(_environ(tmp_path, NETRC=str(tmp_path / ".netrc")))(R) == Anonymous()
