"""
Credential helpers: the protocol of `docker-credential-*`, spoken with care.

A helper is a program of the user's, but its name comes from a file, and what it says
goes into errors: names are checked, and what it printed is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn

import attrs

from ocikit._regex import regex
from ocikit.auth import programs
from ocikit.errors import Refused
from ocikit.http.credentials import Anonymous, Basic, Credentials, IdentityToken

#: Seconds that a helper may take.
PATIENCE: Final = 30.0

_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NOT_FOUND: Final = b"credentials not found in native keychain"
#: The user's name that says that the secret is an identity token.
_TOKEN_USER: Final = "<token>"  # noqa: S105 - the protocol's word


@attrs.frozen(kw_only=True)
class HelperFailed(Refused):
    """
    A credential helper did not do what it was asked; it may have printed why.
    """

    helper: str
    action: str
    server: str
    reason: str

    def __str__(self) -> str:
        name = f"docker-credential-{self.helper}"
        return (
            f"credential helper {name} ({self.action} {self.server}): {self.reason}; "
            "the credentials file names it under credHelpers or credsStore"
        )


def get(
    helper: str, server: str, environ: Mapping[str, str], *, patience: float = PATIENCE
) -> Credentials:
    """
    Ask a helper for the credentials of a server; `Anonymous` when it has none.

    Raises:
        HelperFailed: it is not there, fails, takes too long or talks nonsense.
    """
    call = _Call(helper=helper, action="get", server=server, patience=patience)
    code, output = _run(call, server.encode(), environ)
    if code != 0:
        if _NOT_FOUND in output:
            return Anonymous()
        _fail(call, f"it ended with status {code}")
    said = _read(call, output)
    user, secret = said.get("Username") or "", said.get("Secret") or ""
    if not isinstance(user, str) or not isinstance(secret, str):
        _fail(call, "it answered with something else than texts")
    if not secret:
        return Anonymous()
    return IdentityToken(secret) if user == _TOKEN_USER else Basic(user, secret)


def store(
    helper: str, server: str, credentials: Basic | IdentityToken, environ: Mapping[str, str]
) -> None:
    """
    Give credentials to a helper to keep.

    Raises:
        HelperFailed: it did not take them.
    """
    from ocikit.spec.gojson import dumps

    match credentials:
        case Basic(user, secret):
            pass
        case IdentityToken(secret):
            user = _TOKEN_USER
    call = _Call(helper=helper, action="store", server=server)
    told = dumps({"ServerURL": server, "Username": user, "Secret": secret})
    code, _ = _run(call, told, environ)
    if code != 0:
        _fail(call, f"it ended with status {code}")


def erase(helper: str, server: str, environ: Mapping[str, str]) -> bool:
    """
    Let a helper forget the credentials of a server; False when it had none.

    Raises:
        HelperFailed: it did not do so.
    """
    call = _Call(helper=helper, action="erase", server=server)
    code, output = _run(call, server.encode(), environ)
    if code != 0 and _NOT_FOUND not in output:
        _fail(call, f"it ended with status {code}")
    return code == 0


@attrs.frozen(kw_only=True)
class _Call:
    helper: str
    action: str
    server: str
    patience: float = PATIENCE


def _fail(call: _Call, reason: str) -> NoReturn:
    raise HelperFailed(
        helper=call.helper, action=call.action, server=call.server, reason=reason
    ) from None


def _find(call: _Call, environ: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(call.helper):
        _fail(call, "that is not the name of a helper")
    program = programs.find(f"docker-credential-{call.helper}", environ)
    if program is None:
        _fail(call, "there is no such program on PATH; install it, or log in without it")
    return program


def _run(call: _Call, told: bytes, environ: Mapping[str, str]) -> tuple[int, bytes]:
    program = _find(call, environ)
    if not call.server.isprintable() or not call.server or len(told) > programs.MOST_OUTPUT:
        _fail(call, "that is nothing to ask a helper")
    try:
        return programs.run([program, call.action], told, environ, patience=call.patience)
    except programs.ProgramFailed as failed:
        _fail(call, str(failed))


def _read(call: _Call, output: bytes) -> dict[str, Any]:
    from ocikit.spec.gojson import JSONInvalid, loads

    try:
        said: Any = loads(output)
    except JSONInvalid:
        said = None
    if not isinstance(said, dict):
        _fail(call, "what it answered is not a JSON object")
    return said
