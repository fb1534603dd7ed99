"""
`ocikit registry serve` with accounts, certificates, rules, logs, and another registry.
"""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ocikit.digest import Digest
from ocikit.testing.certificates import CertificateAuthority
from tests.cli.running import run, start

MAIN = "from ocikit.cli import main; main(['registry', 'serve'])"


@contextmanager
def _serving(*argv: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with start("registry", "serve", *argv) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """
    A folder that becomes a layer.
    """
    made = tmp_path / "build"
    made.mkdir()
    (made / "file").write_text("hello")
    return made


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """
    A file of accounts in which ada has a password.
    """
    path = tmp_path / "users"
    ran = run("registry", "passwd", str(path), "ada", "--password-stdin", stdin=b"secret\n")
    assert ran.code == 0, ran.err
    return path


def test_accounts_are_changed_a_line_at_a_time(users: Path) -> None:
    """
    Others' lines stay, hashes are nobody else's to read, and no password is in the file.
    """
    users.write_text(f"# people\n{users.read_text()}")
    first = users.read_text()
    assert stat.S_IMODE(users.stat().st_mode) == 0o600
    assert "secret" not in first
    run("registry", "passwd", str(users), "bob", "--password-stdin", stdin=b"other")
    assert users.read_text().startswith(first)
    assert run("registry", "passwd", str(users), "bob", "--delete").code == 0
    assert users.read_text() == first
    assert run("registry", "passwd", str(users), "bob", "--delete").code == 2
    assert run("registry", "passwd", str(users), "a:b", "--password-stdin", stdin=b"x").code == 2
    assert run("registry", "passwd", str(users), "eve", "--password-stdin", stdin=b"\n").code == 2


@pytest.mark.parametrize("auth", ["basic", "token"])
def test_users_over_tls(users: Path, folder: Path, tmp_path: Path, auth: str) -> None:
    """
    With a certificate and accounts; who is no user may pull where that is said.
    """
    authority = CertificateAuthority(tmp_path)
    pair = authority.server("127.0.0.1")
    tls = ("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    guard = ("--users", str(users), "--auth", auth, "--anonymous-pull")
    trust = ("--cacert", str(authority.file))
    with _serving(*tls, *guard) as (host, _):
        image = f"{host}/app:1"
        made = ("append", "-f", str(folder), "-t", image, *trust)
        assert run(*made).code == 4
        assert run(*made, "--creds", f"{host}=ada:wrong").code == 4
        ran = run(*made, "--creds", f"{host}=ada:secret")
        assert ran.code == 0, ran.err
        assert run("digest", image, *trust).code == 0
        assert run("delete", image, *trust).code == 4


def test_clients_show_certificates(tmp_path: Path) -> None:
    """
    Where they are wanted, who has none is not let in.
    """
    authority = CertificateAuthority(tmp_path)
    pair, mine = authority.server("127.0.0.1"), authority.client("me")
    tls = ("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    trust = ("--cacert", str(authority.file))
    with _serving(*tls, "--client-ca", str(authority.file)) as (host, _):
        assert run("catalog", host, *trust, "--retries", "0").code == 7
        shown = ("--cert", str(mine.certificate), "--key", str(mine.key))
        assert run("catalog", host, *trust, *shown).code == 0


def test_rules_logs_and_metrics(users: Path, folder: Path, tmp_path: Path) -> None:
    """
    Each request is a record on stderr, and a number at /metrics.
    """
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rules]]\nusers = ["ada"]\nrepositories = ["team/**"]\nactions = ["pull", "push"]\n'
    )
    argv = ("--users", str(users), "--rules", str(rules), "--log", "json", "--metrics", "-q")
    with _serving(*argv) as (host, process):
        me = ("--creds", f"{host}=ada:secret")
        made = ("append", "-f", str(folder), "-t")
        assert run(*made, f"{host}/team/app:1", *me).code == 0
        assert run(*made, f"{host}/other/app:1", *me).code == 4
        metrics = subprocess.run(
            ["curl", "-s", f"http://{host}/metrics"], capture_output=True, check=False
        )
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    records = [json.loads(line) for line in err.decode().splitlines()]
    assert {"time", "peer", "method", "target", "status", "received", "sent", "seconds"} <= set(
        records[0]
    )
    assert any(each["method"] == "PUT" and each["status"] == 201 for each in records)
    assert any(each["status"] == 403 for each in records)
    assert "secret" not in err.decode()
    assert metrics.returncode != 0 or b"ocikit_requests_total" in metrics.stdout


def test_a_proxy_passes_on_and_keeps(host: str, folder: Path, tmp_path: Path) -> None:
    """
    What another registry holds is pulled through, is there on disk, and is not pushed to.
    """
    made = ("append", "-f", str(folder), "-t")
    assert run(*made, f"{host}/team/proxied:1").code == 0
    with _serving("--proxy", f"{host}/team", "--disk", str(tmp_path / "kept")) as (near, _):
        here, there = f"{near}/proxied:1", f"{host}/team/proxied:1"
        assert run("digest", here).out == run("digest", there).out
        ran = run("copy", here, f"oci:{tmp_path / 'out'}:1")
        assert ran.code == 0, ran.err
        assert run(*made, f"{near}/proxied:2").code != 0
        assert run("catalog", near).lines == ["proxied"]


def test_a_profile_is_a_registry_with_its_ways() -> None:
    """
    As people test their clients; an unknown one is a fault of usage.
    """
    with _serving("--profile", "ghcr") as (host, _):
        assert run("catalog", host).code in (0, 4, 6, 8)
    assert run("registry", "serve", "--profile", "nobody").code != 0


@pytest.mark.parametrize(
    "argv",
    [
        ("--rules", "/dev/null"),
        ("--anonymous-pull",),
        ("--tls-cert", "/"),
        ("--users", "/"),
        ("--log", "xml"),
        ("--grace", "-1"),
        ("--gc-every", "0"),
    ],
)
def test_options_that_make_no_sense(argv: tuple[str, ...]) -> None:
    """
    They are faults of usage, before anything is listened on.
    """
    assert run("registry", "serve", *argv).code == 2


def test_files_that_say_what_cannot_be(tmp_path: Path) -> None:
    """
    The error names the file and the line.
    """
    users = tmp_path / "users"
    users.write_text("ada:$apr1$cPLbIZNY$yWY2JZ9/.VJnZcg5tMvWx.\n")
    ran = run("registry", "serve", "--users", str(users))
    assert (ran.code, f"{users}, line 1" in ran.err) == (8, True)
    ran = run("registry", "serve", "--tls-cert", str(users))
    assert (ran.code, "PEM" in ran.err) == (2, True)


def test_requests_under_way_end_well_when_it_is_stopped() -> None:
    """
    Within the grace: a client that is amid its upload gets its answer.
    """
    with _serving("--grace", "30") as (host, process):
        name = Digest.of(b"hello")
        head = (
            f"POST /v2/a/blobs/uploads/?digest={name} HTTP/1.1\r\nHost: r\r\n"
            "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        address, _, port = host.partition(":")
        with socket.create_connection((address, int(port)), timeout=60) as wire:
            wire.sendall(head.encode())
            assert b"100 Continue" in wire.recv(100)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            wire.sendall(b"hello")
            assert wire.recv(1000).startswith(b"HTTP/1.1 201")
        process.communicate(timeout=60)
    assert process.returncode == 143


def test_few_file_descriptors_keep_nobody_out() -> None:
    """
    Who has waited longest makes room for who comes.
    """
    program = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); {MAIN}"
    argv = (sys.executable, "-c", program)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            address, _, port = process.stdout.readline().decode().strip().partition(":")
            with ExitStack() as stack:
                for _ in range(200):
                    stack.enter_context(socket.create_connection((address, int(port)), timeout=60))
                assert run("catalog", f"{address}:{port}").code == 0
        finally:
            process.terminate()
