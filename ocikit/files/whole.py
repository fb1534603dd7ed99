"""
Files as blobs, with all that is in them.
"""

from __future__ import annotations

import os

from ocikit._records import FrozenMap
from ocikit.content.blob import Blob
from ocikit.content.streams import chunks
from ocikit.digest import finish, hasher
from ocikit.files.opener import FileOpener
from ocikit.spec.descriptor import Descriptor

#: The name under which a file is to be written again (image-spec, annotations.md).
TITLE = "org.opencontainers.image.title"


def file_blob(path: str | os.PathLike[str], media_type: str, *, titled: bool = False) -> Blob:
    """
    Make a blob of a file, which is read once for its digest.

    Args:
        path: the file; it must not change while the blob is used.
        media_type: what it is.
        titled: whether its descriptor says its name.

    Raises:
        FileMissing, NotARegularFile, FileUnreadable: it cannot be read.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"hello"), file.flush()
    ...     file_blob(file.name, "text/plain").open().read()
    b'hello'
    """
    opener, running, size = FileOpener(path), hasher(), 0
    with opener.open() as stream:
        for chunk in chunks(stream):
            running.update(chunk)
            size += len(chunk)
    name = os.path.basename(os.fspath(path))
    annotations = FrozenMap({TITLE: name} if titled else {})
    descriptor = Descriptor(
        media_type=media_type, digest=finish(running), size=size, annotations=annotations
    )
    return Blob(descriptor=descriptor, opener=opener)
