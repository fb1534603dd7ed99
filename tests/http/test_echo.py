"""
What servers say back of what they were told.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.http.credentials import Basic, Credentials, RegistryToken, authorization
from ocikit.http.echo import secrets_in, unechoed
from ocikit.http.faults import error_of, quieted
from ocikit.http.message import Headers, Request, Response, body_of
from ocikit.testing.wires import Broken, answer


def plain(secret: str) -> str:
    """
    As it is.
    """
    return secret


def in_json(secret: str) -> str:
    """
    As JSON has it.
    """
    return json.dumps(secret)[1:-1]


def in_url(secret: str) -> str:
    """
    As a query has it.
    """
    return quote(secret, safe="")


@given(st.text(st.characters(codec="utf-8"), min_size=6), st.sampled_from([plain, in_json, in_url]))
def test_a_secret_is_masked_in_every_form(secret: str, form: Callable[[str], str]) -> None:
    """
    As it is, as JSON writes it, and as URLs do.
    """
    raw = f"<{form(secret)}>".encode()
    assert unechoed(raw, [secret]) == b"<REDACTED>"


@pytest.mark.parametrize(
    "credentials", [Basic("ada", "pass:wörd-hidden"), RegistryToken("t-hidden")]
)
def test_errors_do_not_say_what_we_showed(credentials: Credentials) -> None:
    """
    A registry that explains itself may quote the whole request.
    """
    shown = Headers({"Authorization": authorization(credentials) or "", "X-Gate": "g-hidden"})
    request = Request(method="GET", url="https://r.io/v2/", headers=shown)
    said = {"errors": [{"code": "DENIED", "message": str(shown.pairs), "detail": [*shown.pairs]}]}
    texts = [json.dumps(said), json.dumps(said, ensure_ascii=False), *secrets_in(request)]
    for text in texts:
        error = error_of(request, answer(403, text.encode()))
        assert "hidden" not in repr(error) + str(error)
        body = quieted(answer(403, text.encode()), shown).body.read()
        assert b"hidden" not in body


def test_forms_of_token_requests_have_secrets_too() -> None:
    """
    An identity token is sent as a refresh token.
    """
    form = urlencode([("grant_type", "refresh_token"), ("refresh_token", "id/hidden")]).encode()
    headers = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    request = Request(method="POST", url="https://r.io/t", headers=headers, body=body_of(form))
    assert secrets_in(request) == ("id/hidden",)
    assert "hidden" not in str(error_of(request, answer(400, b"what is id%2Fhidden?")))


def test_what_breaks_off_is_left() -> None:
    """
    The status says enough.
    """
    response = Response(status=403, body=Broken(b"abc"))
    assert quieted(response, Headers({"Authorization": "Bearer x-hidden"})).body.read() == b""
