"""
Registries that other programs can reach, and registries elsewhere.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ocikit.registry.client import Client
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from ocikit.server.web.serve import serve
from ocikit.testing.registries import TestRegistry


class RegistryServer(TestRegistry):
    """
    A registry on a socket; what its client asks goes over it too.
    """

    #: Where it answers, as "http://127.0.0.1:PORT".
    url: str = ""
    #: The path of the certificate of who signed for it; empty without TLS.
    authority: str = ""


@contextmanager
def served(*, tls: Path | None = None) -> Generator[RegistryServer]:
    """
    Serve a registry in memory, by TLS with certificates that are made in a folder.

    >>> from ocikit.content.empty import IMAGE
    >>> with served() as server:
    ...     pinned = server.flush("app:1", IMAGE)
    ...     server.load("app:1") == IMAGE
    True
    """
    made = RegistryServer("")
    context = None
    if tls is not None:
        from ocikit.testing.certificates import CertificateAuthority

        authority = CertificateAuthority(tls)
        context, made.authority = authority.context(), str(authority.file)
    with serve(made.send, tls=context) as server:
        made.host, made.url = server.host, server.url
        trusted = (made.authority,) if made.authority else ()
        made.client = Client(settings=Settings(ca_files=trusted))
        yield made


def elsewhere(url: str, test: str) -> TestRegistry:
    """
    Use a real registry, in repositories that only one run of a test has.

    Args:
        url: where it is, and what all repositories of tests begin with.
        test: the name of the test.

    Raises:
        ValueError: the address has no host.

    >>> made = elsewhere("http://127.0.0.1:5000/ci", "test_push[amd64]")
    >>> made.name("app:1").startswith("127.0.0.1:5000/ci/test-push-amd64-")
    True
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"--oci-registry {url!r}: write it as https://HOST[:PORT][/PATH]")
    below = parts.path.strip("/")
    own = "-".join(re.findall("[a-z0-9]+", test.lower()))[:40].strip("-")
    prefix = "/".join(part for part in (below, f"{own}-{uuid.uuid4().hex[:8]}") if part)
    plain = parts.scheme == "http"
    send = network(Settings(), insecure=plain)
    return TestRegistry(parts.netloc, send=send, prefix=f"{prefix}/", insecure=plain)
