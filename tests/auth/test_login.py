"""
Keeping and forgetting credentials.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ocikit.auth.configfile import file
from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.auth.helper import HelperFailed
from ocikit.auth.login import Keepable, Kept, LoginInvalid, erase, login_path, store
from ocikit.http.credentials import Anonymous, Basic, IdentityToken, RegistryToken
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.helpers import Helpers
from tests.real.docker_registry import DockerRegistry
from tests.real.process import Command, CommandFailed

R = Registry("r.io")
ME = Basic("me", "pa:ss")


def _json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text())
    return read


@pytest.mark.parametrize("credentials", [ME, IdentityToken("t"), RegistryToken("t")])
@pytest.mark.parametrize("name", ["r.io", "docker.io", "localhost:5000"])
def test_what_is_kept_is_found_and_forgotten(
    tmp_path: Path, credentials: Keepable, name: str
) -> None:
    """
    By the keychain that reads the same file.
    """
    path, resource = tmp_path / "c.json", Registry(name)
    assert store(resource, credentials, path=path) == Kept(path=str(path))
    assert file(path)(resource) == credentials
    assert erase(resource, path=path)
    assert file(path)(resource) == Anonymous()
    assert not erase(resource, path=path)


def test_the_file_is_as_docker_writes_it(tmp_path: Path) -> None:
    """
    Indented by tabs, Docker Hub under its old name, everything else as it was.
    """
    path = tmp_path / "config.json"
    path.write_text('{"psFormat":"x","auths":{"a.io":{"auth":"eA=="}},"HttpHeaders":{"é":"1"}}')
    store(Registry("docker.io"), Basic("me", "pw"), path=path)
    assert path.read_text() == (
        '{\n\t"psFormat": "x",\n\t"auths": {\n\t\t"a.io": {\n\t\t\t"auth": "eA=="\n\t\t},\n'
        '\t\t"https://index.docker.io/v1/": {\n\t\t\t"auth": "bWU6cHc="\n\t\t}\n\t},\n'
        '\t"HttpHeaders": {\n\t\t"é": "1"\n\t}\n}\n'
    )


def test_other_spellings_do_not_outlive_a_login(tmp_path: Path) -> None:
    """
    Another tool might take the old one.
    """
    path = tmp_path / "c"
    path.write_text('{"auths":{"https://r.io/v1/":{"auth":"eDp5"},"r.io/ns":{"auth":"eDp5"}}}')
    store(R, ME, path=path)
    assert list(_json(path)["auths"]) == ["r.io/ns", "r.io"]


def test_a_path_has_credentials_of_its_own(tmp_path: Path) -> None:
    """
    podman login quay.io/ns.
    """
    path = tmp_path / "c"
    store(parse_repository("quay.io/ns"), ME, path=path)
    assert file(path)(parse_repository("quay.io/ns/app")) == ME
    assert file(path)(parse_repository("quay.io/other/app")) == Anonymous()
    assert not erase(Registry("quay.io"), path=path)
    assert erase(parse_repository("quay.io/ns"), path=path)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    """
    S26: whatever it was, whatever the umask; and the folders that are made for it.
    """
    old = os.umask(0)
    try:
        path = tmp_path / "new" / "deep" / "config.json"
        store(R, ME, path=path)
        path.chmod(0o644)
        store(Registry("s.io"), ME, path=path)
    finally:
        os.umask(old)
    assert [_mode(path), _mode(path.parent), _mode(path.parent.parent)] == [0o600, 0o700, 0o700]
    assert [entry.name for entry in path.parent.iterdir()] == ["config.json"]


def test_a_symbolic_link_keeps_its_place(tmp_path: Path) -> None:
    """
    People keep their configuration elsewhere.
    """
    target, link = tmp_path / "dotfiles.json", tmp_path / "config.json"
    link.symlink_to(target.name)
    store(R, ME, path=link)
    assert link.is_symlink()
    assert file(target)(R) == ME
    assert _mode(target) == 0o600


def test_a_helper_keeps_them_if_there_is_one(tmp_path: Path, helpers: Helpers) -> None:
    """
    The file then has an empty entry, by which other tools know to ask.
    """
    helpers.keeping("x")
    path = tmp_path / "c"
    path.write_text('{"credHelpers":{"r.io":"x"},"auths":{"r.io":{"auth":"SECRET"}}}')
    environ = helpers.environ
    assert store(R, ME, path=path, environ=environ) == Kept(path=str(path), helper="x")
    assert _json(path)["auths"] == {"r.io": {}}
    assert file(path, environ)(R) == ME
    assert erase(R, path=path, environ=environ)
    assert _json(path)["auths"] == {}
    assert file(path, environ)(R) == Anonymous()


def test_a_store_for_all_keeps_registries_and_the_file_keeps_paths(
    tmp_path: Path, helpers: Helpers
) -> None:
    """
    Helpers know servers only.
    """
    helpers.keeping("s")
    path = tmp_path / "c"
    path.write_text('{"credsStore":"s"}')
    namespace = parse_repository("r.io/ns")
    assert store(R, ME, path=path, environ=helpers.environ).helper == "s"
    assert store(namespace, Basic("ns", "pw"), path=path, environ=helpers.environ).helper == ""
    assert store(R, RegistryToken("t"), path=path, environ=helpers.environ).helper == ""
    assert file(path, helpers.environ)(namespace) == Basic("ns", "pw")


def test_a_helper_that_fails_leaves_the_file_as_it_was(tmp_path: Path, helpers: Helpers) -> None:
    """
    Nothing is half kept.
    """
    path = tmp_path / "c"
    path.write_text('{"credsStore":"missing"}')
    with pytest.raises(HelperFailed):
        store(R, ME, path=path, environ=helpers.environ)
    assert path.read_text() == '{"credsStore":"missing"}'


@pytest.mark.parametrize(
    "credentials",
    [
        Basic("", "pw"),
        Basic("a:b", "pw"),
        Basic("me", ""),
        Basic("me", "SECRET\n"),
        IdentityToken(""),
        RegistryToken("SECRET\r\nX: 1"),
    ],
)
def test_what_could_not_be_read_back_is_refused(tmp_path: Path, credentials: Keepable) -> None:
    """
    RFC 7617, 2: a colon ends the user's name.
    """
    with pytest.raises(LoginInvalid, match=r"login to r\.io") as caught:
        store(R, credentials, path=tmp_path / "c")
    assert "SECRET" not in str(caught.value)
    assert not (tmp_path / "c").exists()


def test_a_broken_entry_is_mended_and_a_broken_file_is_left(tmp_path: Path) -> None:
    """
    A login is how people mend it; what is not understood is not overwritten.
    """
    path = tmp_path / "c"
    path.write_text('{"auths":{"r.io":{"auth":"!"}}}')
    store(R, ME, path=path)
    assert file(path)(R) == ME
    for text in ('{"auths":[]}', "{", "[]"):
        path.write_text(text)
        with pytest.raises(ConfigInvalid):
            store(R, ME, path=path)
        with pytest.raises(ConfigInvalid):
            erase(R, path=path)
        assert path.read_text() == text


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """
    By its name.
    """
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match="cannot be written"):
        store(R, ME, path=tmp_path / "file" / "config.json")


def test_which_file_a_login_changes(tmp_path: Path) -> None:
    """
    Podman's variable, then Docker's, then Docker's folder at home.
    """
    assert login_path({"REGISTRY_AUTH_FILE": "/a", "DOCKER_CONFIG": "/d"}) == "/a"
    assert login_path({"DOCKER_CONFIG": "/d", "HOME": "/h"}) == "/d/config.json"
    assert login_path({"HOME": "/h"}) == "/h/.docker/config.json"
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    assert store(R, ME, environ=environ).path == str(tmp_path / "config.json")
    assert erase(R, environ=environ)


@pytest.mark.real
def test_skopeo_finds_what_we_keep_and_we_find_what_it_keeps(
    tmp_path: Path, skopeo: Command, docker_registry_basic: DockerRegistry
) -> None:
    """
    The same file serves both, and both forget.
    """
    host, path = docker_registry_basic.host, tmp_path / "auth.json"
    user, password = docker_registry_basic.user, docker_registry_basic.password
    where = ("--authfile", str(path))
    store(Registry(host), Basic(user, password), path=path)
    assert skopeo("login", *where, "--get-login", host).strip() == user
    # Who was not let in is told 401 before anything else.
    with pytest.raises(CommandFailed, match="404"):
        skopeo("list-tags", "--tls-verify=false", *where, f"docker://{host}/nothing")
    skopeo("logout", *where, host)
    assert file(path)(Registry(host)) == Anonymous()
    login = ("login", "--tls-verify=false", *where, "-u", user, "--password-stdin", host)
    skopeo(*login, stdin=password.encode())
    assert file(path)(Registry(host)) == Basic(user, password)
