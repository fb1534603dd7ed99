"""
Google's command line, as it tells its access token to programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ocikit.auth import programs
from ocikit.auth.offers import Lease
from ocikit.http.credentials import Basic

#: What makes gcloud print its token: a fresh one, for such programs as this.
ARGUMENTS: Final = (
    *("config", "config-helper", "--force-auth-refresh", "--format=json(credential)"),
)
#: Seconds that it may take: it is a large program, and it asks a server.
PATIENCE: Final = 60.0
#: The user that Google's registries take an access token from.
TOKEN_USER: Final = "_token"  # noqa: S105 - a name, not a secret


def ask(environ: Mapping[str, str]) -> tuple[Lease | None, str]:
    """
    Ask gcloud for its token; without one, say why there is none.

    >>> ask({"PATH": "/none"})
    (None, 'there is no gcloud on PATH')
    """
    program = programs.find("gcloud", environ)
    if program is None:
        return None, "there is no gcloud on PATH"
    try:
        code, output = programs.run([program, *ARGUMENTS], b"", environ, patience=PATIENCE)
    except programs.ProgramFailed as failed:
        return None, str(failed)
    if code != 0:
        return None, f"it ended with status {code}; is anybody logged in (gcloud auth login)?"
    return _read(output)


def _read(output: bytes) -> tuple[Lease | None, str]:
    from ocikit.spec.gojson import JSONInvalid, loads

    try:
        said: Any = loads(output)
    except JSONInvalid:
        said = None
    known: Any = said.get("credential") if isinstance(said, dict) else None
    token = known.get("access_token") if isinstance(known, dict) else None
    if not isinstance(token, str) or not token:
        return None, "what it printed has no token"
    until = _time(known.get("token_expiry"))
    return Lease(credentials=Basic(TOKEN_USER, token), until=until), ""


def _time(text: Any) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError):
        # Of a token that does not say so it is only known that it is good now.
        return 0.0
