"""
Blobs to a registry: found there, mounted, or uploaded.
"""

from __future__ import annotations

from typing import Final

from ocikit.content.blob import Blob
from ocikit.content.streams import CHUNK, Stream
from ocikit.errors import Corrupt, OciError, Unreachable
from ocikit.http import answers, routes
from ocikit.http.answers import LocationInvalid
from ocikit.http.faults import Answered, RegistryRefused, TooManyRequests, UploadUnknown
from ocikit.http.message import Body
from ocikit.http.scope import PUSH
from ocikit.name.records import Repository
from ocikit.progress import Event
from ocikit.registry.chunks import ChunkedUpload, begin, exists, finish
from ocikit.registry.faults import CertificateUntrusted
from ocikit.registry.outgoing import Outgoing
from ocikit.registry.session import reach
from ocikit.registry.target import Target

#: Blobs below this size are not asked for before they are uploaded.
SMALL: Final = 1 << 20
#: No chunk is made smaller, in bytes, however often an upload breaks.
_LEAST_CHUNK: Final = 256 << 10
#: What a registry says of bytes that do not match their digest, length or place.
_GARBLED: Final = frozenset({"DIGEST_INVALID", "SIZE_INVALID", "BLOB_UPLOAD_INVALID"})
#: How often a blob is sent anew because its source gave, or the registry saw, other bytes.
_MISREADINGS: Final = 2


def put_blob(target: Target, blob: Blob) -> None:
    """
    See to it that a repository has a blob.

    It is asked for first when it is large; a small one is offered for mounting from the
    repository itself, by which a registry tells in one request that it has it, or begins
    the upload. What comes from another repository of the registry is mounted from there.
    An upload that breaks is begun anew, in chunks if it is large, each time in smaller
    ones, for then not all is lost when it breaks again.

    Raises:
        Corrupt: the source does not have the bytes that the digest names.
        Refused: the registry does not take it.
        Unreachable: the registry, or the source, could not be reached for too long.
    """
    outgoing = Outgoing(blob, target)
    patience, misread = target.access.patience(), 0
    target.tell(Event.STARTED, blob)
    attempt = 0
    while True:
        try:
            if attempt:
                return _again(target, blob, outgoing, attempt)
            return _first_try(target, blob, outgoing)
        except OciError as caught:
            failure = outgoing.failure
            outgoing.rewind()
            if isinstance(caught, RegistryRefused) and caught.status == 400:
                outgoing.verify()
            attempt += 1
            if isinstance(failure or caught, Corrupt) and misread < _MISREADINGS:
                misread += 1
            elif failure is not None:
                # Where it lies, patience was had already.
                raise failure from None
            elif _may_pass(caught, blob.size, _chunk(target, attempt)):
                patience.after(caught)
            else:
                raise
            target.tell(Event.RETRIED, blob)


def _first_try(target: Target, blob: Blob, outgoing: Outgoing) -> None:
    source = _mountable_from(target.repository, blob)
    if source is not None:
        location = _mount(target, blob, source)
    elif exists(target.access.single, blob.digest):
        location = None
    else:
        location = begin(target.access.single)[0]
    if location is None:
        elsewhere = source is not None and source != target.repository
        target.tell(Event.MOUNTED if elsewhere else Event.EXISTS, blob, blob.size)
        return
    finish(target.access.single, location, blob.digest, Body(opener=outgoing, length=blob.size))
    target.tell(Event.DONE, blob)


def _again(target: Target, blob: Blob, outgoing: Outgoing, attempt: int) -> None:
    # It may be there: the answer may be all that was lost.
    if exists(target.access.single, blob.digest):
        target.tell(Event.EXISTS, blob, blob.size)
        return
    location, minimum = begin(target.access.single)
    size = max(_chunk(target, attempt), minimum)
    if blob.size <= size:
        finish(target.access.single, location, blob.digest, Body(opener=outgoing, length=blob.size))
    else:
        upload = ChunkedUpload(target.access, location, apart=True)
        _in_chunks(upload, outgoing, size, blob)
    target.tell(Event.DONE, blob)


def _chunk(target: Target, attempt: int) -> int:
    return max(target.client.settings.chunk_size >> 2 * (attempt - 1), _LEAST_CHUNK)


def _in_chunks(upload: ChunkedUpload, outgoing: Outgoing, size: int, blob: Blob) -> None:
    with outgoing.open() as stream:
        while blob.size - upload.offset > size:
            upload.send(_exactly(stream, size))
        upload.finish(blob.digest, _exactly(stream, size))


def _exactly(stream: Stream, size: int) -> bytearray:
    """
    Read as much as was asked for, less only at the end.
    """
    data = bytearray()
    while len(data) < size and (part := stream.read(min(CHUNK, size - len(data)))):
        data += part
    return data


def _mountable_from(repository: Repository, blob: Blob) -> Repository | None:
    origin = blob.origin
    if origin and origin.registry == repository.registry and origin != repository:
        return origin
    return repository if blob.size < SMALL else None


def _mount(target: Target, blob: Blob, source: Repository) -> str | None:
    """
    Try to mount a blob; None when it is, else where its upload goes on.
    """
    access = target.access.single
    if source != target.repository:
        access = reach(target.client, target.repository, PUSH, also=source).single
    request = routes.start_upload(access.base, access.path, mount=blob.digest, source=source.path)
    try:
        with access.ask(request, 201, 202) as response:
            if answers.mounted(response):
                return None
            return answers.upload_location(request, response)
    except (Answered, LocationInvalid) as refused:
        if isinstance(refused, Unreachable):
            raise
        # A registry that does not mount may say so in any way, and still take an upload.
        return begin(target.access.single)[0]


def _may_pass(error: OciError, size: int, chunk: int) -> bool:
    if isinstance(error, UploadUnknown):
        return True
    if isinstance(error, RegistryRefused) and error.status == 413:
        # A gateway takes no request so large; smaller ones it may.
        return size > chunk
    if isinstance(error, RegistryRefused):
        # What it got was not what was sent, or some of it had arrived already.
        return error.status == 416 or (error.status == 400 and bool(_GARBLED & set(error.codes)))
    return isinstance(error, Unreachable | TooManyRequests) and not isinstance(
        error, CertificateUntrusted
    )
