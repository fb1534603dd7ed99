"""
Uploads of blobs (distribution-spec, "Pushing blobs", "Mounting a blob").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from ocikit._regex import regex
from ocikit.content.verify import DigestMismatch
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.http.message import Response
from ocikit.name import grammar
from ocikit.server.answers import RequestRefused, empty
from ocikit.server.call import Call
from ocikit.server.route import read_digest
from ocikit.server.storage import ChunkLengthWrong, UploadOutOfOrder, UploadUnknown

T = TypeVar("T")

_CONTENT_RANGE: Final = regex(r"([0-9]{1,19})-([0-9]{1,19})")


def begin(call: Call) -> Response:
    """
    Begin an upload; with `mount` or `digest` it may be all that is needed.
    """
    mount, digest = call.parameter("mount"), call.parameter("digest")
    if mount is not None:
        wanted = read_digest(mount)
        if _mount(call, wanted):
            return _created(call, wanted)
    elif digest is not None:
        return _whole(call, read_digest(digest))
    algorithm = call.parameter("digest-algorithm") or "sha256"
    if algorithm not in HEX_LENGTH:
        raise _invalid(400, "DIGEST_INVALID", f"{algorithm[:40]!r} is not {', '.join(HEX_LENGTH)}")
    return _accepted(call, call.storage.begin(call.repository, algorithm), 0)


def status(call: Call) -> Response:
    """
    Tell where an upload stands, so that it can be resumed.
    """
    upload = call.route.upload
    size = _told(lambda: call.storage.received(call.repository, upload))
    return _accepted(call, upload, size, status=204)


def patch(call: Call) -> Response:
    """
    Take the next chunk of an upload; without `Content-Range`, whatever comes.
    """
    return _accepted(call, call.route.upload, _receive(call, call.route.upload))


def finish(call: Call) -> Response:
    """
    End an upload, with its last chunk or without one.
    """
    text = call.parameter("digest")
    if text is None:
        raise _invalid(400, "DIGEST_INVALID", "the digest of the whole blob is missing")
    digest = read_digest(text)
    _receive(call, call.route.upload)
    _told(lambda: call.storage.commit(call.repository, call.route.upload, digest))
    return _created(call, digest)


def cancel(call: Call) -> Response:
    """
    End an upload that will not be finished.
    """
    _told(lambda: call.storage.cancel(call.repository, call.route.upload))
    return empty(204)


def _mount(call: Call, digest: Digest) -> bool:
    source = call.parameter("from")
    if source is None:
        sources = call.storage.holders(digest)
    else:
        sources = [source] if grammar.is_path(source) else []
    return any(
        call.storage.mount(call.repository, digest, name)
        for name in sources
        if call.switches.may_read(call.request, name)
    )


def _whole(call: Call, digest: Digest) -> Response:
    name = call.storage.begin(call.repository, digest.algorithm)
    try:
        _receive(call, name)
    except BaseException:
        # Nobody knows its name, so that nobody could resume it.
        call.storage.cancel(call.repository, name)
        raise
    _told(lambda: call.storage.commit(call.repository, name, digest))
    return _created(call, digest)


def _receive(call: Call, upload: str) -> int:
    at, length = _chunk(call)
    if call.request.method == "PATCH" and length is not None and length < call.switches.chunk_min:
        message = f"a chunk has at least {call.switches.chunk_min} bytes, but the last"
        raise _invalid(416, "SIZE_INVALID", message)
    with call.request.body.opener.open() as stream:
        return _told(lambda: call.storage.receive(call.repository, upload, stream, at, length))


def _chunk(call: Call) -> tuple[int | None, int | None]:
    """
    Read where the chunk begins and how long it is, each None where it is not said.
    """
    text, length = call.request.headers.get("Content-Range"), call.request.body.length
    if not text:
        return None, length
    match = _CONTENT_RANGE.fullmatch(text)
    first, last = (int(match[1]), int(match[2])) if match is not None else (1, 0)
    if last < first:
        raise _invalid(400, "BLOB_UPLOAD_INVALID", f"Content-Range {text[:80]!r} is not START-END")
    told = last - first + 1
    if length is not None and length != told:
        message = f"Content-Range {text} is of {told} bytes, the body of {length}"
        raise _invalid(400, "SIZE_INVALID", message)
    return first, told


def _told(step: Callable[[], T]) -> T:
    """
    Tell in a response what goes wrong with an upload.
    """
    try:
        return step()
    except UploadUnknown as error:
        raise _invalid(404, "BLOB_UPLOAD_UNKNOWN", str(error)) from None
    except UploadOutOfOrder as error:
        # distribution-spec, "Pushing a blob in chunks": MUST be 416.
        raise _invalid(416, "BLOB_UPLOAD_INVALID", str(error)) from None
    except ChunkLengthWrong as error:
        raise _invalid(400, "SIZE_INVALID", str(error)) from None
    except DigestMismatch as error:
        raise _invalid(400, "DIGEST_INVALID", str(error)) from None


def _invalid(status: int, code: str, message: str) -> RequestRefused:
    return RequestRefused(status=status, code=code, message=message)


def _created(call: Call, digest: Digest) -> Response:
    return empty(
        201,
        ("Location", f"/v2/{call.repository}/blobs/{digest}"),
        ("Docker-Content-Digest", str(digest)),
    )


def _accepted(call: Call, upload: str, size: int, status: int = 202) -> Response:
    headers = [
        ("Location", f"/v2/{call.repository}/blobs/uploads/{upload}"),
        # One byte and none look alike; it is so since Docker's first registry.
        ("Range", f"0-{max(size - 1, 0)}"),
        ("Docker-Upload-UUID", upload),
    ]
    if call.switches.chunk_min:
        headers.append(("OCI-Chunk-Min-Length", str(call.switches.chunk_min)))
    return empty(status, *headers)
