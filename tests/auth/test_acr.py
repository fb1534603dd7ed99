"""
Azure's keychain: real azure-identity, and an exchange over a socket by TLS.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote

import attrs
import pytest

from ocikit._records import evolve
from ocikit.auth.acr import ACR, ACRFailed, acr, cloud_of
from ocikit.auth.explain import explain
from ocikit.auth.offers import NotConnected, over
from ocikit.errors import Unreachable
from ocikit.http.credentials import Anonymous, IdentityToken
from ocikit.http.message import Request, Response, Send
from ocikit.http.retry import NEVER
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.registry.client import Client
from ocikit.registry.list import tags
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from ocikit.testing.time import VirtualTime
from ocikit.testing.watch import deeds
from tests.auth.answers import answer
from tests.real.process import require_module

MINE = Registry("mine.azurecr.io")


def token_until(expiry: float, name: str = "SECRET") -> str:
    """
    A token as the exchange gives it: only its middle is read.
    """
    said = json.dumps({"exp": expiry, "jti": name}).encode()
    return f"eyJh.{base64.urlsafe_b64encode(said).decode().rstrip('=')}.sig"


@attrs.frozen
class Entra:
    """
    A credential of Azure as azure-core documents them; its class makes one.
    """

    def get_token(self, *scopes: str) -> _Token:
        """
        Give a token that says whom it is for.
        """
        return _Token(f"ENTRA-SECRET {' '.join(scopes)}")


@attrs.frozen
class _Token:
    token: str
    expires_on: int = 0


class Broken:
    """
    A credential that has none.
    """

    def get_token(self, *scopes: str) -> _Token:
        """
        Fail, as those of azure-identity do.
        """
        from azure.core.exceptions import ClientAuthenticationError

        raise ClientAuthenticationError("log in again: token=SECRETSECRET")


@attrs.define
class Azure:
    """
    A registry of Azure's: its exchange, its token service and one repository.
    """

    asked: list[dict[str, list[str]]] = attrs.field(factory=list)
    paths: list[str] = attrs.field(factory=list)
    until: float = 2_000_000_000.0
    status: int = 200
    said: object = None

    def __call__(self, request: Request) -> Response:
        """
        Answer what Azure's registries answer.
        """
        path = request.url.split("/", 3)[3].partition("?")[0]
        self.paths.append(path)
        with request.body.opener.open() as stream:
            form = parse_qs(stream.read().decode())
        if path == "oauth2/exchange":
            self.asked.append(form)
            told = form["access_token"][0]
            if self.status != 200:
                return answer(self.status, f'{{"errors":[{{"message":"no {told}"}}]}}')
            token = token_until(self.until, f"SECRET{len(self.asked)}")
            return answer(200, {"refresh_token": token} if self.said is None else self.said)
        if path == "oauth2/token":
            good = form.get("refresh_token") == [token_until(self.until, "SECRET1")]
            return answer(200, {"access_token": "granted"}) if good else answer(401, "{}")
        if request.headers.get("Authorization") == "Bearer granted":
            return answer(200, {"name": "app", "tags": ["1"]})
        realm = 'Bearer realm="https://mine.azurecr.io/oauth2/token",service="mine.azurecr.io"'
        return answer(401, "{}", **{"WWW-Authenticate": realm})


@contextmanager
def served(azure: Azure, folder: Path) -> Iterator[Send]:
    """
    Serve it by TLS; give a network on which its host is this machine.
    """
    authority = CertificateAuthority(folder)
    with serve(azure, tls=authority.context()) as server:
        send = network(Settings(ca_files=(str(authority.file),), retry=NEVER))
        yield lambda request: send(
            evolve(request, url=request.url.replace("https://mine.azurecr.io", server.url))
        )


@pytest.mark.parametrize(
    ("host", "cloud"),
    [
        *[("mine.azurecr.io", "io"), ("mine.azurecr.cn", "cn"), ("mine.azurecr.us", "us")],
        *[("mine-a1b2.azurecr.io", "io"), ("mine.westeurope.azurecr.io", "io")],
        *[("azurecr.io", ""), ("mine.azurecr.io.evil.org", ""), ("mine.xazurecr.io", "")],
        *[("mine.azurecr.de", ""), ("mine.azurecr.io:444", ""), ("a.b.c.azurecr.io", "")],
        *[("mcr.microsoft.com", ""), ("ghcr.io", ""), ("docker.io", "")],
    ],
)
def test_hosts_are_azure_s(host: str, cloud: str) -> None:
    """
    And look-alikes are not; they cost nothing.
    """
    assert cloud_of(Registry(host)) == cloud
    if not cloud:
        with deeds() as told:
            assert acr()(Registry(host)) == Anonymous()
        assert told == []
        assert "it is asked for *.azurecr.io" in str(explain(acr(), Registry(host))[0])


def test_a_token_of_entra_is_exchanged(tmp_path: Path) -> None:
    """
    At the registry, for one of its own, which is kept until a tenth of its life is left.
    """
    require_module("azure.identity")
    azure, time = Azure(), VirtualTime()
    azure.until = time.now + 1000
    with served(azure, tmp_path) as send:
        keychain = acr(credential=Entra, send=send, clock=lambda: time.now)
        found = keychain(MINE)
        assert found == keychain(parse_repository("mine.azurecr.io/team/app"))
        assert found == IdentityToken(token_until(azure.until, "SECRET1"))
        assert azure.asked == [
            {
                "grant_type": ["access_token"],
                "service": ["mine.azurecr.io"],
                "access_token": ["ENTRA-SECRET https://containerregistry.azure.net/.default"],
            }
        ]
        assert keychain.lease(MINE).until == azure.until
        time.sleep(901)
        assert keychain(MINE) == IdentityToken(token_until(azure.until, "SECRET2"))
        (step,) = explain(keychain, MINE)
        assert str(step) == "acr, mine.azurecr.io: an identity token"


def test_azure_identity_asks_a_managed_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    As App Service has one: the default credential of azure-identity finds it.
    """
    require_module("azure.identity")
    heard: list[tuple[str, str]] = []

    def identity(request: Request) -> Response:
        heard.append((request.url.partition("?")[2], request.headers.get("X-IDENTITY-HEADER")))
        token = {"access_token": "ENTRA", "expires_on": "2000000000", "token_type": "Bearer"}
        return answer(200, {**token, "resource": "https://containerregistry.azure.net"})

    azure = Azure()
    with serve(identity) as server, served(azure, tmp_path) as send:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "SECRET")
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
        assert isinstance(acr(send=send)(MINE), IdentityToken)
    assert azure.asked[0]["access_token"] == ["ENTRA"]
    assert unquote(heard[0][0]).endswith("resource=https://containerregistry.azure.net")
    assert heard[0][1] == "SECRET"


def test_a_client_logs_in(tmp_path: Path) -> None:
    """
    The token is exchanged again at the registry's token service, and then things are read.
    """
    require_module("azure.identity")
    azure = Azure()
    with served(azure, tmp_path) as send:
        client = Client(send=send, keychain=acr(credential=Entra))
        assert [*tags("mine.azurecr.io/app", client=client)] == ["1"]
    assert azure.paths == [
        *("v2/app/tags/list", "oauth2/exchange", "oauth2/token", "v2/app/tags/list")
    ]


def test_without_credentials_of_azure_s_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    With what azure-identity says; one that is optional is warned of.
    """
    require_module("azure.identity")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    azure = Azure()
    with served(azure, tmp_path) as send:
        with pytest.raises(ACRFailed, match=r"Entra: .*EnvironmentCredential"):
            acr(send=send)(Registry("mine.azurecr.cn"))
        with pytest.raises(ACRFailed, match="log in again") as caught:
            acr(credential=Broken, send=send)(MINE)
        assert "SECRET" not in str(caught.value)
        optional = acr(credential=Broken, send=send, optional=True)
        assert optional(MINE) == Anonymous()
    assert "asking without credentials: Azure credentials, Entra" in caplog.text
    assert azure.asked == []


@pytest.mark.parametrize("status", [401, 404, 307, 500])
def test_a_refusal_is_an_error(tmp_path: Path, status: int) -> None:
    """
    Which says what the registry said, without the token that it says back.
    """
    require_module("azure.identity")
    azure = Azure(status=status)
    with served(azure, tmp_path) as send:
        keychain = acr(credential=Entra, send=send)
        with pytest.raises(ACRFailed, match=rf"mine.azurecr.io: .* {status}") as caught:
            keychain(MINE)
        assert "ENTRA-SECRET" not in str(caught.value) + repr(caught.value)
        assert str(status) in explain(keychain, MINE)[-1].said


@pytest.mark.parametrize("said", [[], "SECRET", {}, {"refresh_token": 5}, {"refresh_token": "a b"}])
def test_an_answer_without_a_token_is_told(tmp_path: Path, said: object) -> None:
    """
    Whatever else it has.
    """
    require_module("azure.identity")
    with served(Azure(said=said), tmp_path) as send, pytest.raises(ACRFailed, match="no token"):
        acr(credential=Entra, send=send)(MINE)


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.e30.c", "a.WzFd.c", "a.eyJleHAiOiJ4In0.c"])
def test_a_token_whose_end_is_not_known_is_not_kept(tmp_path: Path, token: str) -> None:
    """
    It is good now, and that is all.
    """
    require_module("azure.identity")
    azure = Azure(said={"refresh_token": token})
    with served(azure, tmp_path) as send:
        keychain = acr(credential=Entra, send=send)
        assert [keychain(MINE), keychain(MINE)] == [IdentityToken(token)] * 2
    assert len(azure.asked) == 2


def _nowhere(request: Request) -> Response:
    # What Entra gave goes where a certificate is checked, and nowhere else.
    assert request.terms.checked
    raise Unreachable(request.url)


def test_a_registry_that_is_silent_is_unreachable() -> None:
    """
    And without a way to it that is said.
    """
    require_module("azure.identity")
    with pytest.raises(Unreachable):
        acr(credential=Entra, send=_nowhere)(MINE)
    with pytest.raises(NotConnected, match="the keychain acr"):
        acr(credential=Entra)(MINE)
    mine = acr(credential=Entra, send=_nowhere)
    assert over(mine, network()) is mine


def test_it_is_a_recipe(tmp_path: Path) -> None:
    """
    What it found neither prints nor pickles; whoever makes its credential goes along.
    """
    require_module("azure.identity")
    alone = acr(credential=Entra)
    with served(Azure(), tmp_path) as send:
        over(alone, send)(MINE)
    sent = pickle.dumps(alone)
    assert b"SECRET" not in sent
    assert pickle.loads(sent) == alone
    assert repr(acr()) == f"{ACR()!r}"


#: azure-identity is made to be missing, as where the extra is not installed.
WITHOUT = """
import sys
sys.modules["azure"] = None
from ocikit import auth
from ocikit.name.records import Registry
try:
    auth.acr(send=print)(Registry("mine.azurecr.io"))
except auth.ExtraMissing as error:
    print(error)
"""


def test_a_missing_extra_is_told() -> None:
    """
    With how it is installed.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=env, capture_output=True, check=True)
    assert b'azure-identity, which is not installed: pip install "ocikit[azure]"' in done.stdout
