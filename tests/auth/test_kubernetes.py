"""
The pull secrets of a cluster, asked of an API server by TLS.
"""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import auth
from ocikit.auth.cluster import ClusterInvalid, ClusterRefused, NotInCluster, cluster_of
from ocikit.auth.explain import explain
from ocikit.auth.kubernetes import Kubernetes, kubernetes
from ocikit.auth.offers import NotConnected, over
from ocikit.auth.pullsecrets import SecretInvalid
from ocikit.content import synthetic
from ocikit.errors import Unreachable
from ocikit.http.credentials import Anonymous, Basic, Credentials, Keychain
from ocikit.http.faults import Unauthorized
from ocikit.http.message import Request, Response
from ocikit.http.retry import NEVER
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.registry.client import Client
from ocikit.registry.faults import CertificateUntrusted
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from ocikit.server.auth.basic import basic_auth
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from ocikit.testing.contracts_keychain import KeychainContract
from ocikit.testing.time import VirtualTime
from tests.auth.clusters import Cluster, running
from tests.auth.secrets import dockercfg, secret

R = Registry("r.example")
IMAGE = synthetic.image(Random(1), layers=1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """
    A cluster whose service account `default` has no secret.
    """
    with running(tmp_path) as made:
        yield made


def keychain(cluster: Cluster, **options: Any) -> Kubernetes:
    """
    The keychain of a pod of the cluster.
    """
    given = {"environ": cluster.environ, "folder": str(cluster.folder), "send": network()}
    return kubernetes(**{**given, **options})


def known(found: Credentials) -> str:
    """
    The user that something is asked for as.
    """
    return found.username if isinstance(found, Basic) else ""


def of(name: str, *keys: str) -> dict[str, Any]:
    """
    A secret whose users have its name.
    """
    return secret(name, {key: Basic(name, "SECRET") for key in keys or ("r.example",)})


class TestKubernetes(KeychainContract):
    """
    With a cluster that answers in this process.
    """

    paths = False

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        (folder / "token").write_text("token")
        cluster = Cluster(folder, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
        cluster.account("default", pull=("drawn",))
        (folder / "namespace").write_text("ci")
        cluster.add(secret("drawn", entries))
        return keychain(cluster, send=cluster)


def test_secrets_count_in_their_order(cluster: Cluster) -> None:
    """
    Those that are named, those of the account, and those that it may mount if they are
    asked for; of each other kind none is asked for.
    """
    cluster.account("bot", pull=("pull",), mount=("mount", "pull"))
    for name in ("named", "pull"):
        cluster.add(of(name))
    cluster.add(
        dockercfg("mount", {"r.example": Basic("mount", "pw"), "m.example": Basic("m", "pw")})
    )
    made = keychain(cluster, service_account="bot", pull_secrets=["named"])
    assert known(made(R)) == "named"
    assert made(Registry("m.example")) == Anonymous()
    assert cluster.asked == ["serviceaccounts/ci/bot", "secrets/ci/named", "secrets/ci/pull"]
    assert known(keychain(cluster, service_account="bot")(R)) == "pull"
    mounting = keychain(cluster, service_account="bot", mounted=True)
    assert known(mounting(R)) == "pull"
    assert known(mounting(Registry("m.example"))) == "m"
    cluster.asked.clear()
    assert known(keychain(cluster, service_account=None, pull_secrets=["named"])(R)) == "named"
    assert cluster.asked == ["secrets/ci/named"]


def test_the_namespace_is_the_pod_s(cluster: Cluster) -> None:
    """
    Unless another is named, and `default` where the pod does not say.
    """
    assert keychain(cluster)(R) == Anonymous()
    assert keychain(cluster, namespace="other")(R) == Anonymous()
    (cluster.folder / "namespace").unlink()
    assert keychain(cluster)(R) == Anonymous()
    assert [each.split("/")[1] for each in cluster.asked] == ["ci", "other", "default"]


def test_what_is_not_there_is_warned_of(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """
    A secret, and a service account, are passed over; what is there counts.
    """
    cluster.add(of("there"))
    made = keychain(cluster, service_account="nobody", pull_secrets=["gone", "there"])
    with caplog.at_level(logging.WARNING, "ocikit"):
        assert known(made(R)) == "there"
    assert [each.getMessage() for each in caplog.records] == [
        "service account ci/nobody is not there; it is passed over",
        "secret ci/gone is not there; it is passed over",
    ]


@pytest.mark.parametrize("status", [403, 500, 302])
def test_any_other_answer_is_an_error(cluster: Cluster, status: int) -> None:
    """
    Which says what was wanted, what the cluster said, and how the right is given; and
    not the token, though the cluster says it back.
    """
    cluster.status = status
    send = network(Settings(retry=NEVER))
    with pytest.raises(ClusterRefused) as caught:
        keychain(cluster, send=send)(R)
    told = str(caught.value)
    assert f"service account ci/default: {status}" in told
    assert ("let our service account `get` secrets" in told) == (status == 403)
    assert "is forbidden" in told
    assert "SECRET" not in told + repr(caught.value)


def test_a_token_is_read_again(cluster: Cluster) -> None:
    """
    It rotates, and the old one is good no more.
    """
    time = VirtualTime()
    cluster.account("default", pull=("pull",))
    cluster.add(of("pull"))
    made = keychain(cluster, clock=lambda: time.now)
    assert known(made(R)) == "pull"
    cluster.rotate("token-SECRET-2")
    time.sleep(61)
    assert known(made(R)) == "pull"


def test_secrets_are_kept_for_a_minute(cluster: Cluster) -> None:
    """
    A thousand images ask once; a secret that changes is seen soon.
    """
    time = VirtualTime()
    cluster.account("default", pull=("pull",))
    cluster.add(of("pull"))
    made = keychain(cluster, clock=lambda: time.now)
    for number in range(10):
        made(parse_repository(f"r.example/app{number}"))
    assert len(cluster.asked) == 2
    cluster.add(of("pull", "other.example"))
    assert known(made(R)) == "pull"
    time.sleep(61)
    assert made(R) == Anonymous()
    assert auth.cached(made, 600, lambda: time.now).lease(R).until == time.now + 60


def test_names_that_are_none_are_not_asked_for(cluster: Cluster) -> None:
    """
    A service account, or who calls, may not lead to another place of the API.
    """
    for name in ("../../pods", "a/b", "", "A", "a?b", ".."):
        cluster.objects["serviceaccounts/ci/default"] = {"imagePullSecrets": [{"name": name}]}
        if name:
            with pytest.raises(ClusterInvalid, match="cannot be its name"):
                keychain(cluster)(R)
    assert {each.split("/")[0] for each in cluster.asked} == {"serviceaccounts"}


@pytest.mark.parametrize("listed", [None, "SECRET", [None, 5, {"name": 5}, {}]])
def test_an_odd_service_account_has_no_secrets(cluster: Cluster, listed: Any) -> None:
    """
    What cannot be read in it names none.
    """
    cluster.objects["serviceaccounts/ci/default"] = {"imagePullSecrets": listed}
    assert keychain(cluster)(R) == Anonymous()


def test_an_answer_that_is_none_is_told(cluster: Cluster) -> None:
    """
    As is a secret that cannot be read.
    """
    cluster.objects["serviceaccounts/ci/default"] = ["SECRET"]
    with pytest.raises(ClusterInvalid, match="not a JSON object"):
        keychain(cluster)(R)
    cluster.account("default", pull=("bad",))
    bad = of("bad")
    bad["data"] = {".dockerconfigjson": "!"}
    cluster.add(bad)
    with pytest.raises(SecretInvalid, match="pull secret ci/bad"):
        keychain(cluster)(R)


def test_only_the_cluster_s_own_authority_is_trusted(cluster: Cluster, tmp_path: Path) -> None:
    """
    Even by a client that trusts anybody: what is shown is a token for the whole cluster.
    """
    other = tmp_path / "other"
    other.mkdir()
    with running(other) as impostor:
        (cluster.folder / "ca.crt").write_bytes((impostor.folder / "ca.crt").read_bytes())
    for insecure in (False, True):
        made = keychain(cluster, send=network(insecure=insecure))
        with pytest.raises(CertificateUntrusted):
            made(R)
    assert cluster.asked == []


def test_outside_a_cluster_it_says_so(tmp_path: Path) -> None:
    """
    Where it was asked for by name; where it may be missing it has nothing.
    """
    for environ in ({}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}):
        made = kubernetes(environ=environ, folder=str(tmp_path))
        with pytest.raises(NotInCluster, match="not in a Kubernetes cluster"):
            made(R)
        optional = kubernetes(environ=environ, folder=str(tmp_path), optional=True)
        assert optional(R) == Anonymous()
        assert [str(step) for step in explain(optional, R)] == ["kubernetes: not in a cluster"]
    (tmp_path / "token").write_bytes(b"\xff")
    made = kubernetes(environ={"KUBERNETES_SERVICE_HOST": "::1"}, folder=str(tmp_path), send=_none)
    with pytest.raises(NotInCluster, match="no text"):
        made(R)


def _none(request: Request) -> Response:
    raise Unreachable(request.url)


def test_the_place_is_that_of_the_environment(tmp_path: Path) -> None:
    """
    With its port, or that of HTTPS; an IPv6 address stands in brackets.
    """
    (tmp_path / "token").write_text("SECRET")
    found = [
        cluster_of({"KUBERNETES_SERVICE_HOST": host, **more}, str(tmp_path)).base
        for host, more in (
            ("10.0.0.1", {"KUBERNETES_SERVICE_PORT": "6443"}),
            ("fd00::1", {}),
            ("kubernetes.default.svc", {"KUBERNETES_SERVICE_PORT": ""}),
        )
    ]
    assert found == [
        *("https://10.0.0.1:6443", "https://[fd00::1]:443"),
        "https://kubernetes.default.svc:443",
    ]


def test_without_a_way_to_servers_it_says_so(cluster: Cluster) -> None:
    """
    And how it gets one; one that it has it keeps.
    """
    alone = keychain(cluster, send=None)
    with pytest.raises(NotConnected, match="through a Client"):
        alone(R)
    assert over(alone, network())(R) == Anonymous()
    mine = keychain(cluster)
    assert over(mine, _none) is mine


def test_what_is_asked_is_told(cluster: Cluster) -> None:
    """
    Which secret answers, by which key.
    """
    cluster.account("default", pull=("pull",))
    cluster.add(of("pull", "*.example/team"))
    steps = explain(keychain(cluster), parse_repository("r.example/team/app"))
    assert [str(each) for each in steps] == [
        'kubernetes, ci/pull "*.example/team": a password of pull'
    ]
    assert "none of 1 keys" in str(explain(keychain(cluster), R)[0])
    cluster.status = 403
    (step,) = explain(keychain(cluster), R)
    assert "403" in step.said
    assert not step.answers


def test_a_client_gives_it_its_own_way(cluster: Cluster) -> None:
    """
    A pull from a registry that wants the password which the cluster keeps.
    """
    inner = registry()
    flush("localhost/app:1", IMAGE, client=Client(send=inner))
    with serve(basic_auth(inner, {"pull": "SECRET"})) as server:
        with pytest.raises(Unauthorized):
            load(f"{server.host}/app:1", client=Client(keychain=keychain(cluster, send=None)))
        cluster.account("default", pull=("pull",))
        cluster.add(of("pull", server.host))
        # An equal client would go on with what the first one knows.
        made = keychain(cluster, send=None, service_account="default", pull_secrets=["pull"])
        assert load(f"{server.host}/app:1", client=Client(keychain=made)) == IMAGE


def test_a_recipe_works_in_another_process(cluster: Cluster) -> None:
    """
    It takes no secret there, and finds the same.
    """
    cluster.account("default", pull=("pull",))
    cluster.add(of("pull"))
    made = keychain(cluster, send=None)
    assert isinstance(over(made, network())(R), Basic)
    sent = pickle.dumps(auth.first_of(made, auth.default()))
    assert b"SECRET" not in sent
    assert pickle.loads(sent).keychains[0] == made
    assert "SECRET" not in repr(made)
    code = (
        "import pickle, sys, json\n"
        "from ocikit import auth\n"
        "from ocikit.name.records import Registry\n"
        "from ocikit.registry.transport import network\n"
        "found = auth.over(pickle.load(sys.stdin.buffer), network())(Registry('r.example'))\n"
        "print(json.dumps([found.username, found.password]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, check=True)
    assert json.loads(done.stdout) == ["pull", "SECRET"]
