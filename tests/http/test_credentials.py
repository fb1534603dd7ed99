"""
Credentials as records.
"""

from __future__ import annotations

import base64
import copy
import pickle

import pytest

from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    RegistryToken,
    SecretNotPickled,
    anonymous,
    authorization,
)
from ocikit.name.records import Registry

ALL = (Anonymous(), Basic("me", "SECRET"), RegistryToken("SECRET"), IdentityToken("SECRET"))


def test_credentials_show_no_secret() -> None:
    """
    They stand in tracebacks and in other records.
    """
    for credentials in ALL:
        assert "SECRET" not in repr(credentials) + str(credentials)


@pytest.mark.parametrize("credentials", ALL[1:], ids=lambda credentials: type(credentials).__name__)
def test_credentials_are_not_pickled(credentials: Credentials) -> None:
    """
    What goes to other processes, or into files, is where they are kept, not what they are.
    """
    for dump in (pickle.dumps, copy.deepcopy):
        with pytest.raises(SecretNotPickled, match="pickle what says where"):
            dump(credentials)
    assert pickle.loads(pickle.dumps(Anonymous())) == Anonymous()


def test_what_is_sent_to_a_server_itself() -> None:
    """
    RFC 7617, 2.1 with UTF-8; an identity token is for the token service only.
    """
    basic = authorization(Basic("ada", "pass:wörd")) or ""
    assert base64.b64decode(basic.removeprefix("Basic ")).decode() == "ada:pass:wörd"
    assert [authorization(c) for c in (ALL[0], *ALL[2:])] == [None, "Bearer SECRET", None]


def test_nobody_in_particular() -> None:
    """
    The keychain that finds nothing.
    """
    assert anonymous(Registry("ghcr.io")) == Anonymous()
