"""
What every test runs under holds: no network, no home of a person.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.conftest import OutsideNetwork


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_no_test_connects_to_the_outside(address: tuple[str, int]) -> None:
    """
    Connecting to any address that is not loopback raises, before a packet is sent.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as wire, pytest.raises(OutsideNetwork):
        wire.connect(address)


def test_no_test_asks_for_a_name() -> None:
    """
    Looking up a host's name is a question to the network too.
    """
    with pytest.raises(OutsideNetwork):
        socket.getaddrinfo("registry.example", 443)


def test_loopback_is_open(tmp_path: Path) -> None:
    """
    Loopback by number and by name, and unix sockets, are this machine.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, server.getsockname()[1])).close()
    with socket.socket(socket.AF_UNIX) as wire, pytest.raises(FileNotFoundError):
        wire.connect(str(tmp_path / "none"))


def test_home_is_empty() -> None:
    """
    No credentials of the person who runs the tests can be found from here.
    """
    assert Path.home().name.startswith("ocikit-home-")
    assert not (Path.home() / ".docker").exists()
    assert not {"DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "KUBECONFIG"} & set(os.environ)
