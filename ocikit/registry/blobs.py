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
from ocikit.http.faults import Answered, RegistryRefused, UploadUnknown
from ocikit.http.message import Body
from ocikit.http.scope import PUSH
from ocikit.name.records import Repository
from ocikit.progress import Event
from ocikit.registry.chunks import ChunkedUpload, begin, exists, finish, may_pass
from ocikit.registry.outgoing import Outgoing
from ocikit.registry.resume import PROGRESS
from ocikit.registry.session import Access, reach
from ocikit.registry.target import Target

#: Blobs below this size are not asked for before they are uploaded.
SMALL: Final = 1 << 20
#: No chunk is made smaller, in bytes, however often an upload breaks.
_LEAST_CHUNK: Final = 256 << 10
#: What a registry says of bytes that do not match their digest, length or place.
_GARBLED: Final = frozenset({"DIGEST_INVALID", "SIZE_INVALID", "BLOB_UPLOAD_INVALID"})
#: How often a blob is offered for mounting before it is uploaded.
_OFFERS: Final = 2
#: How often a blob is sent anew because its source gave, or the registry saw, other bytes.
_MISREADINGS: Final = 2


def put_blob(target: Target, blob: Blob) -> None:
    """
    See to it that a repository has a blob.

    It is asked for first when it is large; a small one is offered for mounting from the
    repository itself, by which a registry tells in one request that it has it, or begins
    the upload. What comes from another repository of the registry is mounted from there;
    what comes from another registry may be mounted from wherever it lies.
    An upload that breaks is begun anew, in chunks if it is large, each time in smaller
    ones, for then not all is lost when it breaks again.

    Raises:
        Corrupt: the source does not have the bytes that the digest names.
        Refused: the registry does not take it.
        Unreachable: the registry, or the source, could not be reached for too long.
    """
    target.tell(Event.STARTED, blob)
    location = _ask(target, blob)
    if location is None:
        mounted = _mountable_from(target.repository, blob) not in (None, target.repository)
        target.tell(Event.MOUNTED if mounted else Event.EXISTS, blob, blob.size)
        return
    outgoing = Outgoing(blob, target)
    body = Body(opener=outgoing, length=blob.size)
    tries = _Tries(target, blob)
    try:
        finish(target.access.single, location, blob.digest, body)
    except OciError as error:
        tries.after(error, outgoing)
        while not _again(target, blob, outgoing, tries):
            pass
    target.tell(Event.DONE, blob)


class _Tries:
    """
    Counts the attempts at one blob, and finds a chunk that gets through.
    """

    def __init__(self, target: Target, blob: Blob) -> None:
        self._target = target
        self._blob = blob
        self._patience = target.access.patience()
        self._misread = 0
        #: The size of the chunks of the next attempt, in bytes.
        self.chunk = target.client.settings.chunk_size
        self._tried = self._blob.size

    def after(self, error: OciError, outgoing: Outgoing) -> None:
        """
        Make ready for the next attempt.

        Raises:
            OciError: there is to be none; mostly the error that was given.
        """
        failure, moved = outgoing.failure, outgoing.moved
        outgoing.rewind()
        if isinstance(error, RegistryRefused) and error.status == 400:
            outgoing.verify()
        if isinstance(failure or error, Corrupt) and self._misread < _MISREADINGS:
            self._misread += 1
        elif failure is not None:
            # Where it lies, patience was had already.
            raise failure from None
        elif not _may_pass(error, self._blob.size, self.chunk):
            raise error
        elif not self._shrinks(error, moved):
            self._patience.after(error)
        self._target.tell(Event.RETRIED, self._blob)

    def _shrinks(self, error: OciError, moved: int) -> bool:
        """
        Choose the next chunk; tell whether that alone makes another attempt worth it.

        What is counted as moved lay partly in buffers when the line broke.
        """
        before = self._tried
        if self._tried < self._blob.size:
            self.chunk = self.chunk >> 2
        if moved >= 8 * _LEAST_CHUNK:
            self.chunk = min(self.chunk, moved >> 3)
        self.chunk = max(self.chunk, _LEAST_CHUNK)
        self._tried = min(self.chunk, self._blob.size)
        broke = isinstance(error, Unreachable | UploadUnknown)
        return broke and moved >= PROGRESS and self._tried < before


def _ask(target: Target, blob: Blob) -> str | None:
    """
    Find out whether a repository has a blob, or can mount it; else where to upload it.
    """
    access, source = target.access, _mountable_from(target.repository, blob)
    if source is not None:
        return _mount(target, blob, source)
    if exists(access, blob.digest):
        return None
    origin = blob.origin
    if origin is not None and origin.registry != target.repository.registry:
        return _mount(target, blob, None)
    return begin(access, blob.digest.algorithm)[0]


def _again(target: Target, blob: Blob, outgoing: Outgoing, tries: _Tries) -> bool:
    try:
        # It may be there: the answer may be all that was lost.
        if exists(target.access, blob.digest):
            return True
        location, minimum = begin(target.access, blob.digest.algorithm)
        size = max(tries.chunk, minimum)
        if blob.size <= size:
            body = Body(opener=outgoing, length=blob.size)
            finish(target.access.single, location, blob.digest, body)
        else:
            upload = ChunkedUpload(target.access, location, apart=True)
            _in_chunks(upload, outgoing, size, blob)
    except OciError as error:
        tries.after(error, outgoing)
        return False
    return True


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


def _mount(target: Target, blob: Blob, source: Repository | None) -> str | None:
    """
    Try to mount a blob; None when it is, else where its upload goes on.
    """
    access = target.access
    if source not in (None, target.repository):
        access = reach(target.client, target.repository, PUSH, also=source)
    patience = target.access.patience()
    for _ in range(_OFFERS):
        try:
            return _offer(access, blob, source)
        except (Answered, LocationInvalid, Unreachable) as error:
            # A registry that does not mount may say so in any way, and still take an upload.
            if not may_pass(error):
                break
            patience.after(error)
    return begin(target.access, blob.digest.algorithm)[0]


def _offer(access: Access, blob: Blob, source: Repository | None) -> str | None:
    path = source.path if source else ""
    request = routes.start_upload(
        access.base,
        access.path,
        mount=blob.digest,
        source=path,
        algorithm=blob.digest.algorithm,
    )
    with access.single.ask(request, 201, 202) as response:
        return None if answers.mounted(response) else answers.upload_location(request, response)


def _may_pass(error: OciError, size: int, chunk: int) -> bool:
    if isinstance(error, UploadUnknown):
        return True
    if isinstance(error, RegistryRefused) and error.status == 413:
        # A gateway takes no request so large; smaller ones it may.
        return size > chunk
    if isinstance(error, RegistryRefused):
        # What it got was not what was sent, or some of it had arrived already.
        return error.status == 416 or (error.status == 400 and bool(_GARBLED & set(error.codes)))
    return may_pass(error)
