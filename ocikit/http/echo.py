"""
What servers echo: the secrets that they were sent, masked in what is kept of their answers.

What was sent is known, so that it need not be recognised as a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, quote

from ocikit.content.streams import BytesOpener
from ocikit.http.message import Request
from ocikit.http.redact import MASK, secrets_of


def unechoed(raw: bytes, secrets: Iterable[str]) -> bytes:
    """
    Mask secrets in an answer: as they are, and as they are in JSON or a URL.

    >>> unechoed(b"no user ada/secret, nor ada%2Fsecret", ["ada/secret"])
    b'no user REDACTED, nor REDACTED'
    """
    from json import dumps

    for secret in sorted(secrets, key=len, reverse=True):
        for form in dict.fromkeys((secret, dumps(secret)[1:-1], quote(secret, safe=""))):
            raw = raw.replace(form.encode(), MASK.encode())
    return raw


def secrets_in(request: Request) -> tuple[str, ...]:
    """
    Give what a request says in secret: in its header, and in the form of a token request.
    """
    return (*secrets_of(request.headers), *_form(request))


def _form(request: Request) -> list[str]:
    opener = request.body.opener
    kind = request.headers.get("Content-Type")
    if kind != "application/x-www-form-urlencoded" or not isinstance(opener, BytesOpener):
        return []
    fields = dict(parse_qsl(opener.data.decode()))
    return [fields[name] for name in ("refresh_token", "password") if fields.get(name)]
