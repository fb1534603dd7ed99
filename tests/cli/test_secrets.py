"""
Twelve planted secrets, and all that is ever written: none of them is in any of it.

The registry here echoes whatever it is told, in errors, warnings and header fields; its
storage does so as well, as those of clouds do with signatures.
"""

from __future__ import annotations

import base64
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote

import attrs
import pytest

from ocikit._records import JSON, evolve
from ocikit.auth.default import default
from ocikit.auth.explain import explain
from ocikit.auth.headers import headers
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.errors import OciError
from ocikit.http.faults import fault
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.retry import NEVER
from ocikit.name.parse import parse_registry
from ocikit.registry.client import Client
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.list import tags
from ocikit.registry.load import load
from ocikit.registry.proxies import Proxies
from ocikit.registry.session import reach
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from ocikit.spec.api import Problem
from ocikit.testing.wires import answer
from tests.cli.running import run

MARK: Final = "-SECRET-"
(
    PASSWORD,
    IDENTITY,
    REGISTRY_TOKEN,
    BEARER,
    REFRESH,
    SIGNATURE,
    STATE,
    COOKIE,
    GATE,
    PROXY,
    HELPER,
    GITHUB,
) = SECRETS = tuple(
    f"{name}{MARK}{number}"
    for number, name in enumerate(
        (
            *("password", "identity", "registry", "bearer", "refresh", "signature", "state"),
            *("cookie", "gate", "proxy", "helper", "github"),
        )
    )
)
IMAGE = synthetic.image(Random(1), layers=1)
FRESH = synthetic.image(Random(2), layers=1)


def forms() -> Iterator[bytes]:
    """
    Give every form in which a secret could be written.
    """
    for secret in SECRETS:
        yield secret.encode()
        yield quote(secret).encode()
        # Whatever stands before it in a Basic field, its core is one of these.
        for shift in range(3):
            coded = base64.b64encode(b":" * shift + secret.encode())
            yield coded[4:-4]


def found_in(*written: object) -> set[bytes]:
    """
    Give the secrets that are in what was written.
    """
    data = b"\n".join(w if isinstance(w, bytes) else str(w).encode() for w in written)
    return {form for form in forms() if form in data}


def test_secrets_are_found_where_they_are() -> None:
    """
    The test below would pass for a search that finds nothing.
    """
    assert len(SECRETS) == 12
    for secret in SECRETS:
        assert found_in(secret)
        assert found_in(base64.b64encode(f"user:{secret}".encode()))
        assert found_in(f"https://x.io/?a={quote(secret)}")


@attrs.define
class Leaky:
    """
    A registry with a token service, which says back all that it hears.
    """

    inner: Send
    storage: str = ""

    def __call__(self, request: Request) -> Response:
        """
        Answer, and add what should not be told.
        """
        shown = request.headers.get("Authorization")
        response = self._answer(request, shown)
        echo = shown.replace('"', "'") or "nothing"
        extra = {
            "Warning": f'299 - "you sent {echo}"',
            "Set-Cookie": f"session={COOKIE}",
            "Server": echo,
            "X-Echo": echo,
        }
        pairs = (*response.headers, *extra.items())
        return evolve(response, headers=Headers(pairs))

    def _answer(self, request: Request, shown: str) -> Response:
        path, _, _ = request.url.partition("://")[2].partition("/")[2].partition("?")
        if path == "token":
            return self._token(request, shown)
        if shown not in (f"Bearer {BEARER}", f"Bearer {REGISTRY_TOKEN}"):
            realm = f"{request.url.partition('/v2')[0]}/token"
            challenge = f'Bearer realm="{realm}",service="{quote(shown)}"'
            return answer(401, f"who is {shown}?".encode(), WWW_Authenticate=challenge)
        if "/broken/" in f"/{path}":
            told: list[JSON] = [f"{name}: {value}" for name, value in request.headers]
            problem = Problem(code="DENIED", message=f"no {shown}", detail=told)
            return fault(403 if request.method == "GET" else 500, problem)
        if "/blobs/sha256" in path and request.method == "GET" and self.storage:
            place = f"{self.storage}/{path}?X-Amz-Signature={SIGNATURE}"
            return answer(307, Location=place)
        response = self.inner(request)
        location = response.headers.get("Location")
        if "/uploads/" in location:
            joint = "&" if "?" in location else "?"
            signed = f"{location}{joint}_state={STATE}"
            return evolve(response, headers=response.headers.with_("Location", signed))
        return response

    def _token(self, request: Request, shown: str) -> Response:
        with request.body.opener.open() as stream:
            form = stream.read().decode()
        if "wrong" in base64.b64decode(shown.partition(" ")[2] or "").decode():
            return answer(401, f"{shown} and {form} and {request.url}".encode())
        grant = {"token": BEARER, "refresh_token": REFRESH, "expires_in": 300}
        return answer(200, json.dumps(grant).encode())


def echoing(request: Request) -> Response:
    """
    A storage that finds every signature wrong, and quotes it.
    """
    text = f"<Error><SignatureProvided>{SIGNATURE}</SignatureProvided>{request.url}</Error>"
    return answer(403, text.encode(), Content_Type="application/xml")


CREDENTIALS: Final[dict[str, dict[str, str]]] = {
    "password": {"auth": base64.b64encode(f"ada:{PASSWORD}".encode()).decode()},
    "identity": {"identitytoken": IDENTITY},
    "registry": {"registrytoken": REGISTRY_TOKEN},
}


@pytest.fixture
def leaky() -> Leaky:
    """
    The registry; it has an image as `app:1` and as `broken/app:1`.
    """
    inner = registry()
    flush("localhost/app:1", IMAGE, client=Client(send=inner))
    return Leaky(inner)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """
    All that Python's loggers were told, at every level.
    """
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text + "".join(map(repr, caplog.records))


def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, entry: Any) -> None:
    """
    Keep credentials, and a header field, where Docker does.
    """
    config = {"auths": {host: entry}, "HttpHeaders": {"X-Gate": GATE}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("GITHUB_TOKEN", GITHUB)


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_no_command_writes_them(
    kind: str,
    leaky: Leaky,
    log: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    Whatever works and whatever fails, as verbosely as can be.
    """
    written: list[object] = []

    def ran(*argv: object) -> int:
        each = run("-vv", "--retries=0", *map(str, argv), stdin=bytes(1024))
        written.extend([each.raw, each.err])
        return each.code

    with serve(leaky) as server, serve(echoing) as storage:
        host = server.host
        keep(tmp_path, monkeypatch, host, CREDENTIALS[kind])
        assert ran("pull", f"{host}/app:1", tmp_path / "a.tar") == 0
        assert ran("append", "-f", "-", "-t", f"{host}/new:1") == 0
        assert ran("digest", f"{host}/app:1") == 0
        assert ran("auth", "explain", host) == 0
        assert ran("auth", "explain", "ghcr.io", "--github-token") == 0
        assert ran("digest", f"{host}/broken/app:1") != 0
        assert ran("append", "-f", "-", "-t", f"{host}/broken/new:1") != 0
        assert ran("digest", f"{host}/app:none") == 3
        assert ran("digest", f"{host}/app:1", "--creds", f"wrong:{PASSWORD}") != 0
        assert ran("auth", "login", host, "-u", "wrong", "-p", PASSWORD) != 0
        # The storage refuses, is nobody, or sends us round and round.
        for place in (storage.url, "http://127.0.0.1:1", f"{server.url}/v2/app/blobs/sha256:0"):
            leaky.storage = place
            assert ran("pull", f"{host}/app:1", tmp_path / "b.tar") != 0
        monkeypatch.setenv("HTTP_PROXY", f"http://me:{PROXY}@127.0.0.1:1")
        monkeypatch.setenv("HTTPS_PROXY", f"socks5://me:{PROXY}@127.0.0.1:1")
        assert ran("digest", "r.example/app:1") != 0
        assert ran("digest", "--insecure", "r.example/app:1") != 0
    assert found_in(*written, log()) == set()


def test_no_helper_s_words_are_written(
    log: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What a helper prints may be a secret, also when it fails.
    """
    helper = tmp_path / "docker-credential-leaky"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text('{"credsStore": "leaky"}')
    written: list[object] = []
    for script in (f"echo {HELPER}; exit 1", f"echo {HELPER} >&2; exit 1", f"echo {HELPER}"):
        helper.write_text(f"#!/bin/sh\n{script}\n")
        helper.chmod(0o755)
        for argv in (("auth", "get", "r.io"), ("auth", "explain", "r.io")):
            each = run("-vv", *argv)
            written += [each.raw, each.err]
    assert "docker-credential-leaky" in str(written)
    assert found_in(*written, log()) == set()


def told(error: BaseException) -> list[object]:
    """
    Give every way in which an error is written.
    """
    chain = "".join(traceback.format_exception(error))
    return [str(error), repr(error), error.args, pickle.dumps(error), chain, vars(error)]


@pytest.mark.parametrize("kind", CREDENTIALS)
def test_no_record_and_no_error_holds_them(
    kind: str,
    leaky: Leaky,
    log: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    Neither in its text, nor as Python shows it, nor pickled, nor with what caused it.
    """
    written: list[object] = []

    def tried(attempt: Callable[[], object]) -> None:
        try:
            found = attempt()
        except OciError as error:
            written.extend(told(error))
        else:
            written.extend([repr(found), str(found)])

    with serve(leaky) as server, serve(echoing) as storage:
        host = server.host
        keep(tmp_path, monkeypatch, host, CREDENTIALS[kind])
        client = Client(settings=Settings(retry=NEVER), jobs=2)
        image = load(f"{host}/app:1", client=client)
        assert isinstance(image, Image)
        access = reach(client, image.config.origin or pytest.fail("no origin"))
        for record in (client, client.settings, image, image.config.opener, default(), headers()):
            written += [repr(record), pickle.dumps(record)]
        written += [repr(access), repr(explain(default(), parse_registry(host)))]
        for name in ("app", "broken/app"):
            tried(lambda name=name: flush(f"{host}/{name}:2", FRESH, client=client))  # type: ignore[misc]
            tried(lambda name=name: head(f"{host}/{name}:9", client=client))  # type: ignore[misc]
            tried(lambda name=name: load(f"{host}/{name}:9", client=client))  # type: ignore[misc]
            tried(lambda name=name: list(tags(f"{host}/{name}", client=client)))  # type: ignore[misc]
            tried(lambda name=name: delete(f"{host}/{name}:9", client=client))  # type: ignore[misc]
        for place in (storage.url, "http://127.0.0.1:1", f"{server.url}/v2/app/blobs/sha256:0"):
            leaky.storage = place
            tried(lambda: image.layers[0].blob.open().read())
        proxy = f"http://me:{PROXY}@127.0.0.1:1"
        proxies = Proxies(http=proxy, https=proxy)
        settings = Settings(retry=NEVER, proxies=proxies)
        proxied = Client(settings=settings, insecure=True)
        written += [repr(proxied), repr(settings), repr(proxies)]
        tried(lambda: head("r.example/app:1", client=proxied))
        tried(lambda: pickle.dumps(proxied))
    assert found_in(*written, log()) == set()
