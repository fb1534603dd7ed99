"""
Uploads whose bytes lie on the disk, so that they can go on after a restart.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import attrs

from ocikit._regex import regex
from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch
from ocikit.digest import HEX_LENGTH, Buffer, Digest, Hash, finish, hasher
from ocikit.server.disk.places import Places
from ocikit.server.disk.system import Writer
from ocikit.server.pieces import pieces_of
from ocikit.server.storage import ChunkLengthWrong, UploadOutOfOrder, UploadUnknown, failing

_NAME: Final = regex(r"[0-9a-f]{32}")
_OF: Final = ".of"


@attrs.define(eq=False)
class Session:
    """
    One upload.
    """

    repository: str
    name: str
    path: str
    algorithm: str
    size: int
    #: None when it began before this process did.
    hash: Hash | None
    #: Who writes: a client that resumes takes over from its own broken connection.
    turn: int = 0
    gone: bool = False
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def check(self, turn: int | None = None) -> None:
        """
        See that it still is, and that nobody else took it over.
        """
        if self.gone:
            raise UploadUnknown(repository=self.repository, upload=self.name)
        if turn is not None and turn != self.turn:
            raise UploadOutOfOrder(expected=self.size, begins=self.size)

    def hashed(self) -> Hash:
        """
        Give the hash of what is there; of what came before a restart, it is read for that.
        """
        if self.hash is None:
            self.hash = _hash_file(self.path, self.algorithm)
        return self.hash

    def digest(self, algorithm: str) -> Digest:
        """
        Give the digest of what is there.
        """
        known = algorithm == self.algorithm
        return finish(self.hashed() if known else _hash_file(self.path, algorithm))


class Uploads:
    """
    All uploads of a registry on disk.

    What a chunk brought is not forced to the disk before it is answered for: a process
    that is killed loses none of it, and after a power cut the client is told how much is
    left, and the digest finds out whether that is whole.
    """

    def __init__(self, places: Places, writer: Writer, clock: Callable[[], float]) -> None:
        self._places, self._writer, self._clock = places, writer, clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def begin(self, repository: str, algorithm: str) -> str:
        """
        Begin an upload; gives its name.
        """
        running, name = hasher(algorithm), uuid.uuid4().hex
        path = os.path.join(self._places.uploads, name)
        told = json.dumps({"repository": repository, "algorithm": algorithm}).encode()
        for file, data in ((path, b""), (path + _OF, told)):
            handle = self._writer.system.create(file)
            try:
                self._writer.system.write(handle, memoryview(data), 0)
            finally:
                os.close(handle)
        self._touch(path)
        session = Session(repository, name, path, algorithm, 0, running)
        with self._lock:
            self._sessions[name] = session
        return name

    def find(self, repository: str, name: str) -> Session:
        """
        Find an upload; it is known only in the repository that it was begun in.

        Raises:
            UploadUnknown: there is none of that name in the repository.
        """
        with self._lock:
            session = self._sessions.get(name) or self._taken_up(name)
        if session is None or session.repository != repository:
            raise UploadUnknown(repository=repository, upload=name)
        return session

    def receive(self, session: Session, stream: Stream, at: int | None, length: int | None) -> int:
        """
        Add a stream to an upload, see `Storage`.
        """
        with session.lock:
            session.check()
            if at is not None and at != session.size:
                raise UploadOutOfOrder(expected=session.size, begins=at)
            session.turn += 1
            turn, begun, before = session.turn, session.size, session.hashed().copy()
            handle = self._writer.system.open(session.path)
        count = 0
        try:
            for piece in pieces_of(stream, length):
                self._add(session, turn, handle, piece)
                count += len(piece)
            if length is not None and count != length:
                self._rewind(session, turn, handle, begun, before)
                raise ChunkLengthWrong(expected=length, actual=count)
        finally:
            os.close(handle)
            self._touch(session.path)
        return begun + count

    def end(self, repository: str, name: str) -> Session:
        """
        Take an upload, so that nobody else may add to it or end it.

        Raises:
            UploadUnknown: there is none of that name in the repository.
        """
        session = self.find(repository, name)
        with session.lock:
            session.check()
            session.gone = True
            with self._lock:
                self._writer.system.remove(session.path + _OF)
                self._sessions.pop(name, None)
        return session

    @contextmanager
    def committing(self, repository: str, name: str, digest: Digest) -> Generator[Session]:
        """
        End an upload, and keep its file within the `with` block for who wants to have it.

        Raises:
            UploadUnknown: there is none of that name in the repository.
            DigestMismatch: the bytes are not those; the upload is gone.
        """
        session = self.end(repository, name)
        try:
            actual = session.digest(digest.algorithm)
            if actual != digest:
                raise DigestMismatch(expected=digest, actual=actual)
            yield session
        finally:
            self._writer.discard(session.path)

    def cancel(self, repository: str, name: str) -> None:
        """
        End an upload and forget its bytes.

        Raises:
            UploadUnknown: there is none of that name in the repository.
        """
        self._writer.discard(self.end(repository, name).path)

    def expire(self, before: float) -> int:
        """
        Cancel the uploads to which nothing was added since; gives how many.
        """
        return sum(
            self.dropped(repository, name) for repository, name, _ in [*self.expired(before)]
        )

    def dropped(self, repository: str, name: str) -> bool:
        """
        Cancel an upload if there is one, and tell whether there was.
        """
        try:
            self.cancel(repository, name)
        except UploadUnknown:
            return False
        return True

    def expired(self, before: float) -> Iterator[tuple[str, str, int]]:
        """
        Find uploads to which nothing was added since: repository, name and size.
        """
        for name in sorted(os.listdir(self._places.uploads)):
            with suppress(FileNotFoundError):
                found = os.stat(os.path.join(self._places.uploads, name))
                with self._lock:
                    session = self._sessions.get(name) or self._taken_up(name)
                if session is not None and found.st_mtime < before:
                    yield session.repository, name, found.st_size

    def sweep(self) -> None:
        """
        Remove what belongs to no upload. Only for who knows that nobody is writing.
        """
        for name in os.listdir(self._places.uploads):
            if self._taken_up(name.removesuffix(_OF)) is None:
                self._writer.discard(os.path.join(self._places.uploads, name))

    def _touch(self, path: str) -> None:
        # It may have ended meanwhile.
        with suppress(FileNotFoundError):
            self._writer.system.touch(path, self._clock())

    def _taken_up(self, name: str) -> Session | None:
        if not _NAME.fullmatch(name):
            return None
        path = os.path.join(self._places.uploads, name)
        try:
            with open(path + _OF, "rb") as file:
                told = json.load(file)
            size = os.stat(path).st_size
            repository, algorithm = told["repository"], told["algorithm"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        if algorithm not in HEX_LENGTH:
            return None
        session = Session(repository, name, path, algorithm, size, None)
        self._sessions[name] = session
        return session

    def _add(self, session: Session, turn: int, handle: int, piece: Buffer) -> None:
        with session.lock:
            session.check(turn)
            self._writer.system.write(handle, memoryview(piece), session.size)
            session.size += len(piece)
            session.hashed().update(piece)

    def _rewind(self, session: Session, turn: int, handle: int, size: int, hash: Hash) -> None:
        with session.lock:
            if turn == session.turn and not session.gone:
                self._writer.system.truncate(handle, size)
                session.size, session.hash = size, hash


class UploadsInFiles:
    """
    The part of a storage that uploads pass through on their way into it.
    """

    _uploads: Uploads

    def received(self, repository: str, upload: str) -> int:
        """
        Tell how many bytes an upload has.
        """
        with failing():
            return self._uploads.find(repository, upload).size

    def receive(
        self, repository: str, upload: str, stream: Stream, at: int | None, length: int | None
    ) -> int:
        """
        Add a stream to an upload, see `Storage`.
        """
        with failing():
            session = self._uploads.find(repository, upload)
            return self._uploads.receive(session, stream, at, length)

    def cancel(self, repository: str, upload: str) -> None:
        """
        End an upload and forget its bytes.
        """
        with failing():
            self._uploads.cancel(repository, upload)


def _hash_file(path: str, algorithm: str) -> Hash:
    running, buffer = hasher(algorithm), memoryview(bytearray(1 << 18))
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            running.update(buffer[:count])
    return running


def digest_of(path: str, algorithm: str) -> Digest:
    """
    Hash a file.
    """
    return finish(_hash_file(path, algorithm))
