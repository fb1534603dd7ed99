"""
What a parsed credentials file says.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ocikit.auth.dockerconfig import (
    AskHelper,
    Candidate,
    ConfigInvalid,
    decode_auth,
    encode_auth,
    resolve,
)
from ocikit.http.credentials import Basic, IdentityToken, RegistryToken
from ocikit.name.parse import parse_registry, parse_repository


def _auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def _found(config: dict[str, Any], name: str) -> list[Candidate]:
    read = parse_repository if "/" in name else parse_registry
    return list(resolve(config, read(name), "c.json"))


ENTRIES: list[tuple[dict[str, Any], list[Candidate]]] = [
    (_auth("me:pw"), [Basic("me", "pw")]),
    (_auth("me:a:b"), [Basic("me", "a:b")]),
    (_auth("ada:pass:wörd"), [Basic("ada", "pass:wörd")]),
    (_auth("me:pw\0\0"), [Basic("me", "pw")]),
    ({"auth": _auth("me:pw1")["auth"].rstrip("=")}, [Basic("me", "pw1")]),
    ({"auth": " bWU6cHc=\n"}, [Basic("me", "pw")]),
    (_auth(":"), []),
    (_auth(":pw"), [Basic("", "pw")]),
    ({"username": "me", "password": "pw"}, [Basic("me", "pw")]),
    ({**_auth("a:b"), "username": "me", "password": "pw"}, [Basic("a", "b")]),
    ({**_auth("me:"), "identitytoken": "t"}, [IdentityToken("t")]),
    ({**_auth("me:pw"), "registrytoken": "t"}, [RegistryToken("t")]),
    ({"registrytoken": "r", "identitytoken": "i"}, [RegistryToken("r")]),
    ({"auth": None, "username": None, "registrytoken": None}, []),
    ({"email": "me@x", "unknown": 1}, []),
    ({}, []),
]


@pytest.mark.parametrize(("entry", "found"), ENTRIES)
def test_entries(entry: dict[str, Any], found: list[Candidate]) -> None:
    """
    `auth` wins over user and password, tokens win over `auth`; an empty entry is none.
    """
    assert _found({"auths": {"r.io": entry}}, "r.io") == found


def test_an_entry_may_be_null() -> None:
    """
    As if it were not there; so may `auths`.
    """
    assert _found({"auths": {"r.io": None}, "credHelpers": None}, "r.io") == []
    assert _found({"auths": None}, "r.io") == []
    assert _found({}, "r.io") == []


KEYS = [
    ("https://index.docker.io/v1/", "debian/x", True),
    ("docker.io", "debian/x", True),
    ("index.docker.io", "debian/x", True),
    ("docker.io/debian", "debian/x", True),
    ("docker.io/other", "debian/x", False),
    ("http://test.io/v1/", "test.io/a", True),
    ("test.io", "test.io:5000/a", False),
    ("test.io:5000", "test.io:5000/a", True),
    ("test.io/a/b", "test.io/a/b/c", True),
    ("test.io/a/b", "test.io/a/bc", False),
    ("test.io/a", "test.io", False),
    ("evil-test.io", "test.io/a", False),
    ("test.io.evil.io", "test.io/a", False),
    ("io", "test.io/a", False),
]


@pytest.mark.parametrize(("key", "name", "fits"), KEYS)
def test_keys(key: str, name: str, fits: bool) -> None:
    """
    A key fits its registry in any spelling, and what lies below its path; no other.
    """
    found = _found({"auths": {key: _auth("me:pw")}}, name)
    assert found == ([Basic("me", "pw")] if fits else [])


def test_the_most_specific_entry_comes_first() -> None:
    """
    containers-auth.json(5): namespaces have credentials of their own.
    """
    auths = {"quay.io": _auth("a:a"), "quay.io/ns/app": _auth("c:c"), "quay.io/ns": _auth("b:b")}
    users = [c.username for c in _found({"auths": auths}, "quay.io/ns/app") if isinstance(c, Basic)]
    assert users == ["c", "b", "a"]


HELPERS: list[tuple[dict[str, Any], str, list[Candidate]]] = [
    ({"credHelpers": {"r.io": "x"}}, "r.io/a", [AskHelper("x", "r.io")]),
    ({"credsStore": "s"}, "r.io/a", [AskHelper("s", "r.io")]),
    ({"credsStore": "s", "credHelpers": {"r.io": "x"}}, "r.io/a", [AskHelper("x", "r.io")]),
    ({"credsStore": "s", "credHelpers": {"r.io": ""}}, "r.io/a", []),
    ({"credsStore": "s", "credHelpers": {"o.io": "x"}}, "r.io/a", [AskHelper("s", "r.io")]),
    (
        {"credsStore": "s", "auths": {"r.io": _auth("me:pw")}},
        "r.io/a",
        [AskHelper("s", "r.io"), Basic("me", "pw")],
    ),
    (
        {"credsStore": "s", "auths": {"r.io/a": _auth("me:pw")}},
        "r.io/a",
        [Basic("me", "pw"), AskHelper("s", "r.io")],
    ),
    ({"credHelpers": {"r.io/a": "x"}}, "r.io/a", [AskHelper("x", "r.io/a")]),
    ({"credsStore": "s"}, "debian/x", [AskHelper("s", "https://index.docker.io/v1/")]),
    (
        {"credHelpers": {"docker.io": "x"}},
        "debian/x",
        [AskHelper("x", "https://index.docker.io/v1/")],
    ),
    ({"credHelpers": {"index.docker.io": "x"}}, "r.io/a", []),
]


@pytest.mark.parametrize(("config", "name", "found"), HELPERS)
def test_helpers(config: dict[str, Any], name: str, found: list[Candidate]) -> None:
    """
    A registry's own helper, else the store for all, else the file; by Docker's server key.
    """
    assert _found(config, name) == found


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"auths": ["SECRET"]}, "auths is not an object"),
    ({"auths": {"r.io": "SECRET"}}, "'r.io' is not an object"),
    ({"auths": {"r.io": {"auth": 5}}}, "auth of 'r.io' is not a text"),
    ({"auths": {"r.io": {"auth": "SECRET!"}}}, "base64"),
    ({"auths": {"r.io": {"auth": "U0VDUkVU"}}}, "base64"),
    ({"auths": {"r.io": {"auth": "/////w=="}}}, "base64"),
    ({"auths": {"r.io": {"auth": "="}}}, "base64"),
    ({"auths": {"r.io": {"registrytoken": "SECRET\r\nX: 1"}}}, "cannot be sent"),
    ({"credHelpers": "SECRET"}, "credHelpers is not an object"),
    ({"credHelpers": {"r.io": 5}}, "not the name of a helper"),
    ({"credsStore": {}}, "credsStore is not the name"),
]


@pytest.mark.parametrize(("config", "said"), WRONG)
def test_what_cannot_be_understood_is_told_without_showing_it(
    config: dict[str, Any], said: str
) -> None:
    """
    The file and the entry are named; what is in them is not.
    """
    with pytest.raises(ConfigInvalid, match=said) as caught:
        _found(config, "r.io")
    assert "c.json" in str(caught.value)
    assert "SECRET" not in str(caught.value) + repr(caught.value)


def test_a_broken_entry_of_another_registry_is_no_matter() -> None:
    """
    One bad login must not stop all others.
    """
    auths = {"bad.io": {"auth": "!"}, "r.io": _auth("me:pw")}
    assert _found({"auths": auths}, "r.io") == [Basic("me", "pw")]


@pytest.mark.parametrize(("user", "password"), [("me", "pw"), ("ada", "a:b"), ("ö", "")])
def test_auth_reads_back(user: str, password: str) -> None:
    """
    What is written is read.
    """
    assert decode_auth(encode_auth(user, password)) == (user, password)
