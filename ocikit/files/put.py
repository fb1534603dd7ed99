"""
One blob into one file: verified before it is seen, and not written where it is already.
"""

from __future__ import annotations

import errno
from typing import Final

from ocikit._records import evolve, record
from ocikit.content.blob import Blob
from ocikit.content.streams import BytesOpener, ResumableOpener
from ocikit.errors import Missing, OciError
from ocikit.files.atomic import linking, replacing
from ocikit.files.copy import pour
from ocikit.files.opener import FileOpener
from ocikit.files.part import RESUMED, Piece, filling
from ocikit.progress import Event, Report, Update, quiet
from ocikit.query.plan import PutManifest
from ocikit.spec.descriptor import Descriptor

#: What the system says when a file cannot have a second name there.
_CANNOT_LINK: Final = frozenset(
    [errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS]
)


@record(kw_only=True)
class Manner:
    """
    How blobs are written.
    """

    #: Force everything to the disk.
    durable: bool = True
    #: Give what lies in a file of its own a second name, rather than copy it.
    link: bool = False
    #: Hears what moves.
    report: Report = quiet


def document(step: PutManifest) -> Blob:
    """
    Give the document that a step puts, as a blob.
    """
    content = step.content
    if isinstance(content, Blob):
        return content
    return Blob(descriptor=content.descriptor, opener=BytesOpener(content.document.raw))


def is_whole(path: str, descriptor: Descriptor) -> bool:
    """
    Tell whether a file is there and is what it should be: of that size and that digest.

    A file of the right name and size is not trusted; a power cut leaves such.
    """
    opener = FileOpener(path, follow=False)
    found = Blob(descriptor=evolve(descriptor, data=None), opener=opener)
    try:
        with found.open() as stream:
            stream.drain()
    except (OciError, OSError):
        return False
    return True


def put(path: str, blob: Blob, how: Manner) -> None:
    """
    See to it that a file holds a blob; its name is not yet forced to the disk.

    Raises:
        Corrupt: the blob was not what its descriptor says; the file is as it was.
        Missing, Unreachable: the source could not give it.
    """
    report = how.report
    if is_whole(path, blob.descriptor):
        report(Update(event=Event.EXISTS, digest=blob.digest, bytes=blob.size))
        return
    report(Update(event=Event.STARTED, digest=blob.digest))
    if not (how.link and _linked(path, blob, how)):
        _copied(path, blob, how)
    report(Update(event=Event.DONE, digest=blob.digest))


def _copied(path: str, blob: Blob, how: Manner) -> None:
    if blob.size >= RESUMED and isinstance(blob.opener, ResumableOpener):
        piece = Piece(blob.digest, 0, blob.size)
        with filling(path, [piece], blob.size, durable=how.durable, sync_parent=False) as part:
            pour(blob, part.file.fileno(), report=how.report, mark=part.marks[0])
    else:
        with replacing(path, durable=how.durable, sync_parent=False) as file:
            pour(blob, file.fileno(), report=how.report)


def _linked(path: str, blob: Blob, how: Manner) -> bool:
    """
    Give the file that a blob is a second name; tell whether that could be.
    """
    opener = blob.opener
    if blob.descriptor.data is not None or not isinstance(opener, FileOpener) or opener.offset:
        return False
    try:
        with linking(opener.path, path, durable=how.durable) as name:
            # What the new name leads to is looked at: the old one may be another by now.
            if not is_whole(name, blob.descriptor):
                raise _NotWhole
    except (_NotWhole, Missing):
        # Copied, it is either a part of that file, or it is told what is wrong.
        return False
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        return False
    how.report(Update(event=Event.MOVED, digest=blob.digest, bytes=blob.size))
    return True


class _NotWhole(Exception):
    pass
