"""
Accounts: what a file of them may say, and what is refused with what to do.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.http.message import Headers, Request
from ocikit.server.auth.accounts import (
    AccountInvalid,
    HashUnsupported,
    Plain,
    accounts,
    hash_password,
    read_accounts,
)
from ocikit.server.auth.basic import basic_auth
from ocikit.server.handler import registry

HASH = hash_password("pass:wörd", rounds=2, salt=bytes)


@given(password=st.text(max_size=20), other=st.text(max_size=20))
def test_the_password_that_was_hashed_is_the_right_one(password: str, other: str) -> None:
    """
    And no other, the first time and again.
    """
    users = read_accounts(f"ada:{hash_password(password, rounds=1)}\n")
    for _ in range(2):
        assert users.check("ada", password)
        assert users.check("ada", other) == (other == password)


def test_a_file_of_accounts() -> None:
    """
    Empty lines and remarks say nothing; who has no line has no password that is right.
    """
    users = read_accounts(f"# people\n\nada:{HASH}\nbob:{HASH}\n")
    assert ("ada" in users, "eve" in users, len(users)) == (True, False, 2)
    assert users.check("bob", "pass:wörd")
    assert not users.check("eve", "pass:wörd")
    assert HASH not in repr(users)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("ada", 1, "NAME:HASH"),
        (f":{HASH}", 1, "NAME:HASH"),
        (f"ada:{HASH}\nada:{HASH}", 2, "another line"),
        (f"ada:{HASH.replace('$2$', '$99999999$')}", 1, "rounds"),
    ],
)
def test_a_line_that_is_no_account(text: str, line: int, said: str) -> None:
    """
    It is refused with its number, for half a file of accounts is none.
    """
    with pytest.raises(AccountInvalid, match=said) as refused:
        read_accounts(text, "users")
    assert (refused.value.path, refused.value.line) == ("users", line)


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ("$apr1$cPLbIZNY$yWY2JZ9/.VJnZcg5tMvWx.", "MD5"),
        ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "SHA-1"),
        ("$6$salt$hash", "sha512-crypt"),
        ("secret", "this hash"),
    ],
)
def test_a_hash_that_cannot_be_checked(known: str, kind: str) -> None:
    """
    It is refused with what to do, and never taken for a password as it stands.
    """
    with pytest.raises(HashUnsupported, match="passwd") as refused:
        read_accounts(f"ada:{known}")
    assert kind in refused.value.kind
    assert known not in str(refused.value)


def test_bcrypt_is_for_who_has_it() -> None:
    """
    What `htpasswd -B` writes is checked by the package, or refused with its name.
    """
    line = "ada:$2y$05$Zrj0KlxDRSEFzqGXWyQdV.n6cSTrHFwcrI4eJRDlq5RJ8xPVgZ9xe"
    if find_spec("bcrypt") is None:
        with pytest.raises(HashUnsupported, match="pip install bcrypt"):
            read_accounts(line)
    else:
        assert not read_accounts(line).check("ada", "wrong")


def test_plain_passwords_are_never_shown() -> None:
    """
    Accounts of tests are accounts as well, and print as how many they are.
    """
    users = accounts({"ada": "secret"})
    assert users == Plain(users.passwords) if isinstance(users, Plain) else False
    assert "secret" not in repr(users)
    assert "secret" not in repr(basic_auth(registry(), users))


def test_a_registry_with_a_file_of_accounts() -> None:
    """
    Colons and letters of any kind may be in a password.
    """
    send = basic_auth(registry(), read_accounts(f"ada:{HASH}"))
    authorization = "Basic YWRhOnBhc3M6d8O2cmQ="
    for headers, status in [({}, 401), ({"Authorization": authorization}, 200)]:
        request = Request(method="GET", url="http://r/v2/", headers=Headers(headers))
        assert send(request).status == status
