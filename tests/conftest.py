"""
What every test runs under: no network but loopback, no home but an empty one.
"""

from __future__ import annotations

import functools
import gc
import ipaddress
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

# What other projects get from the installed package: asserts that show their values.
pytest.register_assert_rewrite(
    *("ocikit.testing.contracts", "ocikit.testing.contracts_client"),
    *("ocikit.testing.contracts_documents", "ocikit.testing.contracts_failing"),
    *("ocikit.testing.contracts_reading", "ocikit.testing.contracts_using"),
    *("ocikit.testing.contracts_damage", "ocikit.testing.contracts_writing"),
    *("ocikit.testing.contracts_keychain", "ocikit.testing.contracts_keychain_names"),
    *("ocikit.testing.contracts_keychain_secrets", "ocikit.testing.contracts_registry"),
    *("ocikit.testing.contracts_registry_lists", "ocikit.testing.contracts_storage"),
    *("ocikit.testing.contracts_storage_manifests", "ocikit.testing.modelled"),
)

pytest_plugins = [
    "ocikit.testing.plugin",
    "pytester",
    "tests.real.busybox",
    "tests.real.ceph_rgw",
    "tests.real.commands",
    "tests.real.containerd",
    "tests.real.docker_registry",
    "tests.real.dockerd",
    "tests.real.podman",
    "tests.real.rootfs",
    "tests.real.schemas",
    "tests.real.webservers",
    # It is made of others, which pytest has to see before.
    "tests.real.docker26",
]

# Deadlines and the slowness check measure the machine, not the code.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "deep",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)


def pytest_collection_finish() -> None:
    """
    Take what pytest knows of twenty thousand tests out of what is searched for garbage.
    """
    gc.collect()
    gc.freeze()


def _with_room(test: Callable[..., object], /, **named: object) -> object:
    __tracebackhide__ = True
    return test(**named)


# CPython gets the memory of Python's frames from the system in pieces of 16 KiB, and gives a
# piece back as soon as it is empty: who goes to and fro over the border of two, as generated
# examples do by the million, has the system at work each time. This frame is so large that
# the piece that it is in has a mebibyte left for all that is called from it.
_with_room.__code__ = _with_room.__code__.replace(co_stacksize=1 << 17)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """
    Let each test's frames lie in one piece.
    """
    plain = pyfuncitem.obj
    pyfuncitem.obj = functools.partial(_with_room, plain)
    try:
        return (yield)
    finally:
        pyfuncitem.obj = plain


class OutsideNetwork(RuntimeError):
    """
    A test tried to leave this machine.

    It is no OSError, so that code under test does not take it for a network that is down.
    """


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host is None or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


def _stay_here(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        # Addresses of unix sockets are text; those of the internet are tuples.
        if isinstance(args[1], tuple) and not _is_here(args[1][0]):
            raise OutsideNetwork(
                f"{event} to {args[1]}: tests reach loopback and unix sockets only"
            )
    elif event == "socket.getaddrinfo" and not _is_here(args[0]):
        raise OutsideNetwork(f"look-up of {args[0]!r}: tests reach loopback and unix sockets only")


sys.addaudithook(_stay_here)

#: Where a person's credentials and settings are found; none may reach a test.
PERSONAL: Final = (
    "AWS_",
    "AZURE_",
    "CLOUDSDK_",
    "CONTAINER_HOST",
    "CONTAINERS_",
    "CURL_CA_BUNDLE",
    "DOCKER_",
    "GCE_METADATA_",
    "GITHUB_",
    "GH_",
    "GOOGLE_",
    "IDENTITY_",
    "KUBE",
    "MSI_",
    "NO_GCE_CHECK",
    "OCIKIT_CACHE",
    "OCIKIT_CREDS",
    "OCIKIT_DEST_",
    "OCIKIT_KEYCHAIN",
    "OCIKIT_SRC_",
    "PYTHON_KEYRING_BACKEND",
    "REGISTRY_AUTH_FILE",
    "REQUESTS_CA_BUNDLE",
    "SOURCE_DATE_EPOCH",
    "SSL_CERT_",
)
PROXIES: Final = ("all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy")


def _isolate(home: Path, environ: os._Environ[str]) -> None:
    # What is costly to make stays between runs, in the person's own cache.
    caches = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    environ.setdefault("OCIKIT_TEST_CACHE", str(caches / "ocikit-tests"))
    for name in list(environ):
        if name.startswith(PERSONAL) or name.lower() in PROXIES:
            del environ[name]
    places = {
        "HOME": "",
        "XDG_CACHE_HOME": ".cache",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_RUNTIME_DIR": ".run",
    }
    for name, folder in places.items():
        (home / folder).mkdir(parents=True, exist_ok=True)
        environ[name] = str(home / folder)


def pytest_configure(config: pytest.Config) -> None:
    """
    Give the whole run an empty home, before anything under test is imported.
    """
    home = Path(tempfile.mkdtemp(prefix="ocikit-home-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    _isolate(home, os.environ)


@pytest.fixture(scope="session", autouse=True)
def nobody_works_on() -> Iterator[None]:
    """
    See that no thread is busy when all is done: it would have slowed all that came after it.

    One that reads a closed connection again and again is such a one.
    """
    yield
    # What only ends its work is done after some of these.
    for _ in range(10):
        before = time.process_time()
        time.sleep(0.2)
        if time.process_time() - before < 0.1:
            return
    busy = [thread.name for thread in threading.enumerate()]
    raise AssertionError(f"the tests are over, and one of these works on: {busy}")
