"""
`ocikit registry serve`, as a script starts it.
"""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from ocikit import layout
from ocikit.content.empty import IMAGE
from ocikit.registry.flush import flush
from tests.cli.running import done, run, start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(number: signal.Signals) -> None:
    """
    The address is the first line, and a signal is an end in good order.
    """
    with start("registry", "serve") as process:
        assert process.stdout is not None
        host = process.stdout.readline().decode().strip()
        flush(f"{host}/app:1", IMAGE)
        assert done("catalog", host).lines == ["app"]
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == (0 if number == signal.SIGINT else 128 + number)
    assert b"Traceback" not in err


def test_a_folder_keeps_what_was_pushed(tmp_path: Path) -> None:
    """
    It is there when the registry is served again, and others read it as a layout.
    """
    argv = ("registry", "serve", "--disk", f"{tmp_path}/all", "--durability", "none")
    for known in (False, True):
        with start(*argv) as process:
            assert process.stdout is not None
            host = process.stdout.readline().decode().strip()
            assert (run("digest", f"{host}/app:1").code == 0) == known
            assert run(*argv).code == 6
            flush(f"{host}/app:1", IMAGE)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert layout.load(tmp_path / "all/app", "1") == IMAGE


def test_it_logs_when_asked() -> None:
    """
    With -v each request is a line on stderr; as JSON the address is an object.
    """
    argv = ("registry", "serve", "-v", "--output", "json", "--address", "127.0.0.1:0")
    with start(*argv) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["url"] == f"http://{said['address']}"
        run("digest", f"{said['address']}/app:1")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "127.0.0.1 HEAD /v2/app/manifests/1: 404" in err.decode()


def test_port_of_the_environment() -> None:
    """
    PORT says which port, as platforms that run containers have it.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start("registry", "serve", env={"PORT": str(port)}) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"127.0.0.1:{port}\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_addresses_that_cannot_be(host: str) -> None:
    """
    A text that is no address is a fault of usage; a taken one is the system's no.
    """
    assert run("registry", "serve", "--address", "localhost:http").code == 2
    assert run("registry", "serve", "--address", ":70000").code == 2
    ran = run("registry", "serve", "--address", host)
    assert ran.code == 9
    assert ran.err.startswith(f"Error: {host}: another program listens there; choose another port")
