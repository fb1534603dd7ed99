"""
Who may come in: users and how their passwords are checked.

A file of accounts has a line for each, `NAME:HASH`, as Apache's `htpasswd` writes it.
Hashes are `$pbkdf2-sha256$` as `ocikit registry passwd` writes them, and bcrypt's
`$2y$` where the package `bcrypt` is installed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import threading
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Final, Protocol

import attrs

from ocikit._records import FrozenMap, record
from ocikit._regex import regex
from ocikit.errors import Invalid, Unsupported

#: As many rounds as OWASP's password storage cheat sheet says.
ROUNDS: Final = 600_000
_MOST_ROUNDS: Final = 10_000_000
_PBKDF2: Final = regex(
    r"\$pbkdf2-sha256\$([1-9][0-9]{0,7})\$([A-Za-z0-9./]{2,86})\$([A-Za-z0-9./]{43})"
)
_BCRYPT: Final = regex(r"\$2[aby]\$(0[4-9]|1[0-9])\$[./A-Za-z0-9]{53}")
#: So many right passwords are remembered, for each request has one.
_REMEMBERED: Final = 1024
#: So many passwords are checked at once: to guess them must not take all there is.
_AT_ONCE: Final = 4


class Accounts(Protocol):
    """
    Users, whose passwords can be checked.
    """

    def __contains__(self, user: object, /) -> bool:
        """
        Whether there is a user of that name.
        """
        ...

    def __len__(self) -> int: ...

    def check(self, user: str, password: str) -> bool:
        """
        Whether this is the password of the user; it takes as long for users that are none.
        """
        ...


@attrs.frozen(kw_only=True)
class AccountInvalid(Invalid):
    """
    A line of a file of accounts is none.
    """

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.reason}"


@attrs.frozen(kw_only=True)
class HashUnsupported(Unsupported):
    """
    A password is hashed in a way that cannot be checked here.
    """

    path: str
    line: int
    kind: str

    def __str__(self) -> str:
        todo = "make it anew with `ocikit registry passwd`"
        if self.kind == "bcrypt":
            todo = f"pip install bcrypt, or {todo}"
        return f"{self.path}, line {self.line}: {self.kind} cannot be checked here; {todo}"


@record
class Plain:
    """
    Accounts whose passwords are known as they are: for tests.
    """

    passwords: FrozenMap[str, str] = attrs.field(repr=lambda known: f"<{len(known)} users>")

    def __contains__(self, user: object) -> bool:
        return user in self.passwords

    def __len__(self) -> int:
        return len(self.passwords)

    def check(self, user: str, password: str) -> bool:
        """
        Compare a password, in the same time whatever it is.
        """
        known = self.passwords.get(user, "\0")
        return hmac.compare_digest(known.encode(), password.encode()) and user in self.passwords


class Hashed:
    """
    Accounts of which only hashes are known; slow to check by design, so that a password
    that was right once is remembered by a keyed hash.
    """

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = FrozenMap(hashes)
        self._key = os.urandom(32)
        self._right: dict[bytes, None] = {}
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def __repr__(self) -> str:
        return f"<{len(self)} users>"

    def __contains__(self, user: object) -> bool:
        return user in self._hashes

    def __len__(self) -> int:
        return len(self._hashes)

    def check(self, user: str, password: str) -> bool:
        """
        Whether this is the password of the user.
        """
        mark = hmac.digest(self._key, f"{user}\0{password}".encode(), "sha256")
        if mark in self._right:
            return True
        known = self._hashes.get(user)
        with self._slots:
            right = _is_right(known or _NOBODY, password)
        if known is None or not right:
            return False
        while len(self._right) >= _REMEMBERED:
            self._right.pop(next(iter(self._right)), None)
        self._right[mark] = None
        return True


def accounts(users: Mapping[str, str] | Accounts) -> Accounts:
    """
    Give accounts as they are, or of names and plain passwords.
    """
    return Plain(FrozenMap(users)) if isinstance(users, Mapping) else users


def hash_password(
    password: str, *, rounds: int = ROUNDS, salt: Callable[[int], bytes] = os.urandom
) -> str:
    """
    Hash a password for a file of accounts.

    >>> hash_password("secret", rounds=1, salt=bytes)[:22]
    '$pbkdf2-sha256$1$AAAAA'
    """
    grain = salt(16)
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), grain, rounds)
    return f"$pbkdf2-sha256${rounds}${_text(grain)}${_text(key)}"


def _text(data: bytes) -> str:
    # As passlib writes it.
    return base64.b64encode(data, b"./").rstrip(b"=").decode()


def _data(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"./", validate=True)


#: What a password is compared with when there is no such user: nothing is this.
_NOBODY: Final = f"$pbkdf2-sha256${ROUNDS}${'A' * 22}${'A' * 43}"


def _is_right(known: str, password: str) -> bool:
    match = _PBKDF2.fullmatch(known)
    if match is None:
        import bcrypt  # pyright: ignore[reportMissingImports]

        # As much as bcrypt looks at; it refuses more.
        return bool(bcrypt.checkpw(password.encode()[:72], known.encode()))
    rounds, salt, key = match.groups()
    found = hashlib.pbkdf2_hmac("sha256", password.encode(), _data(salt), int(rounds))
    return hmac.compare_digest(_text(found), key)


def read_accounts(text: str, path: str = "accounts") -> Hashed:
    """
    Read a file of accounts; empty lines, and those that begin with #, say nothing.

    Args:
        text: what is in it.
        path: where it is, for errors.

    Raises:
        AccountInvalid: a line is no account, or a user has two.
        HashUnsupported: a password is hashed in another way.

    >>> users = read_accounts(f"ada:{hash_password('secret', rounds=1)}")
    >>> users.check("ada", "secret"), users.check("ada", "guess"), users.check("bob", "secret")
    (True, False, False)
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        user, colon, known = line.strip().partition(":")
        if not user or not colon:
            raise AccountInvalid(path=path, line=number, reason="it is not NAME:HASH")
        if user in found:
            raise AccountInvalid(path=path, line=number, reason=f"{user!r} has another line")
        _check(path, number, known)
        found[user] = known
    return Hashed(found)


def _check(path: str, line: int, known: str) -> None:
    if match := _PBKDF2.fullmatch(known):
        try:
            _data(match[2])
        except (binascii.Error, ValueError):
            raise AccountInvalid(path=path, line=line, reason="the salt is malformed") from None
        if int(match[1]) > _MOST_ROUNDS:
            reason = f"more than {_MOST_ROUNDS} rounds"
            raise AccountInvalid(path=path, line=line, reason=reason)
    elif _BCRYPT.fullmatch(known):
        if find_spec("bcrypt") is None:
            raise HashUnsupported(path=path, line=line, kind="bcrypt")
    else:
        raise HashUnsupported(path=path, line=line, kind=_kind(known))


def _kind(known: str) -> str:
    kinds = {
        "$apr1$": "Apache's MD5",
        "{SHA}": "SHA-1",
        "$5$": "sha256-crypt",
        "$6$": "sha512-crypt",
    }
    return next((kind for mark, kind in kinds.items() if known.startswith(mark)), "this hash")
