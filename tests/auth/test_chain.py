"""
Keychains by name, and those that are made of several.
"""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit import auth
from ocikit.auth.chain import NAMES, KeychainUnknown, clouds, everywhere, kubernetes_chain, named
from ocikit.auth.explain import explain
from ocikit.http.credentials import Anonymous, Basic
from ocikit.name.records import Registry
from ocikit.registry.transport import network
from ocikit.testing.watch import deeds
from tests.auth.clusters import running
from tests.auth.secrets import secret

R = Registry("r.example")


def configuration(user: str, host: str = "r.example") -> str:
    """
    A configuration of one user.
    """
    coded = base64.b64encode(f"{user}:SECRET".encode()).decode()
    return json.dumps({"auths": {host: {"auth": coded}}})


@pytest.mark.parametrize("name", NAMES)
def test_each_name_has_its_recipe(name: str) -> None:
    """
    It pickles, prints, and can be told from others.
    """
    made = named(name)
    assert pickle.loads(pickle.dumps(made)) == made
    assert repr(made)
    assert [other for other in NAMES if named(other) == made] == [name]


def test_a_name_that_is_none_is_refused() -> None:
    """
    With those that are.
    """
    with pytest.raises(KeychainUnknown, match="default, docker, podman"):
        named("gcr")


def test_files_have_their_names(tmp_path: Path) -> None:
    """
    Docker's, podman's, and the variable, alone; `default` are all of them.
    """
    environ = {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "DOCKER_AUTH_CONFIG": configuration("env"),
    }
    for path, user in ((".docker/config.json", "docker"), ("run/containers/auth.json", "podman")):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(configuration(user))
    for name in ("env", "docker", "podman"):
        assert named(name, environ)(R) == Basic(name, "SECRET")
    assert named("default", environ)(R) == Basic("env", "SECRET")
    assert [step.source for step in explain(named("podman", environ), R)] == [
        *("REGISTRY_AUTH_FILE", f"{tmp_path}/run/containers/auth.json"),
        f"{tmp_path}/.config/containers/auth.json",
    ]
    assert [str(step) for step in explain(named("env", {}), R)] == ["DOCKER_AUTH_CONFIG: not set"]


def test_a_cluster_s_secrets_come_first(tmp_path: Path) -> None:
    """
    Then files, then clouds; outside a cluster there is nothing to ask.
    """
    files = {"HOME": str(tmp_path), "DOCKER_AUTH_CONFIG": configuration("file")}
    outside = kubernetes_chain(environ=files)
    assert outside(R) == Basic("file", "SECRET")
    assert str(explain(outside, R)[0]) == "kubernetes: not in a cluster"
    with running(tmp_path) as cluster:
        cluster.account("default", pull=("pull",))
        cluster.add(secret("pull", {"r.example": Basic("cluster", "SECRET")}))
        environ = {**files, **cluster.environ}
        made = kubernetes_chain(folder=str(cluster.folder), environ=environ)
        inside = auth.over(made, network())
        assert inside(R) == Basic("cluster", "SECRET")
        assert inside(Registry("s.example")) == Anonymous()
        assert pickle.loads(pickle.dumps(made)) == made


def test_clouds_are_told_of() -> None:
    """
    Which hosts each is asked for, where it is not.
    """
    assert [str(step) for step in explain(clouds(), Registry("ghcr.io"))] == [
        "google: it is asked for gcr.io, *.gcr.io, *.pkg.dev and *.google.com only",
        "ecr: it is asked for registries of ECR and ECR Public only",
        "acr: it is asked for *.azurecr.io, *.azurecr.cn and *.azurecr.us only",
    ]


#: What asking for a registry of nobody's cloud loads.
LOADED = """
import sys
from ocikit import auth
from ocikit.name.records import Registry
for keychain in (auth.everywhere(), auth.kubernetes_chain()):
    assert keychain(Registry("ghcr.io")) == auth.Anonymous()
heavy = {"google", "botocore", "azure", "keyring", "urllib3", "subprocess", "ssl", "requests"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""


def test_others_pay_nothing() -> None:
    """
    Neither packages nor processes nor requests, for any keychain that is of several.
    """
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    with deeds() as told:
        assert clouds()(Registry("ghcr.io")) == Anonymous()
    assert told == []
    assert everywhere({"HOME": "/none", "GITHUB_TOKEN": "SECRET"})(Registry("ghcr.io")) == Basic(
        "unset", "SECRET"
    )


def test_secrets_that_were_given_come_before_files_and_clouds() -> None:
    """
    Who has the secrets already asks no cluster, and has the same chain.
    """
    here = secret("pull", {"r.example": Basic("pod", "SECRET")})
    environ = {"DOCKER_AUTH_CONFIG": configuration("file", "quay.io"), "NO_GCE_CHECK": "true"}
    chain = auth.first_of(auth.from_secrets([here]), auth.default(environ), clouds(environ))
    assert chain(R) == Basic("pod", "SECRET")
    assert chain(Registry("quay.io")) == Basic("file", "SECRET")
    assert chain(Registry("ghcr.io")) == Anonymous()
