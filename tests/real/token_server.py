"""
The token server of a registry: who may do what, signed (distribution, "token
authentication specification").
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """
    A key, its certificate, and JSON Web Tokens signed by it (ES256, RFC 7518 §3.4).
    """

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ocikit tests")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        #: PEM; what the registry trusts.
        self.certificate = made.public_bytes(serialization.Encoding.PEM)
        self._der = made.public_bytes(serialization.Encoding.DER)

    def sign(self, claims: dict[str, Any]) -> str:
        """
        Make a token of these claims.
        """
        chain = [base64.b64encode(self._der).decode()]
        header = {"typ": "JWT", "alg": "ES256", "x5c": chain}
        body = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{body}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@attrs.frozen
class TokenRequest:
    """
    What the token server was asked.
    """

    #: GET (the distribution's form) or POST (OAuth2's).
    method: str
    service: str
    scopes: tuple[str, ...]
    #: Empty for an anonymous caller.
    user: str
    #: "", "basic", "password" or "refresh_token".
    by: str


@attrs.define
class TokenServer:
    """
    A running token server. Tests may change `lifetime`, `stale` and clear `requests`.
    """

    realm: str
    user: str
    password: str = attrs.field(repr=False)
    signer: Signer = attrs.field(factory=Signer, repr=False)
    service: str = "ocikit-tests"
    issuer: str = "ocikit-tests-issuer"
    #: Seconds that a token is good for. The registry forgives another 60.
    lifetime: int = 60
    #: How many of the next tokens are past their time when they are given out.
    stale: int = 0
    #: Whether a person who asks for one gets a refresh token.
    refreshable: bool = True
    requests: list[TokenRequest] = attrs.field(factory=list)
    _refresh: dict[str, str] = attrs.field(factory=dict, repr=False)

    @property
    def scopes(self) -> list[str]:
        """
        Every scope that was asked for, in order.
        """
        return [scope for request in self.requests for scope in request.scopes]

    def answer(
        self, method: str, form: dict[str, list[str]], basic: str
    ) -> tuple[int, dict[str, Any]]:
        """
        Answer a request for a token: a status and a JSON body.
        """
        first = {name: values[0] for name, values in form.items()}
        by, user, allowed = self._who(first, basic)
        asked = " ".join(form.get("scope", [])).split()
        self.requests.append(TokenRequest(method, first.get("service", ""), tuple(asked), user, by))
        if not allowed:
            return 401, {"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]}
        token = self._token(user, asked)
        body = {"expires_in": self.lifetime, "access_token": token}
        if method == "GET":
            body["token"] = token
        offline = "true" in form.get("offline_token", []) or "offline" in form.get(
            "access_type", []
        )
        if user and self.refreshable and (offline or by == "refresh_token"):
            refresh = body["refresh_token"] = secrets.token_hex(16)
            self._refresh[refresh] = user
        return 200, body

    def _who(self, form: dict[str, str], basic: str) -> tuple[str, str, bool]:
        if basic:
            user, _, password = base64.b64decode(basic).decode().partition(":")
            return "basic", user, (user, password) == (self.user, self.password)
        match form.get("grant_type", ""):
            case "password":
                user, password = form.get("username", ""), form.get("password", "")
                return "password", user, (user, password) == (self.user, self.password)
            case "refresh_token":
                known = self._refresh.get(form.get("refresh_token", ""))
                return "refresh_token", known or "", known is not None
        return "", "", True

    def _token(self, user: str, scopes: list[str]) -> str:
        now = int(time.time())
        if self.stale:
            self.stale -= 1
            now -= 3600
        claims = {
            "iss": self.issuer,
            "sub": user,
            "aud": self.service,
            "iat": now,
            "nbf": now - 10,
            "exp": now + self.lifetime,
            "jti": secrets.token_hex(8),
            "access": [granted for scope in scopes if (granted := _grant(user, scope))["actions"]],
        }
        return self.signer.sign(claims)


def _grant(user: str, scope: str) -> dict[str, Any]:
    # A repository's name may hold a port, so that only the outer colons divide.
    kind, _, rest = scope.partition(":")
    name, _, actions = rest.rpartition(":")
    public = kind == "repository" and not name.startswith("private/")
    allowed = [a for a in actions.split(",") if user or (public and a == "pull")]
    return {"type": kind, "name": name, "actions": allowed}


@contextmanager
def serve_tokens(user: str, password: str) -> Iterator[TokenServer]:
    """
    Serve tokens on loopback until the block ends.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(parse_qs(body.decode()))

        def _answer(self, form: dict[str, list[str]]) -> None:
            basic = self.headers.get("Authorization", "").removeprefix("Basic ")
            status, reply = tokens.answer(self.command, form, basic)
            body = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        tokens = TokenServer(f"http://127.0.0.1:{server.server_port}/token", user, password)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield tokens
        server.shutdown()
        thread.join()
