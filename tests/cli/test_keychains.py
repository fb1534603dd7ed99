"""
Keychains by name: which are asked, in which order, and what that costs.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocikit.auth.chain import NAMES
from ocikit.cli.keychains import names
from ocikit.content.image import Image
from ocikit.server.web.serve import serve
from tests.auth.scripts import GCLOUD, TOKEN, program
from tests.auth.test_ecr import ACCOUNT, Amazon
from tests.cli.running import done, run, start
from tests.cli.test_imports import loaded
from tests.real.process import require_module
from tests.registry.sockets import ok, on_a_socket, request_of

ECR = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
CLOUDS = {"google", "botocore", "azure", "keyring", "requests"}


def configuration(user: str) -> str:
    """
    A configuration of one user of one registry.
    """
    coded = base64.b64encode(f"{user}:SECRET".encode()).decode()
    return json.dumps({"auths": {"r.example": {"auth": coded}}})


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    A home where Docker, podman and the environment each know somebody else; and no
    programs.
    """
    for path, user in ((".docker/config.json", "docker"), ("run/containers/auth.json", "podman")):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(configuration(user))
    (tmp_path / "file.json").write_text(configuration("file"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", configuration("env"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    return tmp_path


def user(*argv: str, host: str = "r.example") -> str:
    """
    As whom a registry is asked with these options.
    """
    (found,) = done("auth", "get", host, *argv).objects
    return str(found["Username"])


def test_those_that_are_named_are_asked_in_their_order(homes: Path) -> None:
    """
    By options or by the environment, where options count more.
    """
    assert user() == user("--keychain", "default") == "env"
    for name in ("docker", "podman", "env"):
        assert user("--keychain", name) == name
        assert user("--keychain", "google", "--keychain", name) == name
    assert user("--keychain", "docker", "--keychain", "env") == "docker"
    assert user("--keychain", "podman,docker") == "podman"
    assert user("--keychain", "all") == "env"
    assert run("auth", "get", "r.example", "--keychain", "github").code == 1
    assert run("auth", "get", "r.example", "--keychain", "none").code == 1
    assert user("--keychain", "none", "--creds", "r.example=me:pw") == "me"


def test_the_environment_names_them(homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Once for all commands; an option counts more.
    """
    monkeypatch.setenv("OCIKIT_KEYCHAIN", "github, podman")
    assert user() == "podman"
    assert user("--keychain", "docker") == "docker"
    monkeypatch.setenv("GITHUB_TOKEN", "SECRET")
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    assert user(host="ghcr.io") == user("--github-token", host="ghcr.io") == "ada"
    assert user("--keychain", "all", host="ghcr.io") == "ada"
    assert user("--keychain", "default", "--github-token", host="ghcr.io") == "ada"
    assert run("auth", "get", "r.example", "--no-creds").code == 1


def test_a_file_stands_for_the_files(homes: Path) -> None:
    """
    Where these are named, and else before all.
    """
    file = f"--authfile={homes / 'file.json'}"
    for named in ("default", "docker", "all", "google", "google,docker", "env,google"):
        assert user(file, "--keychain", named) == "file"
    ran = run("auth", "explain", "r.io", file, "--keychain", "google,docker,github")
    assert [line.partition(":")[0] for line in ran.lines] == [
        *("- google", f"- {homes / 'file.json'}", "- GITHUB_TOKEN")
    ]
    ran = run("auth", "explain", "r.io", file, "--keychain", "all")
    assert [line.partition(":")[0] for line in ran.lines] == [
        *(f"- {homes / 'file.json'}", "- GITHUB_TOKEN", "- google", "- ecr", "- acr")
    ]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--keychain", "gcr"), "there is no keychain 'gcr'; take one of default"),
        (("--keychain", "none,docker"), "--keychain none goes with no other"),
        (("--keychain", "docker", "--no-creds"), "--no-creds goes with no other"),
        (("--keychain", "kubernetes"), "not in a Kubernetes cluster"),
    ],
)
def test_what_cannot_be_is_told(homes: Path, argv: tuple[str, ...], told: str) -> None:
    """
    As a slip of the finger is.
    """
    ran = run("auth", "get", "r.example", *argv)
    assert ran.code == 2
    assert told in ran.err


def test_help_and_shells_know_the_names() -> None:
    """
    All of them.
    """
    helped = " ".join(done("--help").out.split())
    told = helped.partition("--keychain NAME")[2].partition("[env: OCIKIT_KEYCHAIN")[0]
    assert [name for name in NAMES if name not in told] == []
    assert names("g") == ["google", "github"]
    assert names("env,p") == ["env,podman"]


@pytest.fixture
def amazon(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amazon]:
    """
    Amazon's services, and somebody whom they know.
    """
    require_module("botocore")
    made = Amazon()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDSECRET")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRETKEY")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with serve(made) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield made


def ecr(line: socket.socket) -> None:
    """
    A registry of Amazon's with one repository, for who has the first token.
    """
    basic = base64.b64encode(b"AWS:SECRET1")
    while request := request_of(line):
        if b"Basic " + basic in request:
            line.sendall(ok(b'{"name": "app", "tags": ["1"]}'))
        else:
            line.sendall(ok(b"", 'WWW-Authenticate: Basic realm="ECR"', status="401 No"))


def test_commands_are_somebody_at_a_cloud(amazon: Amazon) -> None:
    """
    When they are told to ask it; when not, they are told how.
    """
    with on_a_socket(ecr) as path:
        here = f"--unix-socket={ECR}={path}"
        ran = run("ls", f"{ECR}/app", here)
        assert ran.code == 4
        assert "With --keychain ecr that cloud is asked who you are." in ran.err
        assert amazon.asked == []
        assert done("ls", f"{ECR}/app", here, "--keychain", "ecr").lines == ["1"]
        assert amazon.asked == ["ecr eu-west-1"]
        ran = run("ls", f"{ECR}/app", here, "--keychain", "ecr", "--insecure")
        assert ran.code == 4
        assert "SECRET" not in ran.out + ran.err
        assert "With --keychain" not in ran.err


def test_others_get_no_advice(guarded: str) -> None:
    """
    A registry that is nobody's cloud wants its own password.
    """
    ran = run("ls", f"{guarded}/app")
    assert ran.code == 4
    assert "--keychain" not in ran.err


@pytest.fixture
def guarded() -> Iterator[str]:
    """
    A registry that knows nobody.
    """
    from ocikit.server.auth.basic import basic_auth
    from ocikit.server.handler import registry

    with serve(basic_auth(registry(), {"ada": "SECRET"})) as server:
        yield server.host


def test_what_may_fail_is_warned_of(amazon: Amazon) -> None:
    """
    In the words of a command, once, and the registry is asked as nobody.
    """
    amazon.status = 400
    ran = run("auth", "get", ECR, "--keychain", "all")
    assert ran.code == 1
    assert ran.err.startswith("Warning: asking without credentials: Amazon ecr in eu-west-1")
    assert "SECRETKEY" not in ran.err
    ran = run("auth", "get", ECR, "--keychain", "ecr")
    assert ran.code == 6
    assert ran.err.startswith("Error: Amazon ecr in eu-west-1")


def test_two_sides_warn_once(amazon: Amazon, host: str) -> None:
    """
    A command that reads and writes as different persons looks for both.
    """
    amazon.status = 400
    with on_a_socket(ecr) as path:
        sides = ("--src-insecure", f"--unix-socket={ECR}={path}", "--keychain", "all")
        ran = run("copy", f"{ECR}/app:1", f"{host}/x:1", *sides)
    assert ran.code == 4
    assert ran.err.count("Warning: asking without credentials") == 1


def test_explain_tells_of_each(amazon: Amazon, homes: Path) -> None:
    """
    Which source answered, and why others did not.
    """
    program(homes, "gcloud", GCLOUD % TOKEN)
    ran = done("auth", "explain", "gcr.io/project/app", "--keychain", "ecr,google,env")
    adc = homes / ".config/gcloud/application_default_credentials.json"
    assert ran.lines == [
        "- ecr: it is asked for registries of ECR and ECR Public only",
        "- google, GOOGLE_APPLICATION_CREDENTIALS: not set",
        f"- google, {adc}: no such file",
        "* google, gcloud: a password of _token",
        "- DOCKER_AUTH_CONFIG: not asked",
    ]
    ran = done("auth", "explain", ECR, "--keychain", "all", "--output", "json")
    assert [each["entry"] for each in ran.objects if each["answers"]] == [
        "ecr in eu-west-1, by env"
    ]
    assert "SECRET" not in ran.out + ran.err


def test_the_system_s_keyring_is_asked(homes: Path) -> None:
    """
    By name alone: in a process of its own, which has a keyring for it.
    """
    require_module("keyring")
    (homes / "ring.json").write_text(json.dumps({"quay.io": ["me", "SECRET"]}))
    env = {
        "PYTHON_KEYRING_BACKEND": "tests.auth.rings.Ring",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "RING": str(homes / "ring.json"),
    }
    with start("auth", "get", "quay.io/team", "--keychain", "keyring", env=env) as process:
        out, err = process.communicate()
    assert (json.loads(out), err) == ({"Username": "me", "Secret": "SECRET"}, b"")


@pytest.mark.parametrize("keychain", ["default", "all"])
def test_others_pay_nothing(host: str, image: Image, homes: Path, keychain: str) -> None:
    """
    A registry that is nobody's cloud is asked without any of a cloud's packages.
    """
    modules = loaded("digest", f"{host}/app:1", "--keychain", keychain)
    assert not CLOUDS & {name.split(".")[0] for name in modules}
    assert "subprocess" not in modules


def test_without_a_name_no_keychain_is_loaded(host: str, image: Image) -> None:
    """
    But those of files.
    """
    modules = loaded("digest", f"{host}/app:1")
    assert {name for name in modules if name.startswith("ocikit.auth.")}.isdisjoint(
        f"ocikit.auth.{name}" for name in ("acr", "chain", "ecr", "google", "kubernetes", "cluster")
    )
