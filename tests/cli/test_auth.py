"""
`ocikit auth`: against registries that ask who we are, and the files that docker reads.
"""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.cli.running import done, run
from tests.real.docker_registry import DockerRegistry
from tests.real.process import Command


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    The place of docker's configuration, where there is none yet.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    return tmp_path / "docker/config.json"


@pytest.mark.real
def test_login_is_verified_and_kept(
    config: Path, docker_registry_basic: DockerRegistry, skopeo: Command
) -> None:
    """
    Once the registry takes them, credentials are kept where every other tool finds them.
    """
    host, user = docker_registry_basic.host, docker_registry_basic.user
    password = docker_registry_basic.password
    assert run("catalog", host).code == 4
    argv = ("auth", "login", host, "-u", user, "--password-stdin")
    ran = run(*argv, stdin=b"wrong\n")
    assert ran.code == 4
    assert "wrong" not in ran.err
    assert not config.exists()
    ran = done(*argv, stdin=f"{password}\r\n".encode())
    assert ran.out == ""
    assert f"logged in via {config}" in ran.err
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    done("catalog", host)
    assert skopeo("login", "--get-login", "--authfile", config, host).strip() == user


@pytest.mark.real
def test_login_to_a_token_service(config: Path, docker_registry_token: DockerRegistry) -> None:
    """
    A registry that sends us to a token service is asked through that.
    """
    host, user = docker_registry_token.host, docker_registry_token.user
    argv = ("auth", "login", host, "-u", user)
    assert run(*argv, "-p", "wrong").code == 4
    done(*argv, "-p", docker_registry_token.password)
    done("append", "-f", "-", "-t", f"{host}/private/cli:1", stdin=bytes(1024))
    done("auth", "logout", host)
    assert run("digest", f"{host}/private/cli:1").code == 4


@pytest.mark.real
def test_token(config: Path, docker_registry_token: DockerRegistry) -> None:
    """
    A token allows what was asked for, as a header or as JSON.
    """
    host, tokens = docker_registry_token.host, docker_registry_token.tokens
    assert tokens is not None
    tokens.requests.clear()
    ran = done("auth", "token", "--push", "-m", f"{host}/base", f"{host}/app")
    (said,) = ran.objects
    assert said["token"].count(".") == 2
    assert said["expires_in"] > 0
    assert tokens.scopes == ["repository:app:pull,push", "repository:base:pull"]
    header = done("auth", "token", "-H", f"{host}/app").out
    assert header.startswith("Authorization: Bearer ")
    assert not header.endswith("\n")


@pytest.mark.real
def test_token_where_none_is_asked_for(docker_registry_basic: DockerRegistry) -> None:
    """
    A registry that wants a password has no tokens to give.
    """
    ran = run("auth", "token", f"{docker_registry_basic.host}/app")
    assert ran.code == 8
    assert "asks for basic" in ran.err


def test_login_without_asking(config: Path) -> None:
    """
    --no-verify keeps credentials for a registry that cannot be reached now.
    """
    argv = ("auth", "login", "127.0.0.1:1", "-u", "me", "-p", "pw")
    assert run(*argv).code == 7
    ran = done(*argv, "--no-verify", "--output", "json")
    assert ran.objects == [{"server": "127.0.0.1:1", "path": str(config), "helper": ""}]
    assert json.loads(config.read_text())["auths"] == {"127.0.0.1:1": {"auth": "bWU6cHc="}}


@pytest.mark.parametrize(
    "argv", [["-u", "me"], ["-p", "pw"], [], ["-u", "me", "-p", "pw", "--password-stdin"]]
)
def test_login_needs_both(config: Path, argv: list[str]) -> None:
    """
    A name without a password is no login, and nothing is asked where nobody can answer.
    """
    ran = run("auth", "login", "registry.example", *argv)
    assert ran.code == 2
    assert not config.exists()


def test_logout(config: Path) -> None:
    """
    Logging out forgets, and says when there was nothing to forget; both succeed.
    """
    done("auth", "login", "r.example", "-u", "me", "-p", "pw", "--no-verify")
    assert f"logged out via {config}" in done("auth", "logout", "r.example").err
    ran = done("auth", "logout", "r.example", "--output", "json")
    assert "nobody was logged in" in ran.err
    assert ran.objects == [{"server": "r.example", "erased": False}]


@pytest.mark.parametrize("server", ["docker.io", "https://index.docker.io/v1/"])
def test_get_speaks_docker_s_protocol(config: Path, server: str) -> None:
    """
    The server is an argument or a line on stdin; Docker's hub has two names.
    """
    done("auth", "login", "docker.io", "-u", "me", "-p", "pässword", "--no-verify")
    expected = '{"Username":"me","Secret":"pässword"}\n'
    assert done("auth", "get", server).out == expected
    assert done("auth", "get", stdin=f"{server}\n".encode()).out == expected


def test_get_of_what_is_not_there(config: Path) -> None:
    """
    The protocol says it on stdout, with exit code 1.
    """
    ran = run("auth", "get", "r.example")
    assert (ran.code, ran.out) == (1, "credentials not found in native keychain\n")


def test_get_of_an_identity_token(config: Path) -> None:
    """
    An identity token is the secret of the user `<token>`, both ways.
    """
    done("auth", "login", "r.example", "-u", "<token>", "-p", "secret", "--no-verify")
    stored = json.loads(config.read_text())["auths"]["r.example"]
    assert stored["identitytoken"] == "secret"
    assert done("auth", "get", "r.example").objects == [{"Username": "<token>", "Secret": "secret"}]


def test_get_of_a_repository(config: Path) -> None:
    """
    Credentials may be kept for a path, which the longest match finds.
    """
    done("auth", "login", "r.example/team", "-u", "team", "-p", "pw", "--no-verify")
    assert done("auth", "get", "r.example/team/app").objects[0]["Username"] == "team"
    assert run("auth", "get", "r.example/other").code == 1


def test_helpers_keep_them(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where the configuration names a helper, that keeps the secret, and the file does not.
    """
    helper = tmp_path / "bin/docker-credential-test"
    helper.parent.mkdir()
    helper.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(tmp_path / 'kept')!r}, 'a').write(sys.argv[1] + sys.stdin.read())\n"
    )
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helper.parent}:/usr/bin:/bin")
    config.parent.mkdir()
    config.write_text('{"credsStore": "test"}')
    ran = done("auth", "login", "r.example", "-u", "me", "-p", "secret", "--no-verify")
    assert "logged in via credential helper test" in ran.err
    assert "unencrypted" not in ran.err
    assert "secret" in (tmp_path / "kept").read_text()
    assert "secret" not in config.read_text()


def test_a_broken_configuration_is_named(config: Path, host: str) -> None:
    """
    A file that cannot be understood is an error that says which; help does not read it.
    """
    config.parent.mkdir()
    config.write_text("{")
    ran = run("auth", "get", "r.example")
    assert str(config) in ran.err
    assert ran.code != 0
    done("digest", "--help")
