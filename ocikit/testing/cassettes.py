"""
Traffic with a registry, recorded once and replayed in tests without one.

A cassette is a folder: `exchanges.jsonl`, a line for each request with its answer, and
`blobs/` with the bodies that are no short text. It is for reading and for reviews, and
has no secret: credentials are never written, tokens are masked, and signed addresses
lose what signs them.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.content.streams import CHUNK, BytesOpener, Opener, Stream
from ocikit.errors import Invalid, Missing
from ocikit.files.opener import FileOpener
from ocikit.http.echo import secrets_in, unechoed
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.redact import MASK, redact_url

EXCHANGES: Final = "exchanges.jsonl"
BLOBS: Final = "blobs"
#: Longer bodies, in bytes, are files of their own.
_SHORT: Final = 4096
_URLS: Final = frozenset({"location", "content-location"})
_NEVER: Final = frozenset({"set-cookie", "authentication-info"})
#: What registries name uploads by: which of several gets which name is chance.
_UPLOAD = regex(r"(/blobs/uploads/)[^?]+")
#: Members of the answers of token services.
_TOKENS = regex(rb'("(?:token|access_token|refresh_token|id_token)"\s*:\s*")[^"]*"')


@attrs.frozen(kw_only=True)
class NotRecorded(Missing):
    """
    A cassette has no answer to a request.
    """

    folder: str
    request: str
    #: What there is of the same method and path.
    there: tuple[str, ...]

    def __str__(self) -> str:
        near = f"; there is {', '.join(self.there)}" if self.there else ""
        return f"{self.folder}: nothing is recorded for {self.request}{near}; record it anew"


@attrs.frozen(kw_only=True)
class CassetteInvalid(Invalid):
    """
    A cassette cannot be read.
    """

    folder: str
    reason: str

    def __str__(self) -> str:
        return f"{self.folder}: not a cassette: {self.reason}"


@record(kw_only=True)
class Exchange:
    """
    A request and its answer, as they are kept.
    """

    #: "GET https://registry.example/v2/", without secrets.
    request: str
    #: The digest of the body that was sent; empty when there was none.
    sent: str
    status: int
    headers: tuple[tuple[str, str], ...]
    #: The body: short text as it is; else the name of its file.
    text: str | None = None
    file: str | None = None


class Recorder:
    """
    A `Send` that writes what passes into a cassette; what was there is replaced.
    """

    def __init__(self, send: Send, folder: Path) -> None:
        self._send = send
        self._folder = folder
        self._lock = threading.Lock()
        (folder / BLOBS).mkdir(parents=True, exist_ok=True)
        for old in (folder / BLOBS).iterdir():
            old.unlink()
        (folder / EXCHANGES).write_text("")

    def __call__(self, request: Request) -> Response:
        """
        Send a request, and keep it with its answer.
        """
        sent = _digest_of(request)
        response = self._send(request)
        with response.body as stream:
            body = _read(stream)
        masked, headers = _masked(body, request), response.headers
        if masked != body and "Content-Length" in headers:
            headers = headers.with_("Content-Length", str(len(masked)))
        kept = Exchange(
            request=_line(request),
            sent=sent,
            status=response.status,
            headers=tuple(_shown(headers)),
            **self._kept(masked),
        )
        with self._lock, (self._folder / EXCHANGES).open("a") as file:
            file.write(json.dumps(_written(kept), ensure_ascii=False) + "\n")
        return Response(
            status=response.status, headers=response.headers, body=BytesOpener(body).open()
        )

    def _kept(self, body: bytes) -> dict[str, Any]:
        if len(body) <= _SHORT:
            try:
                text = body.decode()
            except UnicodeDecodeError:
                pass
            else:
                if text.isprintable() or text.strip().startswith("{"):
                    return {"text": text}
        name = hashlib.sha256(body).hexdigest()
        (self._folder / BLOBS / name).write_bytes(body)
        return {"file": name}


class Player:
    """
    A `Send` that answers as a cassette has it.

    The same request gets its answers in their order, and the last of them from then on.

    Raises:
        CassetteInvalid: there is no cassette, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
        try:
            lines = (folder / EXCHANGES).read_text().splitlines()
            for line in lines:
                kept = _read_exchange(json.loads(line))
                self._answers[kept.request, kept.sent].append(kept)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CassetteInvalid(folder=str(folder), reason=str(error)) from None

    def __call__(self, request: Request) -> Response:
        """
        Give the recorded answer.

        Raises:
            NotRecorded: there is none.
        """
        key = _line(request), _digest_of(request)
        with self._lock:
            found = self._answers.get(key, [])
            if not found:
                raise NotRecorded(folder=str(self._folder), request=key[0], there=self._near(key))
            kept = found.pop(0) if len(found) > 1 else found[0]
        return Response(
            status=kept.status, headers=Headers(kept.headers), body=self._body(kept).open()
        )

    def _body(self, kept: Exchange) -> Opener:
        if kept.file is not None:
            return FileOpener(str(self._folder / BLOBS / kept.file))
        return BytesOpener((kept.text or "").encode())

    def _near(self, key: tuple[str, str]) -> tuple[str, ...]:
        path = key[0].partition("?")[0]
        near = {request for request, _ in self._answers if request.partition("?")[0] == path}
        return tuple(sorted(near))


def record_to(folder: Path, send: Send) -> Recorder:
    """
    Record what passes through `send` into a cassette.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry import Client, flush, load
    >>> from ocikit.server.handler import registry
    >>> folder = Path(tempfile.mkdtemp())
    >>> name = flush("r.io/app:1", IMAGE, client=Client(send=record_to(folder, registry())))
    >>> again = flush("r.io/app:1", IMAGE, client=Client(send=replay(folder)))
    >>> again == name
    True
    """
    return Recorder(send, folder)


def replay(folder: Path) -> Player:
    """
    Answer requests as a cassette has it.

    Raises:
        CassetteInvalid: there is none, or it is damaged.

    >>> replay(Path("/nowhere"))
    Traceback (most recent call last):
    ocikit.testing.cassettes.CassetteInvalid: /nowhere: not a cassette: ...
    """
    return Player(folder)


def _line(request: Request) -> str:
    shown = _UPLOAD.sub(r"\1*", redact_url(request.url))
    return f"{request.method} {shown}"


def _digest_of(request: Request) -> str:
    # A stream of one pass can be read but once, by whom it is sent to.
    if not request.body.length:
        return ""
    running = hashlib.sha256()
    with request.body.opener.open() as stream:
        while piece := stream.read(CHUNK):
            running.update(piece)
    return _without_secret(request) or running.hexdigest()


def _without_secret(request: Request) -> str:
    """
    Of a request that says a secret nothing is kept, not even its digest.
    """
    kind = request.headers.get("Content-Type")
    return MASK if kind == "application/x-www-form-urlencoded" else ""


def _masked(body: bytes, request: Request) -> bytes:
    return _TOKENS.sub(rb"\1" + MASK.encode() + rb'"', unechoed(body, secrets_in(request)))


def _shown(headers: Headers) -> list[tuple[str, str]]:
    return [
        (name, redact_url(value) if name.lower() in _URLS else value)
        for name, value in headers
        if name.lower() not in _NEVER
    ]


def _read(stream: Stream) -> bytes:
    return b"".join(iter(lambda: stream.read(CHUNK), b""))


def _written(kept: Exchange) -> dict[str, Any]:
    said = {
        "request": kept.request,
        "sent": kept.sent,
        "status": kept.status,
        "headers": [f"{name}: {value}" for name, value in kept.headers],
        "text": kept.text,
        "file": kept.file,
    }
    return {key: value for key, value in said.items() if value not in (None, "", [])}


def _read_exchange(said: Any) -> Exchange:
    if not isinstance(said, Mapping):
        raise ValueError(f"{str(said)[:80]} is no exchange")
    pairs = (header.partition(": ") for header in said.get("headers", ()))
    file = said.get("file")
    if file is not None and not re.fullmatch("[0-9a-f]{64}", str(file)):
        raise ValueError(f"{file!r} is no name of a body")
    return Exchange(
        request=str(said["request"]),
        sent=str(said.get("sent", "")),
        status=int(said["status"]),
        headers=tuple((name, value) for name, _, value in pairs),
        text=said.get("text"),
        file=file,
    )
