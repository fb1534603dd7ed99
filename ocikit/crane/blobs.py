"""
Verbs for single blobs of a registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocikit.content.blob import Blob
from ocikit.content.layer import Layer
from ocikit.content.streams import Stream
from ocikit.crane.located import of_registry
from ocikit.crane.options import Options, writing
from ocikit.name.parse import parse_reference, parse_repository
from ocikit.name.records import Pinned

if TYPE_CHECKING:
    from ocikit.files.copy import Sink


def blob(name: str, options: Options) -> Blob:
    """
    Find a blob of a repository; it is opened from there, and verified.

    Raises:
        DigestNeeded: the name is not by digest.
        BlobUnknown: it is not there.

    >>> import io
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> blob(blob_put("localhost/app", io.BytesIO(b"hello"), options), options).size
    5
    """
    from ocikit.registry.blob import blob as find

    return find(_named(name, options), client=options.client)


def blob_get(name: str, target: str | Sink, options: Options) -> Blob:
    """
    Write a blob of a repository to a file or stream.

    A file appears when all of it is there and right; where an earlier attempt broke off
    it is gone on with. Of what is written to a stream the last byte comes only when all
    was right.

    Args:
        name: the blob, by digest.
        target: a path, or what takes bytes.
        options: how to reach the registry.

    Raises:
        DigestNeeded: the name is not by digest.
        BlobUnknown: it is not there.
        Corrupt: the registry has other bytes.

    >>> import io
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> got = io.BytesIO()
    >>> found = blob_get(blob_put("localhost/app", io.BytesIO(b"hi"), options), got, options)
    >>> got.getvalue()
    b'hi'
    """
    from ocikit.files.copy import pour, send
    from ocikit.files.part import Piece, filling

    found = blob(name, options)
    if not isinstance(target, str):
        send(found, target, report=options.report)
        return found
    with filling(target, [Piece(found.digest, 0, found.size)], found.size) as part:
        pour(found, part.file.fileno(), report=options.report, mark=part.marks[0])
    return found


def blob_put(repository: str, stream: Stream, options: Options) -> str:
    """
    Put bytes into a repository as they are, read once; give the blob's name.

    Raises:
        NameInvalid: the repository cannot be read.
        Refused, Unreachable: the registry did not take it.

    >>> import io
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> blob_put("localhost/app", io.BytesIO(b"hello"), options)[:21]
    'localhost/app@sha256:'
    """
    from ocikit.registry.blob import put

    named = parse_repository(of_registry(repository), weak=options.weak)
    return str(put(named, stream, client=writing(options), report=options.report))


def pull_layer(name: str, options: Options) -> Layer:
    """
    Find a layer of a repository by its digest; it is opened from there, and verified.

    Raises:
        DigestNeeded: the name is not by digest.
        BlobUnknown: it is not there.

    >>> from ocikit.crane.filemap import layer
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> made = layer({"hello": b"world"})
    >>> pull_layer(upload(made, "localhost/app", options), options).diff_id == made.diff_id
    True
    """
    return Layer(blob=blob(name, options))


def upload(layer: Layer | Blob, repository: str, options: Options) -> str:
    """
    See to it that a repository has a layer, or any blob; give its name there.

    What is there already does not travel, and what another repository of the registry has
    is mounted from there.

    Raises:
        NameInvalid: the repository cannot be read.
        Corrupt: the bytes are not what the digest names.
        Refused, Unreachable: the registry did not take it.

    >>> from ocikit.crane.filemap import layer
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> upload(layer({"hello": b"world"}), "localhost/app", options)[:21]
    'localhost/app@sha256:'
    """
    from ocikit.http.scope import PUSH
    from ocikit.registry.blobs import put_blob
    from ocikit.registry.parallel import Stop, one_at_a_time
    from ocikit.registry.session import reach
    from ocikit.registry.target import Target

    named = parse_repository(of_registry(repository), weak=options.weak)
    client = writing(options)
    target = Target(
        client=client,
        repository=named,
        access=reach(client, named, PUSH),
        report=one_at_a_time(options.report),
        stop=Stop(),
    )
    given = layer.blob if isinstance(layer, Layer) else layer
    put_blob(target, given)
    return str(named.pin(given.digest))


def blob_delete(name: str, options: Options) -> str:
    """
    Delete a blob from a repository; give its name in full.

    Nothing keeps one that a manifest still needs.

    Raises:
        DigestNeeded: the name is not by digest.
        BlobUnknown: it is not there.
        Refused: the registry does not delete.

    >>> import io
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = blob_put("localhost/app", io.BytesIO(b"hello"), options)
    >>> blob_delete(name, options) == name
    True
    """
    from ocikit.registry.delete import delete_blob

    gone = _named(name, options)
    delete_blob(gone, client=writing(options))
    return str(gone)


def _named(name: str, options: Options) -> Pinned:
    from ocikit.registry.blob import pinned

    return pinned(parse_reference(of_registry(name), weak=options.weak))
