"""
Pull secrets of Kubernetes, and whom their keys are for.
"""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit import auth
from ocikit.auth.explain import explain
from ocikit.auth.pullsecrets import PullSecrets, SecretInvalid, from_secrets
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    IdentityToken,
    Keychain,
    Resource,
    SecretNotPickled,
)
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.testing.contracts_keychain import KeychainContract
from tests.auth.secrets import auths_of, dockercfg, secret


def target(text: str) -> Resource:
    """
    Read a registry, or a repository of one.
    """
    return parse_repository(text) if "/" in text else parse_registry(text)


def made(*keys: str) -> PullSecrets:
    """
    A keychain of one secret, in which each key has itself for a password.
    """
    return from_secrets([secret("one", {key: Basic("me", key) for key in keys})])


def known(keychain: Keychain, text: str) -> str:
    """
    With which password something is asked for; empty for none.
    """
    found = keychain(target(text))
    return found.password if isinstance(found, Basic) else ""


class TestPullSecrets(KeychainContract):
    """
    A path fits by its letters there, and not part by part: so only hosts are drawn.
    """

    paths = False

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        return auth.from_secrets([secret("drawn", entries)])


#: A key, what is asked for, and whether it fits.
FITS = [
    # Hosts, alone and with a path.
    ("r.example", "r.example", True),
    ("r.example", "r.example/team/app", True),
    ("r.example", "s.example/team/app", False),
    ("r.example/team", "r.example", False),
    ("r.example/team", "r.example/team/app", True),
    ("r.example/team", "r.example/other/app", False),
    ("r.example/team/app", "r.example/team/app", True),
    ("r.example/team/app", "r.example/team", False),
    # A path is where a path begins, by its letters.
    ("r.example/te", "r.example/team/app", True),
    ("r.example/team/", "r.example/team/app", True),
    ("r.example/team/", "r.example/teams/app", False),
    ("r.example/", "r.example/app", True),
    # Schemes, and versions of the API, say nothing.
    ("https://r.example", "r.example/app", True),
    ("http://r.example", "r.example/app", True),
    ("https://r.example/v1/", "r.example/app", True),
    ("https://r.example/v2/", "r.example", True),
    ("r.example/v1/team", "r.example/team/app", True),
    ("http://r.example/v2/team", "r.example/team/app", True),
    ("r.example/v2/team", "r.example/v2/team", False),
    ("r.example/v3/team", "r.example/v3/team/app", True),
    ("r.example/v1", "r.example/app", False),
    ("r.example/v1", "r.example/v1/app", True),
    # Ports.
    ("r.example:5000", "r.example:5000/app", True),
    ("r.example:5000", "r.example/app", False),
    ("r.example", "r.example:5000/app", False),
    ("https://r.example:5000/v1/", "r.example:5000/app", True),
    ("*.example:5000", "r.example:5000/app", True),
    ("*.example", "r.example:5000/app", False),
    ("localhost:5000", "localhost:5000/app", True),
    ("[::1]:5000", "[::1]:5000/app", True),
    # Globs, label by label.
    ("*.example", "r.example/app", True),
    ("*.example", "example.example/app", True),
    ("*.example", "a.r.example/app", False),
    ("*.*.example", "a.r.example/app", True),
    ("*.r.example", "r.example/app", False),
    ("r.*", "r.example/app", True),
    ("*", "r.example/app", False),
    ("*.*", "r.example/app", True),
    ("pre-*.example", "pre-1.example/app", True),
    ("pre-*.example", "post-1.example/app", False),
    ("r?.example", "r1.example/app", True),
    ("r[0-4].example", "r5.example/app", False),
    ("*.example/team", "r.example/team/app", True),
    ("*.example/team", "r.example/other", False),
    # A glob is none in a path.
    ("r.example/*", "r.example/team", False),
    # Look-alikes.
    ("*.example", "r.example.evil.org/app", False),
    ("r.example", "xr.example/app", False),
    # Case, which hosts do not have.
    ("R.Example/team", "r.example/team/app", True),
    # Docker Hub, by all its names.
    ("https://index.docker.io/v1/", "debian", True),
    ("index.docker.io", "docker.io/me/app", True),
    ("docker.io", "me/app", True),
    ("registry-1.docker.io", "index.docker.io/me/app", True),
    ("*.docker.io", "me/app", True),
    ("docker.io/me", "me/app", True),
    ("docker.io/me", "you/app", False),
    ("docker.io/library", "debian", True),
    ("hub.docker.com", "debian", False),
]


@pytest.mark.parametrize(("key", "asked", "fits"), FITS)
def test_keys_fit_as_a_kubelet_has_it(key: str, asked: str, fits: bool) -> None:
    """
    One key, and one name.
    """
    asked = asked if "/" in asked or "." in asked or ":" in asked else f"docker.io/{asked}"
    assert known(made(key), asked) == (key if fits else "")


def test_the_last_key_in_the_alphabet_counts() -> None:
    """
    So longer paths come before shorter ones, and names before globs.
    """
    keys = ("r.example", "r.example/team", "r.example/team/app", "*.example", "*.example/team/x")
    keychain = made(*keys)
    assert known(keychain, "r.example/team/app/deep") == "r.example/team/app"
    assert known(keychain, "r.example/team/other") == "r.example/team"
    assert known(keychain, "r.example/else") == "r.example"
    assert known(keychain, "s.example/team/x") == "*.example/team/x"
    assert known(keychain, "s.example/else") == "*.example"
    # The name of the host counts more than the length of a path.
    assert known(keychain, "r.example/team/x") == "r.example/team"


@given(st.permutations(["r.example", "r.example/team", "*.example", "r.example/te", "*.*"]))
def test_order_in_a_secret_is_nothing(keys: list[str]) -> None:
    """
    However keys are written down, the same one counts.
    """
    assert known(made(*keys), "r.example/team/app") == "r.example/team"


def test_the_first_of_several_secrets_counts() -> None:
    """
    For the same key, in any spelling; each kind of secret is read.
    """
    first = secret("first", {"https://r.example/v1/": Basic("me", "first")})
    second = dockercfg("second", {"r.example": Basic("me", "second")})
    assert known(from_secrets([first, second]), "r.example/app") == "first"
    assert known(from_secrets([second, first]), "r.example/app") == "second"


def test_secrets_come_in_many_forms() -> None:
    """
    Parsed or not, alone or in a list, as a person writes them or as the API does.
    """
    one = secret("one", {"one.example": Basic("me", "one")})
    two = dockercfg("two", {"two.example": Basic("me", "two")})
    config = {"auths": {"three.example": {"username": "me", "password": "three"}}}
    kind = "kubernetes.io/dockerconfigjson"
    three = {"type": kind, "stringData": {".dockerconfigjson": json.dumps(config)}}
    forms: list[list[Any]] = [
        [one, two, three],
        [json.dumps(one), json.dumps(two).encode(), json.dumps(three)],
        [{"kind": "SecretList", "items": [one, two]}, three],
        [json.dumps({"kind": "List", "items": [one, {"items": [two, three]}]})],
    ]
    for secrets in forms:
        keychain = from_secrets(secrets)
        assert [known(keychain, f"{name}.example") for name in ("one", "two", "three")] == [
            *("one", "two", "three")
        ]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Opaque", "data": {".dockerconfigjson": "e30="}},
        {"type": "kubernetes.io/tls", "data": {"tls.crt": "AAAA"}},
        {"type": "kubernetes.io/dockerconfigjson", "data": {"other": "AAAA"}},
        {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": ""}},
        {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "e30="}},
        {"type": "kubernetes.io/dockercfg", "data": {".dockerconfigjson": "e30="}},
        {"type": "kubernetes.io/dockerconfigjson", "data": None},
        {},
    ],
)
def test_what_says_nothing_is_passed_over(document: dict[str, Any]) -> None:
    """
    Other types, other members, empty ones.
    """
    assert from_secrets([document]).entries == ()


def test_entries_are_those_of_docker() -> None:
    """
    `auth` counts more than a name and a password; tokens are tokens; empty ones are none.
    """
    auths = {
        "a.example": {"username": "no", "password": "no", "auth": "bWU6cDp3"},
        "b.example": {"auth": "bWU6cHc"},
        "c.example": {"identitytoken": "SECRET", "auth": "bWU6cHc="},
        "d.example": {"email": "me@d.example"},
        "*.example": {"username": "me", "password": "any"},
    }
    keychain = from_secrets([auths_of("one", auths)])
    assert keychain(target("a.example")) == Basic("me", "p:w")
    assert keychain(target("b.example")) == Basic("me", "pw")
    assert keychain(target("c.example")) == IdentityToken("SECRET")
    assert known(keychain, "d.example") == "any"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("SECRET{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"items": "SECRET"}, "not a list"),
        ({"data": {".dockerconfigjson": "!SECRET"}}, "not base64"),
        ({"data": {".dockerconfigjson": 5}}, "not base64"),
        ({"stringData": {".dockerconfigjson": "SECRET"}}, "not JSON"),
        ({"stringData": {".dockerconfigjson": '{"auths": ["SECRET"]}'}}, "not an object"),
        ({"stringData": {".dockerconfigjson": '{"auths": {"a": "SECRET"}}'}}, "not an object"),
        (
            {"stringData": {".dockerconfigjson": '{"auths": {"a": {"auth": "SECRET!"}}}'}},
            "not base64 of user:password",
        ),
    ],
)
def test_what_cannot_be_read_is_told_without_what_it_holds(document: Any, reason: str) -> None:
    """
    Which secret, and what is wrong with it.
    """
    named = document
    if isinstance(document, dict) and "items" not in document:
        about = {"name": "regcred", "namespace": "ci"}
        named = {"type": "kubernetes.io/dockerconfigjson", "metadata": about, **document}
    with pytest.raises(SecretInvalid, match=reason) as caught:
        from_secrets([named])
    assert "SECRET" not in str(caught.value) + repr(caught.value)
    if named is not document:
        assert "pull secret ci/regcred" in str(caught.value)


def test_it_holds_secrets_and_does_not_travel() -> None:
    """
    Whoever wants that sends the recipe, `kubernetes()`.
    """
    keychain = made("r.example")
    assert repr(keychain) == "PullSecrets(entries=<1 keys>)"
    with pytest.raises(SecretNotPickled):
        pickle.dumps(keychain)


def test_which_secret_answers_is_told() -> None:
    """
    And how many were looked at in vain.
    """
    keychain = made("*.example/team", "q.io")
    assert [str(step) for step in explain(keychain, target("r.example/team/app"))] == [
        'pull secrets, ci/one "*.example/team": a password of me'
    ]
    assert [str(step) for step in explain(keychain, target("r.io/app"))] == [
        "pull secrets: none of 2 keys is for r.io/app"
    ]
    assert keychain(target("r.io/app")) == Anonymous()


@given(st.dictionaries(st.text(max_size=20), st.sampled_from(["bWU6cHc=", ""]), max_size=5))
def test_any_text_may_be_a_key(auths: dict[str, str]) -> None:
    """
    What is no host fits none, and breaks nothing.
    """
    document = auths_of("any", {key: {"auth": value} for key, value in auths.items()})
    raw = json.dumps(document)
    assert base64.b64decode(document["data"][".dockerconfigjson"])
    assert from_secrets([raw])(target("r.io/app")) == Anonymous() or any(
        "*" in key or "?" in key or "[" in key for key in auths
    )
