"""
A credential helper as a keychain.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit import auth
from ocikit.auth.explain import explain
from ocikit.auth.fromhelper import FromHelper, from_helper
from ocikit.auth.helper import HelperFailed
from ocikit.http.credentials import Anonymous, Basic, IdentityToken
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.helpers import Helpers

APP = parse_repository("quay.io/team/app")


def made(helpers: Helpers, script: str, **options: bool) -> FromHelper:
    """
    The keychain of a helper that is a script.
    """
    helpers.add("mine", script)
    return from_helper("mine", environ=helpers.environ, **options)


def test_it_is_asked_for_registries(helpers: Helpers) -> None:
    """
    By the name under which Docker keeps each, and never for a path.
    """
    asking = 'read -r server || true; printf \'{"Username": "%s", "Secret": "SECRET"}\' "$server"'
    keychain = made(helpers, asking)
    assert keychain(APP) == keychain(Registry("quay.io")) == Basic("quay.io", "SECRET")
    assert keychain(parse_repository("debian")) == Basic("https://index.docker.io/v1/", "SECRET")
    assert [str(step) for step in explain(keychain, APP)] == [
        "docker-credential-mine: a password of quay.io"
    ]
    assert made(helpers, 'echo \'{"Username": "<token>", "Secret": "SECRET"}\'')(
        APP
    ) == IdentityToken("SECRET")


def test_one_that_fails_is_an_error(helpers: Helpers, caplog: pytest.LogCaptureFixture) -> None:
    """
    Unless it may: then it is warned of, and there is nothing.
    """
    keychain = made(helpers, "echo SECRET; exit 3")
    with pytest.raises(HelperFailed, match="status 3"):
        keychain(APP)
    assert "status 3" in explain(keychain, APP)[0].said
    optional = made(helpers, "echo SECRET; exit 3", optional=True)
    assert optional(APP) == Anonymous()
    assert "asking without credentials: credential helper docker-credential-mine" in caplog.text
    assert "status 3" in explain(auth.first_of(optional, auth.anonymous), APP)[0].said
    assert "SECRET" not in caplog.text + repr(optional)


def test_one_that_knows_nothing_has_nothing(helpers: Helpers) -> None:
    """
    As the protocol says it.
    """
    nothing = made(helpers, 'echo "credentials not found in native keychain"; exit 1')
    assert nothing(APP) == Anonymous()
    assert pickle.loads(pickle.dumps(nothing)) == nothing
