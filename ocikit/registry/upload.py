"""
A layer from a stream that can be read once, straight into a registry.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ocikit import media
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.compression import DEFAULT, Compression, compressor, decompress, sniff
from ocikit.content.layer import Layer
from ocikit.content.streams import CHUNK, Stream, chunks
from ocikit.digest import Digest, Hash, finish, hasher
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_repository
from ocikit.name.records import Repository
from ocikit.progress import Event, Report, Update, quiet
from ocikit.registry.blobs import put_blob
from ocikit.registry.chunks import ChunkedUpload, begin
from ocikit.registry.client import Client
from ocikit.registry.opener import RegistryOpener
from ocikit.registry.parallel import Stop, one_at_a_time
from ocikit.registry.session import reach
from ocikit.registry.target import Target
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


def upload(
    repository: str | Repository,
    stream: Stream,
    *,
    client: Client | None = None,
    compression: Compression = DEFAULT,
    media_type: str | None = None,
    docker: bool = False,
    report: Report = quiet,
) -> Layer:
    """
    Upload a layer from a stream that is read once, as standard input is.

    A tar stream is compressed on the way; one that is compressed already is sent as it
    is. Both sides are hashed as they pass, and no more than a chunk is kept.

    Args:
        repository: where to put it.
        stream: a tar stream, compressed or not; it is not closed.
        client: how to reach the registry.
        compression: for a stream that is not compressed; `Plain()` leaves it so.
        media_type: that of the layer; when None, what its compression calls for.
        docker: whether that is one of Docker's own.
        report: told what moved, in bytes as they are sent.

    Returns:
        The layer, which is opened from where it was put, its diff ID known.

    Raises:
        NameInvalid: the repository cannot be read.
        CompressionInvalid: the stream is not what its beginning promised.
        Refused, Unreachable: the registry did not take it.

    >>> import io
    >>> from ocikit.server.handler import registry
    >>> layer = upload("localhost/app", io.BytesIO(b"tar"), client=Client(send=registry()))
    >>> layer.uncompressed().read()
    b'tar'
    """
    named = parse_repository(repository) if isinstance(repository, str) else repository
    client = client or Client()
    target = Target(
        client=client,
        repository=named,
        access=reach(client, named, PUSH),
        report=one_at_a_time(report),
        stop=Stop(),
    )
    sink = Sink(target)
    try:
        kind, diff_id = _flow(stream, sink, compression)
        digest, size = sink.finish()
    except BaseException:
        sink.cancel()
        raise
    descriptor = Descriptor(
        media_type=media_type or media.layer_type(kind, docker=docker), digest=digest, size=size
    )
    opener = RegistryOpener(client, named, digest, size)
    return Layer(blob=Blob(descriptor=descriptor, opener=opener, origin=named), diff_id=diff_id)


def _flow(stream: Stream, sink: Sink, compression: Compression) -> tuple[str, Digest]:
    """
    Pass a stream into the sink; give its compression there, and its diff ID.
    """
    head = b""
    while len(head) < 4 and (more := stream.read(CHUNK)):
        head += more
    inside, kind = hasher(), sniff(head)
    tee = _Tee(head, stream, sink)
    if kind == "none":
        _compress(tee, sink, compression, inside)
        return compression.name, finish(inside)
    tee.feeds = True
    with decompress(tee) as plain:
        for piece in chunks(plain):
            inside.update(piece)
        # Padding after the last member is part of the blob.
        while tee.read(CHUNK):
            pass
    return kind, finish(inside)


def _compress(stream: Stream, sink: Sink, compression: Compression, inside: Hash) -> None:
    running = compressor(compression)
    for piece in chunks(stream):
        inside.update(piece)
        sink.write(running.compress(piece))
    sink.write(running.flush())


class _Tee(io.BufferedIOBase):
    """
    A stream whose beginning was read already; what is read of it may feed the sink too.
    """

    def __init__(self, head: bytes, stream: Stream, sink: Sink) -> None:
        self._head = head
        self._stream = stream
        self._sink = sink
        self.feeds = False

    def read(self, size: int | None = -1, /) -> bytes:
        size = CHUNK if size is None or size < 0 else size
        data = self._head[:size] or self._stream.read(size)
        self._head = self._head[size:]
        if self.feeds:
            self._sink.write(data)
        return data

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class Sink:
    """
    What is uploaded: hashed, gathered into chunks, and sent.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._hash = hasher()
        self._size = 0
        self._kept = bytearray()
        self._upload: ChunkedUpload | None = None
        self._chunk = target.client.settings.chunk_size

    def write(self, data: bytes) -> None:
        """
        Take what comes next.
        """
        self._hash.update(data)
        self._size += len(data)
        self._kept += data
        while len(self._kept) > self._chunk:
            self._send(bytes(memoryview(self._kept)[: self._chunk]))

    def finish(self) -> tuple[Digest, int]:
        """
        Send what is left, and give the digest and size of all.
        """
        digest = finish(self._hash)
        if self._upload is None:
            # It is all here, and may be there already.
            put_blob(self._target, of_bytes(bytes(self._kept), ""))
            return digest, self._size
        self._upload.finish(digest, self._kept)
        self._target.report(Update(event=Event.MOVED, bytes=len(self._kept)))
        self._target.report(Update(event=Event.DONE, digest=digest))
        return digest, self._size

    def cancel(self) -> None:
        """
        Leave nothing half done behind.
        """
        if self._upload is not None:
            self._upload.cancel()

    def _send(self, data: bytes) -> None:
        if self._upload is None:
            location, minimum = begin(self._target.access)
            self._upload = ChunkedUpload(self._target.access, location)
            if minimum > self._chunk:
                # It wants more at once than has come yet.
                self._chunk = minimum
                return
        self._upload.send(data)
        del self._kept[: len(data)]
        self._target.report(Update(event=Event.MOVED, bytes=len(data)))
