"""
Single blobs of a registry: looked at, opened, put there.
"""

from __future__ import annotations

import attrs

from ocikit.content.blob import Blob
from ocikit.content.streams import CHUNK, Stream
from ocikit.digest import Digest
from ocikit.errors import Invalid
from ocikit.http import answers, routes
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_reference, parse_repository
from ocikit.name.records import Pinned, Reference, Repository
from ocikit.progress import Report, quiet
from ocikit.registry.client import Client
from ocikit.registry.opener import RegistryOpener
from ocikit.registry.parallel import Stop, one_at_a_time
from ocikit.registry.schema1 import SizeUnknown
from ocikit.registry.session import reach
from ocikit.registry.target import Target
from ocikit.registry.upload import Sink
from ocikit.spec.descriptor import Descriptor

#: What bytes are of which nothing is known.
OCTETS = "application/octet-stream"


@attrs.frozen(kw_only=True)
class DigestNeeded(Invalid):
    """
    A blob is named by its digest, and by nothing else.
    """

    reference: str

    def __str__(self) -> str:
        return f"{self.reference}: blobs have no tags; name it as repository@sha256:..."


def pinned(reference: str | Reference) -> Pinned:
    """
    Read the name of a blob.

    Raises:
        NameInvalid: it is no name.
        DigestNeeded: it is not by digest.
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    if not isinstance(named, Pinned):
        raise DigestNeeded(reference=str(named))
    return named


def blob(reference: str | Pinned, *, client: Client | None = None) -> Blob:
    """
    Find a blob of a repository; it is opened from there, and verified.

    Raises:
        NameInvalid, DigestNeeded: the reference names no blob.
        BlobUnknown: it is not there.
        SizeUnknown: the registry does not say how large it is.
        Refused, Unreachable: the registry said no, or nothing.

    >>> import io
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> name = put("localhost/app", io.BytesIO(b"hello"), client=client)
    >>> blob(name, client=client).open().read()
    b'hello'
    """
    named, client = pinned(reference), client or Client()
    access = reach(client, named.repository)
    with access.ask(routes.head_blob(access.base, access.path, named.digest), 200) as response:
        size = answers.length_of(response.headers)
        kind = answers.media_type_of(response.headers)
    if size is None:
        raise SizeUnknown(digest=named.digest)
    return Blob(
        descriptor=Descriptor(media_type=kind or OCTETS, digest=named.digest, size=size),
        opener=RegistryOpener(client, named.repository, named.digest, size),
        origin=named.repository,
    )


def put(
    repository: str | Repository,
    stream: Stream,
    *,
    client: Client | None = None,
    report: Report = quiet,
) -> Pinned:
    """
    Put bytes into a repository as they are, read once; give the blob's name.

    Raises:
        NameInvalid: the repository cannot be read.
        Refused, Unreachable: the registry did not take it.

    >>> import io
    >>> from ocikit.server.handler import registry
    >>> str(put("localhost/app", io.BytesIO(b"hello"), client=Client(send=registry())))[:21]
    'localhost/app@sha256:'
    """
    named = parse_repository(repository) if isinstance(repository, str) else repository
    client = client or Client()
    access, told = reach(client, named, PUSH), one_at_a_time(report)
    sink = Sink(Target(client=client, repository=named, access=access, report=told, stop=Stop()))
    try:
        while data := stream.read(CHUNK):
            sink.write(data)
        digest: Digest = sink.finish()[0]
    except BaseException:
        sink.cancel()
        raise
    return named.pin(digest)
