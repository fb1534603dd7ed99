"""
Why a registry gets the credentials that it gets.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ocikit.auth.combine import first_of
from ocikit.auth.configfile import file
from ocikit.auth.default import default
from ocikit.auth.explain import explain
from ocikit.auth.github import github
from ocikit.auth.given import given
from ocikit.auth.step import Step
from ocikit.errors import OciError
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    Keychain,
    RegistryToken,
    Resource,
    anonymous,
)
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.testing.helpers import Helpers

APP = parse_repository("quay.io/ns/app")


def lines(keychain: Keychain, resource: Resource = APP) -> list[str]:
    """
    What is told, with a star before what answers.
    """
    return [f"{'* ' if step.answers else ''}{step}" for step in explain(keychain, resource)]


def write(path: Path, **config: Any) -> str:
    """
    Write a configuration; give its path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config))
    return str(path)


def test_every_place_is_told(tmp_path: Path) -> None:
    """
    What is not set, not there, has nothing, answers, and is not asked any more.
    """
    explicit = write(tmp_path / "auth.json", auths={"ghcr.io": {"auth": "bWU6cHc="}})
    docker = write(
        tmp_path / ".docker/config.json",
        auths={"quay.io/ns": {"identitytoken": "SECRET"}, "quay.io": {"auth": "bWU6cHc="}},
    )
    environ = {"HOME": str(tmp_path), "REGISTRY_AUTH_FILE": explicit, "XDG_RUNTIME_DIR": "/none"}
    assert lines(default(environ)) == [
        "DOCKER_AUTH_CONFIG: not set",
        f"{explicit}: it has nothing for quay.io/ns/app nor quay.io/ns nor quay.io",
        f'* {docker}, auths "quay.io/ns": an identity token',
        "/none/containers/auth.json: not asked",
        f"{tmp_path}/.config/containers/auth.json: not asked",
    ]


def test_helpers_are_told(tmp_path: Path, helpers: Helpers) -> None:
    """
    By their program, and what they had; an empty entry is one without credentials.
    """
    helpers.add("none", 'echo "credentials not found in native keychain"; exit 1')
    helpers.add("some", 'echo \'{"Username": "ada", "Secret": "SECRET"}\'')
    path = write(
        tmp_path / "config.json",
        auths={"quay.io/ns": {}},
        credHelpers={"quay.io/ns/app": "none"},
        credsStore="some",
    )
    assert lines(file(path, helpers.environ)) == [
        f'{path}, credHelpers "quay.io/ns/app", docker-credential-none: nothing',
        f'{path}, auths "quay.io/ns": nothing',
        f"* {path}, credsStore, docker-credential-some: a password of ada",
    ]


def test_a_place_that_fails_ends_it(tmp_path: Path, helpers: Helpers) -> None:
    """
    It is told why, and what comes after was not asked.
    """
    helpers.add("bad", "echo SECRET; exit 3")
    path = write(tmp_path / "config.json", credsStore="bad")
    steps = explain(first_of(file(path, helpers.environ), github({})), APP)
    assert "ended with status 3" in str(steps[0])
    assert str(steps[1]) == "GITHUB_TOKEN: not asked"
    assert not any(step.answers for step in steps)


def test_keychains_of_any_kind_are_told(tmp_path: Path) -> None:
    """
    What was given, a workflow's token, and a function of somebody's own.
    """

    def mine(resource: Resource) -> Credentials:
        return RegistryToken("SECRET")

    ghcr = parse_registry("ghcr.io")
    missing = str(tmp_path / "none.json")
    keychain = given({"quay.io": Basic("me", "SECRET")}, first_of(file(missing), mine))
    assert lines(keychain)[0] == "* given, for quay.io: a password of me"
    assert lines(keychain, ghcr) == [
        "given: nothing for ghcr.io",
        f"{missing}: there is no such file",
        "* mine: a token of the registry",
    ]
    assert lines(given({"": IdentityToken("SECRET")}), ghcr) == [
        "* given, for the only registry: an identity token",
        "anonymous: not asked",
    ]
    assert lines(github({"GITHUB_TOKEN": "SECRET", "GITHUB_ACTOR": "ada"}), ghcr) == [
        "* GITHUB_TOKEN: a password of ada"
    ]
    assert lines(anonymous) == ["anonymous: nothing"]


ENTRIES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *({}, {"auth": "bWU6U0VDUkVU"}, {"identitytoken": "SECRET"}, {"registrytoken": "SECRET"}),
        *({"username": "me", "password": "SECRET"}, {"auth": "SECRET!"}, None, [], "SECRET"),
    ]
)
KEYS = st.sampled_from(["quay.io", "quay.io/ns", "https://quay.io/v1/", "quay.io/ns/app", "r.io"])


@for_all(st.dictionaries(KEYS, ENTRIES))
def test_it_tells_what_would_be_found(
    tmp_path_factory: pytest.TempPathFactory, auths: dict[str, Any]
) -> None:
    """
    A place answers just when the keychain finds something, and no secret is shown.
    """
    path = write(tmp_path_factory.mktemp("explain") / "config.json", auths=auths)
    keychain = file(path)
    steps = explain(keychain, APP)
    try:
        found, failure = keychain(APP) != Anonymous(), ""
    except OciError as error:
        found, failure = False, str(error)
    assert failure in str(steps[-1])
    assert [step.answers for step in steps].count(True) == found
    assert "SECRET" not in "".join(map(str, steps)) + repr(steps)
    assert all(isinstance(step, Step) for step in steps)
