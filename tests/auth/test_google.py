"""
Google's keychain: real google-auth, with servers and a gcloud that are made here.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit.auth.explain import explain
from ocikit.auth.extras import ExtraMissing
from ocikit.auth.google import Google, GoogleFailed, google, is_google
from ocikit.http.credentials import Anonymous, Basic
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.server.web.serve import serve
from ocikit.testing.helpers import Helpers
from ocikit.testing.time import VirtualTime
from ocikit.testing.watch import deeds
from tests.auth.answers import answer
from tests.auth.scripts import EXPIRY, GCLOUD, TOKEN, program

GCR = Registry("gcr.io")


@pytest.mark.parametrize(
    ("host", "is_theirs"),
    [
        *[(host, True) for host in ("gcr.io", "eu.gcr.io", "us-docker.pkg.dev")],
        *[("marketplace.gcr.io", True), ("registry.google.com", True)],
        *[("gcr.io.evil.org", False), ("xgcr.io", False), ("pkg.dev", False)],
        *[("gcr.io:444", False), ("eu.gcr.io:5000", False), ("google.com", False)],
        *[("us-docker.pkg.dev.evil.org", False), ("xpkg.dev", False), ("evilgoogle.com", False)],
        *[("ghcr.io", False), ("docker.io", False), ("localhost:5000", False)],
    ],
)
def test_hosts_are_google_s(host: str, is_theirs: bool) -> None:
    """
    CVE-2024-35192: no look-alike gets a token.
    """
    assert is_google(Registry(host)) == is_theirs


def test_other_hosts_cost_nothing(environ: dict[str, str]) -> None:
    """
    No file, no process, no request, and no import.
    """
    keychain = google(environ=environ)
    with deeds() as told:
        assert keychain(Registry("ghcr.io")) == Anonymous()
        assert keychain(parse_repository("gcr.io.evil.org/app")) == Anonymous()
    assert told == []
    assert [str(step) for step in explain(keychain, Registry("ghcr.io"))] == [
        "google: it is asked for gcr.io, *.gcr.io, *.pkg.dev and *.google.com only"
    ]


def test_gcloud_gives_its_token(helpers: Helpers, environ: dict[str, str]) -> None:
    """
    As the user `_token`, until it says that it ends; it is asked once meanwhile.
    """
    program(helpers.folder, "gcloud", GCLOUD % TOKEN)
    time = VirtualTime(now=1_999_999_000.0)
    keychain = google(environ=environ, clock=lambda: time.now)
    for name in ("gcr.io/project/app", "eu.gcr.io/project/app", "us-docker.pkg.dev/p/r/app"):
        assert keychain(parse_repository(name)) == Basic("_token", "SECRET")
    assert keychain.lease(GCR).until == 2_000_000_000.0
    told = helpers.folder / "told"
    arguments = "config config-helper --force-auth-refresh --format=json(credential)"
    assert told.read_text().splitlines() == [arguments]
    time.sleep(901)
    keychain(GCR)
    assert len(told.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 1", "ended with status 1; is anybody logged in"),
        ("echo SECRET", "no token"),
        ("echo '[]'", "no token"),
        ('echo \'{"credential": {"token_expiry": "SECRET"}}\'', "no token"),
        ("/usr/bin/head -c 100000 /dev/zero", "printed more than"),
    ],
)
def test_a_gcloud_without_a_token_is_passed_over(
    helpers: Helpers, environ: dict[str, str], script: str, reason: str
) -> None:
    """
    It is told why, without what it printed, and the registry is asked as nobody.
    """
    program(helpers.folder, "gcloud", script)
    keychain = google(environ=environ)
    assert keychain(GCR) == Anonymous()
    steps = [str(step) for step in explain(keychain, GCR)]
    assert reason in steps[2]
    assert "SECRET" not in str(steps)


def test_a_token_whose_end_is_not_known_is_not_kept(
    helpers: Helpers, environ: dict[str, str]
) -> None:
    """
    It is good now, and that is all.
    """
    program(helpers.folder, "gcloud", GCLOUD % TOKEN.replace(EXPIRY, "soon"))
    keychain = google(environ=environ)
    assert [keychain(GCR), keychain(GCR)] == [Basic("_token", "SECRET")] * 2
    assert len((helpers.folder / "told").read_text().splitlines()) == 2


def test_why_there_is_nothing_is_told(environ: dict[str, str]) -> None:
    """
    Each source, in the order in which it is asked.
    """
    adc = f"{environ['HOME']}/.config/gcloud/application_default_credentials.json"
    assert [str(step) for step in explain(google(environ=environ), GCR)] == [
        "google, GOOGLE_APPLICATION_CREDENTIALS: not set",
        f"google, {adc}: no such file",
        "google, gcloud: there is no gcloud on PATH",
        "google, metadata server: not asked: NO_GCE_CHECK is set",
    ]


def test_a_key_is_sent_as_it_is(tmp_path: Path) -> None:
    """
    By the user `_json_key`, and without google-auth.
    """
    path = tmp_path / "key.json"
    path.write_text('{"type": "service_account", "private_key": "SECRET"}\n')
    keychain = google(key_file=path)
    assert keychain(GCR) == Basic("_json_key", path.read_text())
    assert keychain(Registry("ghcr.io")) == Anonymous()
    assert "SECRET" not in repr(keychain) + str(explain(keychain, GCR))
    for text in ("SECRET", "", "{" + "x" * 100_000):
        path.write_text(text)
        with pytest.raises(GoogleFailed, match="not the JSON key"):
            google(key_file=path)(GCR)
    path.unlink()
    with pytest.raises(GoogleFailed, match="No such file"):
        google(key_file=path)(GCR)


def test_it_is_a_recipe(helpers: Helpers, environ: dict[str, str]) -> None:
    """
    What it found neither prints nor pickles.
    """
    program(helpers.folder, "gcloud", GCLOUD % TOKEN)
    keychain = google(environ=environ)
    keychain(GCR)
    assert "SECRET" not in repr(keychain)
    sent = pickle.dumps(keychain)
    assert b"SECRET" not in sent
    assert pickle.loads(sent) == keychain
    assert pickle.loads(pickle.dumps(google())) == Google()


#: Asks for other hosts first, then for Google's, and tells what was loaded before.
ASK = """
import json, sys
from ocikit import auth
from ocikit.name.records import Registry
keychain = auth.google()
keychain(Registry("ghcr.io"))
loaded = [name for name in sys.modules if name.split(".")[0] in ("google", "urllib3", "botocore")]
found = keychain(Registry("gcr.io"))
steps = [str(step) for step in auth.explain(keychain, Registry("gcr.io"))]
print(json.dumps([loaded, found.username, found.password, steps[-1]]))
"""


def test_the_metadata_server_gives_tokens(environ: dict[str, str]) -> None:
    """
    In a process of its own, for google-auth reads the environment as it is loaded.
    """
    asked: list[str] = []

    def metadata(request: Request) -> Response:
        path = "/" + request.url.split("/", 3)[3].partition("?")[0]
        asked.append(path)
        assert request.headers.get("Metadata-Flavor") == "Google"
        flavour = {"Metadata-Flavor": "Google"}
        if path.endswith("/token"):
            token = {"access_token": "SECRET", "expires_in": 3600, "token_type": "Bearer"}
            return answer(200, token, **flavour)
        if path.endswith("/default/"):
            account = {"email": "vm@project", "scopes": ["cloud-platform"], "aliases": []}
            return answer(200, account, **flavour)
        return answer(200, "computeMetadata/", **flavour)

    with serve(metadata) as server:
        del environ["NO_GCE_CHECK"]
        more = {"GCE_METADATA_HOST": server.host, "GCE_METADATA_IP": server.host}
        here = {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", ASK]
        done = subprocess.run(
            command, env={**environ, **more, **here}, capture_output=True, check=True
        )
    loaded, user, password, last = json.loads(done.stdout)
    assert loaded == []
    assert (user, password) == ("_token", "SECRET")
    assert last == "google, metadata server: a password of _token"
    assert asked[0] == "/"
    assert "/computeMetadata/v1/instance/service-accounts/default/token" in asked


def test_a_machine_of_nobody_s_has_no_metadata(environ: dict[str, str]) -> None:
    """
    Whoever answers there is not Google's, or nobody does.
    """
    del environ["NO_GCE_CHECK"]
    with serve(lambda request: answer(200, "hello")) as server:
        environ["GCE_METADATA_HOST"] = server.host
        keychain = google(environ=environ)
        assert keychain(GCR) == Anonymous()
    assert "no machine of Google's" in explain(google(environ=environ), GCR)[-1].said


#: google-auth is made to be missing, as where the extra is not installed.
WITHOUT = """
import sys
sys.modules["google"] = sys.modules["google.auth"] = None
from ocikit import auth
from ocikit.name.records import Registry
try:
    auth.google()(Registry("gcr.io"))
except auth.ExtraMissing as error:
    print(error)
print(auth.google(optional=True)(Registry("gcr.io")))
"""


def test_a_missing_extra_is_told(environ: dict[str, str]) -> None:
    """
    With how it is installed.
    """
    del environ["NO_GCE_CHECK"]
    env = {**environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=env, capture_output=True, check=True)
    told, found = done.stdout.decode().splitlines()
    assert 'pip install "ocikit[google]"' in told
    assert found == "Anonymous()"
    assert b"asking without credentials" in done.stderr
    assert issubclass(ExtraMissing, Exception)
