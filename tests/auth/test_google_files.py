"""
Files of Google's credentials: real google-auth, and a token service that is made here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from ocikit.auth.explain import explain
from ocikit.auth.google import GoogleFailed, google
from ocikit.errors import Unreachable
from ocikit.http.credentials import Anonymous, Basic
from ocikit.http.message import Request, Response, Send
from ocikit.name.records import Registry
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from ocikit.testing.helpers import Helpers
from ocikit.testing.time import VirtualTime
from tests.auth.answers import answer
from tests.auth.scripts import GCLOUD, TOKEN, program

GCR = Registry("gcr.io")


@attrs.define
class Google_s:  # noqa: N801 - it is a server of theirs
    """
    A token service of Google's, which counts what it gives.
    """

    asked: list[str] = attrs.field(factory=list)
    status: int = 200

    def __call__(self, request: Request) -> Response:
        """
        Give another token each time.
        """
        with request.body.opener.open() as stream:
            self.asked.append(stream.read().decode())
        if self.status != 200:
            said = {"error": "invalid_grant", "error_description": "Bad SECRET grant"}
            return answer(self.status, {**said, "assertion": "eyJSECRETSECRET.SECRET"})
        return answer(200, {"access_token": f"SECRET{len(self.asked)}", "expires_in": 3600})


@contextmanager
def token_service(folder: Path) -> Iterator[tuple[Google_s, str, Send]]:
    """
    Serve one by TLS; give it, the path of a service account's key for it, and a network.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    authority, service = CertificateAuthority(folder), Google_s()
    with serve(service, tls=authority.context()) as server:
        account = {
            "type": "service_account",
            "client_email": "bot@project.iam.gserviceaccount.com",
            "private_key_id": "SECRET",
            "private_key": key.decode(),
            "token_uri": f"{server.url}/token",
        }
        path = folder / "account.json"
        path.write_text(json.dumps(account))
        yield service, str(path), network(Settings(ca_files=(str(authority.file),)))


def test_a_service_account_gets_tokens(tmp_path: Path, environ: dict[str, str]) -> None:
    """
    Of the file that is named, which comes first, or of the one that gcloud writes; by our
    network, and again when nine tenths of its hour are over.
    """
    with token_service(tmp_path) as (service, path, send):
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = path
        time = VirtualTime(now=0.0)
        keychain = google(environ=environ, send=send, clock=lambda: time.now)
        assert keychain(GCR) == keychain(Registry("eu.gcr.io")) == Basic("_token", "SECRET1")
        assert "assertion=" in service.asked[0]
        time.now = keychain.lease(GCR).until
        assert keychain(GCR) == Basic("_token", "SECRET2")
        (step,) = explain(keychain, GCR)
        assert str(step) == "google, GOOGLE_APPLICATION_CREDENTIALS: a password of _token"
        del environ["GOOGLE_APPLICATION_CREDENTIALS"]
        environ["CLOUDSDK_CONFIG"] = str(tmp_path)
        (tmp_path / "application_default_credentials.json").write_text(Path(path).read_text())
        assert google(environ=environ, send=send)(GCR) == Basic("_token", "SECRET4")
        assert google(credentials_file=path, environ={}, send=send)(GCR) == Basic(
            "_token", "SECRET5"
        )


def test_credentials_that_fail_leave_it_to_others(
    tmp_path: Path, helpers: Helpers, environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """
    When nobody else has any either, it is their failure; one that is optional is warned of.
    """
    with token_service(tmp_path) as (service, path, send):
        service.status = 400
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = path
        keychain = google(environ=environ, send=send)
        with pytest.raises(GoogleFailed, match="GOOGLE_APPLICATION_CREDENTIALS") as caught:
            keychain(GCR)
        assert "SECRETSECRET" not in str(caught.value) + repr(caught.value)
        steps = explain(keychain, GCR)
        assert "invalid_grant" in steps[-1].said
        optional = google(environ=environ, send=send, optional=True)
        assert optional(GCR) == Anonymous()
        assert "asking without credentials: Google credentials" in caplog.text
        assert "invalid_grant" in explain(optional, GCR)[0].said
        program(helpers.folder, "gcloud", GCLOUD % TOKEN)
        assert google(environ=environ, send=send)(GCR) == Basic("_token", "SECRET")


def test_other_kinds_of_files_are_read(tmp_path: Path, environ: dict[str, str]) -> None:
    """
    A workload's identity, as GitHub's workflows have one, is exchanged for a token.
    """
    with token_service(tmp_path) as (service, path, send):
        uri = json.loads(Path(path).read_text())["token_uri"]
        (tmp_path / "subject").write_text("SUBJECT")
        audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p"
        pool = {
            "type": "external_account",
            "audience": audience,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": uri,
            "credential_source": {"file": str(tmp_path / "subject")},
        }
        (tmp_path / "pool.json").write_text(json.dumps(pool))
        keychain = google(credentials_file=tmp_path / "pool.json", environ=environ, send=send)
        assert keychain(GCR) == Basic("_token", "SECRET1")
        assert "subject_token=SUBJECT" in service.asked[0]


@pytest.mark.parametrize(
    "text",
    [
        *(None, "SECRET", "{}", '{"type": "SECRET"}', "[]", '{"type": ["SECRET"]}'),
        *('{"type": "service_account"}', '{"type": "authorized_user"}'),
        '{"type": "service_account", "client_email": "x", "token_uri": "x", "private_key": 5}',
        '{"type": "service_account", "client_email": 5, "token_uri": 5, "private_key": "SECRET"}',
        '{"type": "authorized_user", "client_id": 5, "client_secret": 5, "refresh_token": 5}',
        '{"type": "external_account"}',
        '{"type": "external_account", "credential_source": {"executable": "SECRET"}}',
        '{"type": "external_account", "credential_source": {"file": 5}, "audience": 5}',
        '{"type": "external_account", "subject_token_type": '
        '"urn:ietf:params:aws:token-type:aws4_request"}',
        '{"type": "external_account_authorized_user"}',
        '{"type": "impersonated_service_account"}',
        '{"type": "impersonated_service_account", "source_credentials": "SECRET"}',
    ],
)
def test_a_file_that_is_none_is_told(
    tmp_path: Path, environ: dict[str, str], text: str | None
) -> None:
    """
    With its place, and without what is in it.
    """
    path = tmp_path / "account.json"
    if text is not None:
        path.write_text(text)
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(path)
    with pytest.raises(GoogleFailed, match="GOOGLE_APPLICATION_CREDENTIALS") as caught:
        google(environ=environ, send=nobody)(GCR)
    assert "SECRET" not in str(caught.value)


def nobody(request: Request) -> Response:
    """
    A network on which nobody answers.
    """
    raise Unreachable(request.url)
