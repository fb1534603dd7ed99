"""
Who we are to registries: by options, by files, by the environment.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.http.credentials import Basic
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.server.auth.basic import basic_auth
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from tests.cli.running import done, run
from tests.cli.test_setup import said
from tests.registry.sockets import ok, on_a_socket, request_of

IMAGE = synthetic.image(Random(1), layers=1)
USERS = {"ada": "pass:word", "bob": "secret"}


def own_only(user: str, repository: str, action: str) -> bool:
    """
    Let users into what is below their name, and into nothing else.
    """
    return repository.partition("/")[0] == user


@pytest.fixture
def guarded() -> Iterator[str]:
    """
    A registry where each user has a namespace; the image is in both.
    """
    inner = registry()
    for user in USERS:
        flush(f"localhost/{user}/app:1", IMAGE, client=Client(send=inner))
    with serve(basic_auth(inner, USERS, allow=own_only)) as server:
        yield server.host


def test_credentials_are_given(guarded: str) -> None:
    """
    For the one registry of a command; a password may hold any character but comes last.
    """
    assert run("digest", f"{guarded}/ada/app:1").code == 4
    ran = done("digest", f"{guarded}/ada/app:1", "--creds", "ada:pass:word")
    assert ran.lines == [str(IMAGE.digest)]
    assert done("--creds", "bob:secret", "ls", f"{guarded}/bob/app").lines == ["1"]
    ran = run("digest", f"{guarded}/ada/app:1", "--creds", "ada:wrong")
    assert ran.code == 4
    assert "wrong" not in ran.err


def test_credentials_are_by_namespace(guarded: str) -> None:
    """
    Several for one registry: the longest match counts.
    """
    argv = (f"--creds={guarded}/ada=ada:pass:word", f"--creds={guarded}/bob=bob:secret")
    ran = done("digest", f"{guarded}/ada/app:1", f"{guarded}/bob/app:1", *argv)
    assert ran.lines == [str(IMAGE.digest)] * 2
    assert run("digest", f"{guarded}/ada/app:1", argv[1]).code == 4


def test_source_and_target_are_apart(guarded: str) -> None:
    """
    Each with its own credentials, though it is one registry; and by the environment.
    """
    source, target = f"{guarded}/ada/app:1", f"{guarded}/bob/copied:1"
    done("copy", source, target, "--src-creds", "ada:pass:word", "--dest-creds", "bob:secret")
    assert run("copy", source, target, "--src-creds", "ada:pass:word").code == 4
    assert done("digest", target, "--creds", "bob:secret").lines == [str(IMAGE.digest)]


def test_the_environment_gives_credentials(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where nobody sees them in `ps`; an option counts more.
    """
    monkeypatch.setenv("OCIKIT_CREDS", "ada:pass:word")
    done("digest", f"{guarded}/ada/app:1")
    assert run("digest", f"{guarded}/ada/app:1", "--creds", "ada:wrong").code == 4
    monkeypatch.delenv("OCIKIT_CREDS")
    monkeypatch.setenv("OCIKIT_SRC_CREDS", "ada:pass:word")
    monkeypatch.setenv("OCIKIT_DEST_CREDS", "bob:secret")
    done("copy", f"{guarded}/ada/app:1", f"{guarded}/bob/app:2")


def test_credentials_for_nobody_in_particular_go_to_one(guarded: str, host: str) -> None:
    """
    A command that names several registries must say whose they are.
    """
    ran = run("copy", f"{guarded}/ada/app:1", f"{host}/app:1", "--creds", "ada:pass:word")
    assert ran.code == 2
    assert "say which registry" in ran.err
    with serve(basic_auth(registry(), {"ada": "pass:word"})) as other:
        names = (f"{guarded}/ada/app:1", f"{other.host}/app:1")
        ran = run("digest", *names, "--creds", "ada:pass:word")
        assert ran.code == 2
        assert "say which registry they are for" in ran.err
    assert "pass:word" not in ran.err


def test_nobody_is_nobody(guarded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    Whatever is kept.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    done("auth", "login", f"{guarded}/ada", "-u", "ada", "-p", "pass:word", "--no-verify")
    done("digest", f"{guarded}/ada/app:1")
    assert run("digest", f"{guarded}/ada/app:1", "--no-creds").code == 4


def test_a_file_of_credentials_is_the_only_one(
    guarded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    A login keeps in it, and commands find in it; each side of a copy may have its own.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    files = [tmp_path / f"{user}.json" for user in USERS]
    for file, (user, password) in zip(files, USERS.items(), strict=True):
        argv = ("-u", user, "-p", password, "--authfile", file)
        assert f"logged in via {file}" in done("auth", "login", guarded, *argv).err
    name = f"{guarded}/ada/app:1"
    assert run("digest", name).code == 4
    done("digest", name, "--authfile", files[0])
    sides = ("--src-authfile", files[0], "--dest-authfile", files[1])
    done("copy", name, f"{guarded}/bob/app:3", *sides)
    done("auth", "logout", guarded, "--authfile", files[0])
    assert run("digest", name, "--authfile", files[0]).code == 4


def test_a_workflows_token_is_used_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    For ghcr.io alone, and after what is kept.
    """
    monkeypatch.setenv("GITHUB_TOKEN", "SECRET")
    assert run("auth", "get", "ghcr.io").code == 1
    (found,) = done("auth", "get", "ghcr.io", "--github-token").objects
    assert found == {"Username": "unset", "Secret": "SECRET"}
    assert run("auth", "get", "docker.io", "--github-token").code == 1
    argv = ("auth", "get", "ghcr.io", "--github-token", "--creds", "ghcr.io=me:pw")
    assert done(*argv).objects == [{"Username": "me", "Secret": "pw"}]


def test_explain_tells_where_they_come_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    Which source answers, which were asked before, and no secret.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    done("auth", "login", "r.example/team", "-u", "me", "-p", "SECRET", "--no-verify")
    ran = done("auth", "explain", "r.example/team/app")
    path = tmp_path / "config.json"
    assert f'* {path}, auths "r.example/team": a password of me' in ran.lines
    assert "- DOCKER_AUTH_CONFIG: not set" in ran.lines
    assert "SECRET" not in ran.out + ran.err
    ran = run("auth", "explain", "r.example", "--output", "json")
    assert ran.code == 1
    assert not any(each["answers"] for each in ran.objects)
    assert "asked as nobody" in ran.err


def test_a_login_pins_the_token_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
) -> None:
    """
    What was trusted when logging in is trusted from then on, for that registry alone.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    argv = ("auth", "login", host, "-u", "me", "-p", "pw", "--no-verify")
    ran = done(*argv, "--trust-realm", "auth.corp.net")
    assert "auth.corp.net is trusted as its token service" in ran.err
    kept = json.loads((tmp_path / "ocikit/realms.json").read_text())
    assert kept == {"realms": {host: ["auth.corp.net"]}}
    done("auth", "logout", host)
    assert json.loads((tmp_path / "ocikit/realms.json").read_text()) == {"realms": {}}


def test_a_login_is_not_fooled_by_a_token_for_everybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    Where the service may not see the credentials, nothing shows that they are right; once
    its host is trusted by name, it sees them, and so it does from then on.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    heard: list[bytes] = []

    def front(line: socket.socket) -> None:
        realm = 'WWW-Authenticate: Bearer realm="http://auth.other.example/token"'
        while request := request_of(line):
            known = b"Authorization: Bearer granted" in request
            line.sendall(ok(b"{}") if known else ok(b"", realm, status="401 No"))

    def service(line: socket.socket) -> None:
        while request := request_of(line):
            heard.append(request)
            line.sendall(ok(b'{"token": "granted"}'))

    with on_a_socket(front) as one, on_a_socket(service) as two:
        sockets = (f"--unix-socket=r.example={one}", f"--unix-socket=auth.other.example={two}")
        argv = ("auth", "login", "r.example", "-u", "me", "-p", "pw", *sockets)
        ran = run(*argv)
        assert ran.code == 6
        assert "log in with --trust-realm auth.other.example" in ran.err
        assert not any(b"Authorization" in request for request in heard)
        done(*argv, "--trust-realm", "auth.other.example")
        heard.clear()
        done("auth", "token", "r.example/app", *sockets)
        assert [b"Authorization: Basic bWU6cHc=" in request for request in heard] == [True]


def test_keychains_are_asked_as_the_sides_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without a side there is one client; with one there are two.
    """
    assert said("command").target is None
    known = said("command", "--dest-creds", "r.io=me:pw")
    assert known.target is not None
    from ocikit.name.parse import parse_registry

    found = known.target.keychain
    assert found is not None
    assert found(parse_registry("r.io")) == Basic("me", "pw")
    assert os.environ.get("OCIKIT_DEST_CREDS") is None
