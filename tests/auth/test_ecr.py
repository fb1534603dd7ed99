"""
Amazon's keychain: real botocore, with services that answer on this machine.
"""

from __future__ import annotations

import base64
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator

import attrs
import pytest

from ocikit.auth.ecr import ECR, ECRFailed, Place, client_of, ecr, place_of
from ocikit.auth.explain import explain
from ocikit.http.credentials import Anonymous, Basic
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.server.web.serve import serve
from ocikit.testing.time import VirtualTime
from ocikit.testing.watch import deeds
from tests.auth.answers import answer
from tests.real.process import require_module

ACCOUNT = "123456789012"
PRIVATE = Registry(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com")
PUBLIC = Registry("public.ecr.aws")


@attrs.define
class Amazon:
    """
    What answers in the place of ECR and ECR Public.
    """

    asked: list[str] = attrs.field(factory=list)
    expires: float = 2_000_000_000.0
    status: int = 200

    def __call__(self, request: Request) -> Response:
        """
        Give a token to whoever signs.
        """
        target = request.headers.get("X-Amz-Target")
        # Which service and region, of "Credential=KEY/DATE/REGION/SERVICE/aws4_request".
        scope = request.headers.get("Authorization").split("/")
        self.asked.append(f"{scope[3]} {scope[2]}")
        if self.status != 200:
            said = {"__type": "AccessDeniedException", "message": "no, token=SECRETSECRET"}
            return answer(self.status, said)
        token = base64.b64encode(f"AWS:SECRET{len(self.asked)}".encode()).decode()
        data = {"authorizationToken": token, "expiresAt": self.expires}
        public = target.startswith("SpencerFrontendService")
        return answer(200, {"authorizationData": data if public else [data]})


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A machine that is none of Amazon's, of a person who has no credentials there.
    """
    require_module("botocore")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def amazon(nobody: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amazon]:
    """
    Amazon's services, and somebody whom they know.
    """
    made = Amazon()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDSECRET")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRETKEY")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with serve(made) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield made


#: Hosts of ECR: their region, and whether they are of FIPS and dual-stack.
PLACES = [
    ("{}.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1", False, False),
    ("{}.dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1", True, False),
    ("{}.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", True, False),
    ("{}.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", False, False),
    ("{}.dkr-ecr.us-west-2.on.aws", "us-west-2", False, True),
    ("{}.dkr-ecr-fips.us-west-2.on.aws", "us-west-2", True, True),
    ("{}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", False, True),
    ("{}.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", False, False),
    ("{}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", False, False),
    ("{}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", False, False),
    ("{}.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1", False, False),
    ("{}.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", False, False),
]


@pytest.mark.parametrize(("host", "region", "fips", "dual"), PLACES)
def test_all_of_its_hosts_are_known(host: str, region: str, fips: bool, dual: bool) -> None:
    """
    Of every partition, and of every kind.
    """
    expected = Place(service="ecr", region=region, fips=fips, dual_stack=dual)
    assert place_of(Registry(host.format(ACCOUNT))) == expected


@pytest.mark.parametrize(
    "host",
    [
        *(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com{rest}" for rest in (".evil.org", ":444")),
        *(f"{ACCOUNT}.dkr.ecr.{rest}" for rest in ("amazonaws.com", "x.eu-west-1.amazonaws.com")),
        *(f"{start}.dkr.ecr.eu-west-1.amazonaws.com" for start in ("12345", "x" * 12, "1" * 13)),
        *("dkr.ecr.eu-west-1.amazonaws.com", "public.ecr.aws.evil.org", "xpublic.ecr.aws"),
        f"{ACCOUNT}.dkr.ecr.eu-west-1.evilamazonaws.com",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.org",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.on.aws.evil.org",
        *("public.ecr.aws:444", "gallery.ecr.aws", "ghcr.io", "docker.io", "amazonaws.com"),
    ],
)
def test_other_hosts_cost_nothing(host: str) -> None:
    """
    No file, no request, and no import, for look-alikes either.
    """
    with deeds() as told:
        assert ecr()(Registry(host)) == Anonymous()
    assert told == []
    assert "it is asked for registries of ECR" in str(explain(ecr(), Registry(host))[0])


ENDPOINTS = {
    PLACES[0][0]: "https://api.ecr.eu-west-1.amazonaws.com",
    PLACES[2][0]: "https://ecr-fips.us-gov-west-1.amazonaws.com",
    PLACES[3][0]: "https://api.ecr.cn-north-1.amazonaws.com.cn",
    PLACES[4][0]: "https://ecr.us-west-2.api.aws",
    PLACES[5][0]: "https://ecr-fips.us-west-2.api.aws",
    "public.ecr.aws": "https://api.ecr-public.us-east-1.amazonaws.com",
    "ecr-public.aws.com": "https://api.ecr-public.us-east-1.amazonaws.com",
}


def test_each_host_has_its_service(nobody: None) -> None:
    """
    A FIPS host is asked about at a FIPS endpoint, and so on.
    """
    import botocore.session

    # What it loads for one service it has for the next.
    session, found = botocore.session.Session(), {}
    for host in ENDPOINTS:
        place = place_of(Registry(host.format(ACCOUNT)))
        assert place is not None
        found[host] = client_of(session, place).meta.endpoint_url
    assert found == ENDPOINTS


def test_moto_gives_a_token(nobody: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Somebody else's ECR. Its tokens are past their time, and so they are not kept.
    """
    require_module("moto")
    from moto.server import ThreadedMotoServer

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", f"http://{host}:{port}")
        keychain = ecr()
        assert keychain(PRIVATE) == Basic("AWS", f"{ACCOUNT}-auth-token")
        (step,) = explain(keychain, PRIVATE)
        assert str(step) == "ecr, ecr in eu-west-1, by env: a password of AWS"
    finally:
        server.stop()


def test_a_token_is_for_a_region(amazon: Amazon) -> None:
    """
    Whatever account and repository; it is kept until a tenth of its life is left.
    """
    time = VirtualTime(now=amazon.expires - 1000)
    keychain = ecr(clock=lambda: time.now)
    assert keychain(PRIVATE) == Basic("AWS", "SECRET1")
    other = parse_repository(f"{'2' * 12}.dkr.ecr.eu-west-1.amazonaws.com/team/app")
    assert keychain(other) == Basic("AWS", "SECRET1")
    keychain(Registry(f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"))
    assert keychain(PUBLIC) == Basic("AWS", "SECRET3")
    assert amazon.asked == ["ecr eu-west-1", "ecr us-east-1", "ecr-public us-east-1"]
    time.sleep(899)
    keychain(PRIVATE)
    assert len(amazon.asked) == 3
    time.sleep(2)
    assert keychain(PRIVATE) == Basic("AWS", "SECRET4")
    assert keychain.lease(PRIVATE).until == amazon.expires


def test_without_credentials_there_is_nothing(nobody: None) -> None:
    """
    Public images are for everybody.
    """
    assert ecr()(PUBLIC) == ecr()(PRIVATE) == Anonymous()
    assert [str(step) for step in explain(ecr(), PUBLIC)] == [
        "ecr: no credentials of Amazon's were found"
    ]


def test_a_refusal_is_an_error(amazon: Amazon, caplog: pytest.LogCaptureFixture) -> None:
    """
    Which says what Amazon said, without secrets; one that is optional is warned of, once.
    """
    amazon.status = 400
    with pytest.raises(ECRFailed, match=r"Amazon ecr in eu-west-1: .*AccessDenied") as caught:
        ecr()(PRIVATE)
    assert "SECRET" not in str(caught.value) + repr(caught.value)
    assert "AccessDenied" in explain(ecr(), PRIVATE)[-1].said
    optional = ecr(optional=True)
    assert [optional(PUBLIC), optional(PUBLIC)] == [Anonymous()] * 2
    assert caplog.text.count("asking without credentials: Amazon ecr-public") == 1


def test_a_profile_is_taken(amazon: Amazon, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    One that is not there is told.
    """
    with pytest.raises(ECRFailed, match="nobodys"):
        ecr(profile="nobodys")(PRIVATE)
    assert repr(ecr(profile="mine")) == "ECR(profile='mine', optional=False)"


def test_it_is_a_recipe(amazon: Amazon) -> None:
    """
    What it found neither prints nor pickles.
    """
    keychain = ecr()
    keychain(PRIVATE)
    sent = pickle.dumps(keychain)
    assert b"SECRET" not in sent
    assert "SECRET" not in repr(keychain)
    assert pickle.loads(sent) == keychain == ECR()


def test_no_log_has_a_secret(
    amazon: Amazon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    botocore logs what it signs and what it is answered, where somebody logs all there is.
    """
    monkeypatch.setenv("AWS_SESSION_TOKEN", "SESSIONSECRET")
    caplog.set_level(logging.DEBUG)
    token = base64.b64encode(b"AWS:SECRET1").decode()
    assert ecr()(PRIVATE) == Basic("AWS", "SECRET1")
    assert not [text for text in (token, "SECRET") if text in caplog.text]
    assert any(each.name.startswith("botocore") for each in caplog.records)


#: botocore is made to be missing, as where the extra is not installed.
WITHOUT = """
import sys
sys.modules["botocore"] = None
from ocikit import auth
from ocikit.name.records import Registry
try:
    auth.ecr()(Registry("public.ecr.aws"))
except auth.ExtraMissing as error:
    print(error)
print(auth.ecr(optional=True)(Registry("public.ecr.aws")))
"""


def test_a_missing_extra_is_told() -> None:
    """
    With how it is installed.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=env, capture_output=True, check=True)
    told, found = done.stdout.decode().splitlines()
    assert told == (
        'the keychain ecr needs botocore, which is not installed: pip install "ocikit[aws]"'
    )
    assert found == "Anonymous()"
