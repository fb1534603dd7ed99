"""
What is kept of secrets: each letter, where they are asked for, and nothing anywhere else.
"""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import strategies as st

from ocikit.http.credentials import (
    Basic,
    IdentityToken,
    Keychain,
    RegistryToken,
    SecretNotPickled,
)
from ocikit.name.records import Registry
from ocikit.testing.contract import needs, share
from ocikit.testing.contracts_keychain_asked import SECRET, Asked

#: How pickling says no.
_REFUSALS: Final = (SecretNotPickled, TypeError, AttributeError, pickle.PicklingError)
_QUAY: Final = Registry("quay.io")

#: What some code reads as something else: by what it is taken for.
_ODD: Final = {
    "environment": Basic("$USER", "${HOME} $(id) `id` %PATH% ~"),
    "escapes": Basic("a%41", "%41%00 \\n \\u0041 &lt; &amp;"),
    "quotes": Basic("a'b", "\"'`\\\"\\'"),
    "markup": Basic("<b>me</b>", "</a><b>&"),
    "separators": Basic("a;b,c", "=&?#/@ |;,\t"),
    "nothing": Basic("null", "None"),
    "a truth": Basic("yes", "true"),
    "a number": Basic("0123", "1e5"),
    "json": Basic("me", '{"auth": "bWU6cHc="}'),
    "a comment": Basic("#me", "# not a comment // nor this"),
    "a placeholder": Basic("{me}", "{0} %s {{x}} %(y)s"),
}


class Secrets(Asked):
    """
    Secrets come as they are, and are shown to nobody else.
    """

    @pytest.mark.parametrize("taken_for", _ODD)
    def test_nothing_is_read_into_them(self, tmp_path: Path, taken_for: str) -> None:
        """
        Nothing is expanded, decoded, or split in the wrong place.
        """
        assert self.asked(tmp_path, {"quay.io": _ODD[taken_for]}, "quay.io") == [_ODD[taken_for]]

    def test_a_user_that_stands_for_a_token(self, tmp_path: Path) -> None:
        """
        Helpers mean an identity token by this name; kept as a name, it is one.
        """
        odd = Basic("<token>", 'p:w "é" \\ ${HOME} %41')
        assert self.asked(tmp_path, {"quay.io": odd}, "quay.io") == [odd]

    def test_colons(self, tmp_path: Path) -> None:
        """
        The first one ends the name, where a pair is one text (RFC 7617); all others are the
        secret's.
        """
        for secret in (":", "a:b", ":a", "a:", "::"):
            assert self.asked(tmp_path, {"quay.io": Basic("me", secret)}, "quay.io") == [
                Basic("me", secret)
            ]

    def test_letters_of_any_alphabet(self, tmp_path: Path) -> None:
        """
        As they were typed, not composed anew.
        """
        odd = Basic("rené", "pässwörd e\u0301 密码 🔑")
        assert self.asked(tmp_path, {"quay.io": odd}, "quay.io") == [odd]

    def test_ends_of_lines(self, tmp_path: Path) -> None:
        """
        A key of several lines has all of them, and the end of the last.
        """
        key = Basic("_json_key", '{\n "private_key": "-----BEGIN\\nabc\\r\\n-----END\\n"\n}\n')
        assert self.asked(tmp_path, {"quay.io": key}, "quay.io") == [key]

    def test_spaces_at_both_ends(self, tmp_path: Path) -> None:
        """
        They may be a part of it.
        """
        odd = Basic("me", "  pw\t ")
        assert self.asked(tmp_path, {"quay.io": odd}, "quay.io") == [odd]

    def test_long_ones(self, tmp_path: Path) -> None:
        """
        Tokens of clouds have thousands of letters.
        """
        odd = Basic("oauth2accesstoken", "ya29." + "aB3-_" * 2000)
        assert self.asked(tmp_path, {"quay.io": odd}, "quay.io") == [odd]

    def test_a_name_without_a_secret(self, tmp_path: Path) -> None:
        """
        It is a name all the same.
        """
        assert self.asked(tmp_path, {"quay.io": Basic("me", "")}, "quay.io") == [Basic("me", "")]

    def test_a_secret_without_a_name(self, tmp_path: Path) -> None:
        """
        Some registries look at nothing else.
        """
        assert self.asked(tmp_path, {"quay.io": Basic("", "pw")}, "quay.io") == [Basic("", "pw")]

    def test_one_name_with_two_secrets(self, tmp_path: Path) -> None:
        """
        Who is called the same in two places has two accounts.
        """
        entries = {"quay.io": Basic("me", "one"), "r.example": Basic("me", "two")}
        assert self.asked(tmp_path, entries, "r.example", "quay.io") == [
            Basic("me", "two"),
            Basic("me", "one"),
        ]

    @needs("tokens")
    def test_identity_tokens(self, tmp_path: Path) -> None:
        """
        They are exchanged, and not sent as a password.
        """
        token = IdentityToken("eyJhbGciOi.J9-_.x")
        assert self.asked(tmp_path, {"quay.io": token}, "quay.io/team/app") == [token]

    @needs("tokens")
    def test_registry_tokens(self, tmp_path: Path) -> None:
        """
        They are sent as they are.
        """
        token = RegistryToken("abc.DEF-_~+/=")
        assert self.asked(tmp_path, {"quay.io": token}, "quay.io") == [token]

    @needs("tokens")
    def test_tokens_beside_passwords(self, tmp_path: Path) -> None:
        """
        Each registry has its own kind.
        """
        entries = {"quay.io": IdentityToken("one"), "r.example": Basic("me", "two")}
        assert self.asked(tmp_path, entries, "r.example", "quay.io") == [
            Basic("me", "two"),
            IdentityToken("one"),
        ]

    @needs("tokens")
    def test_tokens_are_not_shown(self, tmp_path: Path) -> None:
        """
        They are secrets as passwords are.
        """
        entries = {"quay.io": IdentityToken(f"{SECRET}1"), "r.example": RegistryToken(f"{SECRET}2")}
        keychain = self.keychain(tmp_path, entries)
        found = [keychain(Registry(host)) for host in entries]
        assert SECRET not in f"{keychain!r} {keychain} {found}"

    def test_what_it_prints(self, tmp_path: Path) -> None:
        """
        No secret, in clear or in base64, before it is asked and after.
        """
        keychain = self._keychain(tmp_path)
        told = f"{keychain!r} {keychain}"
        keychain(_QUAY)
        _assert_no_secret(f"{told} {keychain!r} {keychain}".encode())

    def test_what_it_finds_prints_without(self, tmp_path: Path) -> None:
        """
        Credentials come into logs more often than keychains do.
        """
        found = self._keychain(tmp_path)(_QUAY)
        _assert_no_secret(f"{found!r} {found} {[found]}".encode())

    def test_what_pickles(self, tmp_path: Path) -> None:
        """
        Whoever has the bytes has no secret; an error that says no has none either.
        """
        keychain = self._keychain(tmp_path)
        keychain(_QUAY)
        _assert_no_secret(_pickled(keychain))

    def test_what_pickles_finds_the_same(self, tmp_path: Path) -> None:
        """
        It says where to look, and looks there.
        """
        keychain = self._keychain(tmp_path)
        try:
            sent = pickle.dumps(keychain)
        except _REFUSALS:
            return
        found: Keychain = pickle.loads(sent)  # noqa: S301 - written just now
        assert found(_QUAY) == keychain(_QUAY)

    @share(2)
    def law_no_secret_is_shown_or_travels(self, data: st.DataObject) -> None:
        """
        It prints without secrets, and pickles without them or not at all.
        """
        entries = self.entries(data)
        with self.place() as folder:
            keychain = self.keychain(folder, entries)
            for key in entries:
                keychain(Registry(key.partition("/")[0]))
            _assert_no_secret(repr(keychain).encode())
            _assert_no_secret(_pickled(keychain))

    def _keychain(self, folder: Path) -> Keychain:
        entries: Mapping[str, Any] = {"quay.io": Basic("me", f"{SECRET}1")}
        return self.keychain(folder, entries)


def _pickled(keychain: Keychain) -> bytes:
    try:
        return pickle.dumps(keychain)
    except _REFUSALS as error:
        return f"{error} {error!r}".encode()


def _assert_no_secret(told: bytes) -> None:
    pair = base64.b64encode(f"me:{SECRET}1".encode())
    for form in (SECRET.encode(), pair, json.dumps(f"{SECRET}1").encode()):
        assert form not in told
