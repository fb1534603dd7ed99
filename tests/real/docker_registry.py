"""
docker-registry (distribution 2.8): a registry that we did not write, in many guises.

It has no referrers API, so that it exercises the fallback to tags.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from ocikit.testing.certificates import CertificateAuthority, Pair
from tests.real.process import Command, answers, free_port, require, running, short_folder
from tests.real.token_server import TokenServer, serve_tokens

USER, PASSWORD = "ada", "pass:wörd"

_ACCESS = re.compile(r'"([A-Z]+) (\S+) HTTP/1\.[01]" (\d{3}) (\d+)')


@attrs.frozen
class DockerRegistry:
    """
    A running registry. All tests of a run share it: name repositories after the test.
    """

    #: "127.0.0.1:PORT", as references write it.
    host: str
    #: Where it stores blobs and manifests.
    root: Path
    log: Path
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    #: Who grants access, for a registry with token authentication.
    tokens: TokenServer | None = None
    #: Who issued its certificate, for a registry that speaks TLS.
    authority: CertificateAuthority | None = None

    def requests(self) -> list[tuple[str, str, int]]:
        """
        Read from its log what it was asked so far: method, target, status.
        """
        return [(method, target, status) for method, target, status, _ in self.answers()]

    def answers(self) -> list[tuple[str, str, int, int]]:
        """
        Read from its log what it answered so far: method, target, status, bytes of body.
        """
        text = self.log.read_text(errors="replace")
        for _ in range(100):
            # It logs an answer after that was sent: what was asked last may be missing.
            time.sleep(0.02)
            before, text = text, self.log.read_text(errors="replace")
            if text == before:
                break
        found = _ACCESS.findall(text)
        return [(method, target, int(status), int(size)) for method, target, status, size in found]


@contextmanager
def started(**settings: Any) -> Iterator[DockerRegistry]:
    """
    Run a registry; `auth` is that part of its configuration.
    """
    program = require("docker-registry", "docker-registry")
    with short_folder("registry") as folder:
        port = free_port()
        config, log, root = folder / "config.yml", folder / "log", folder / "root"
        root.mkdir()
        address = settings.pop("address", f"127.0.0.1:{port}")
        http = f'addr: "{address}"{settings.pop("http", "")}'
        config.write_text(_yaml(root, http, settings.pop("auth", "")))
        target = Path(address) if address.startswith("/") else ("127.0.0.1", port)
        with running(
            (program, "serve", str(config)), log, lambda: answers(target, "/") is not None
        ):
            yield DockerRegistry(settings.pop("host", f"127.0.0.1:{port}"), root, log, **settings)


def _yaml(root: Path, http: str, auth: str) -> str:
    return f"""
version: 0.1
log: {{accesslog: {{disabled: false}}, level: warn}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{{http}}}
{auth}
"""


@contextmanager
def started_with_tokens(folder: Path) -> Iterator[DockerRegistry]:
    """
    Run a registry that asks for a bearer token, and the server that gives them.

    Anybody may pull, except from repositories below `private/`; who logs in may all.
    """
    bundle = folder / "root.pem"
    with serve_tokens(USER, PASSWORD) as tokens:
        bundle.write_bytes(tokens.signer.certificate)
        auth = (
            f'auth: {{token: {{realm: "{tokens.realm}", service: "{tokens.service}", '
            f'issuer: "{tokens.issuer}", rootcertbundle: "{bundle}"}}}}'
        )
        with started(auth=auth, user=USER, password=PASSWORD, tokens=tokens) as registry:
            yield registry


@pytest.fixture(scope="session")
def docker_registry() -> Iterator[DockerRegistry]:
    """
    A registry that lets everybody do everything.
    """
    with started() as registry:
        yield registry


@pytest.fixture(scope="session")
def docker_registry_basic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """
    A registry that asks for a user and a password.
    """
    htpasswd = Command((require("htpasswd", "apache2-utils"), "-B", "-i", "-n"))
    accounts = tmp_path_factory.mktemp("htpasswd") / "accounts"
    accounts.write_text(htpasswd(USER, stdin=PASSWORD.encode()))
    auth = f"auth: {{htpasswd: {{realm: basic-realm, path: {accounts}}}}}"
    with started(auth=auth, user=USER, password=PASSWORD) as registry:
        yield registry


@pytest.fixture(scope="session")
def docker_registry_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """
    A registry that asks for a bearer token.
    """
    with started_with_tokens(tmp_path_factory.mktemp("tokens")) as registry:
        yield registry


@pytest.fixture(scope="session")
def docker_registry_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """
    A registry that speaks TLS, by a certificate of an authority that nobody knows.
    """
    authority = CertificateAuthority(tmp_path_factory.mktemp("tls"))
    with started(http=_tls(authority.server()), authority=authority) as registry:
        yield registry


@pytest.fixture(scope="session")
def docker_registry_mutual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """
    The same, which lets nobody in who does not show a certificate of that authority.
    """
    authority = CertificateAuthority(tmp_path_factory.mktemp("mutual"))
    demand = f', clientcas: ["{authority.file}"]'
    with started(http=_tls(authority.server(), demand), authority=authority) as registry:
        yield registry


@pytest.fixture(scope="session")
def docker_registry_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """
    A registry on a unix socket; its `host` is the socket's path.
    """
    with short_folder("socket") as folder:
        path = str(folder / "sock")
        with started(address=path, http=", net: unix", host=path) as registry:
            yield registry


def _tls(pair: Pair, more: str = "") -> str:
    return f', tls: {{certificate: "{pair.certificate}", key: "{pair.key}"{more}}}'
