"""
Which blobs the repositories of an object store hold, and where their bytes are.

A collector may be at work anywhere. Bytes that it removes it first declares as dying, and
then looks for who holds them; who wants to hold bytes first says so, and then looks whether
they are dying. So at least one of the two sees the other. Bytes that come again are another
object, so that a removal that is late never meets them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.server.garbage import GRACE
from ocikit.server.objects.store import Bucket
from ocikit.server.objects.tokens import FRESH, Token, newest
from ocikit.server.storage import StorageFailed

#: How often a blob is put that collectors take for garbage before it is held.
_TRIES: Final = 5


@record
class Members:
    """
    The blobs of all repositories.
    """

    bucket: Bucket
    clock: Callable[[], float]

    def find(self, repository: str, digest: Digest) -> Token | None:
        """
        Find a blob of a repository, and write down that it was found.
        """
        tokens = self.tokens(repository, digest)
        found = newest(tokens)
        if found is None or self.clock() - found.time <= FRESH:
            return found
        if not self.hold(repository, digest, found.size, found.content):
            return None
        # The last one stays: who is listing at this moment may not see the new one.
        self.drop(repository, digest, (each for each in tokens if each != found))
        return found

    def tokens(self, repository: str, digest: Digest) -> list[Token]:
        """
        List the findings of a blob of a repository.
        """
        below = self.bucket.below(f"repositories/{repository}/_blobs/{path_of(digest)}")
        return [Token.parse(key) for key in below]

    def names(self, digest: Digest) -> set[str]:
        """
        Find the repositories that may hold a blob.
        """
        return {name for name, _ in self._holders(digest)}

    def hold(self, repository: str, digest: Digest, size: int, content: str) -> bool:
        """
        Make bytes that are there a blob of a repository; False when they are on their way out.
        """
        token = Token.made(self.clock(), size, content)
        holder = _holder(repository, digest, token)
        self.bucket.write(holder, b"")
        # In this order: who removes the bytes takes back last that they are dying.
        stays = self.bucket.size(_dying(digest, content)) is None
        if stays and self.bucket.size(content_of(digest, content)) == size:
            self.bucket.write(_member(repository, digest, token), b"")
            return True
        self.bucket.remove(holder)
        return False

    def add(self, repository: str, digest: Digest, size: int, path: Path) -> None:
        """
        Make a file a blob of a repository; it is put only if its bytes are not there.

        Raises:
            StorageFailed: what is put is not there.
        """
        known = list(self.bucket.below(f"blobs/{path_of(digest)}"))
        for _ in range(_TRIES):
            if any(self.hold(repository, digest, size, content) for content in known):
                return
            # A large one takes long: who holds it is said when it is there, and not before.
            known = [self._put(digest, path)]
        raise StorageFailed(reason="an object that was put is not there")

    def drop(self, repository: str, digest: Digest, tokens: Iterable[Token]) -> bool:
        """
        Remove findings of a blob of a repository; False when there was none of them.
        """
        gone = False
        for token in tokens:
            gone |= self.bucket.remove(_member(repository, digest, token))
            self.bucket.remove(_holder(repository, digest, token))
        return gone

    def unheld(self, before: float) -> Iterator[tuple[Digest, int]]:
        """
        Find bytes that no repository holds, and that did not come since: digest and size.
        """
        for key, size in self.bucket.sizes("blobs"):
            algorithm, value, content = key.split("/")
            digest = Digest.parse(f"{algorithm}:{value}")
            if _came(content) < before and not self._is_held(digest, content):
                yield digest, size

    def free(self, digest: Digest) -> bool:
        """
        Remove bytes that no repository holds, once; False when there are none any more.
        """
        contents = list(self.bucket.below(f"blobs/{path_of(digest)}"))
        return any(self._free(digest, content) for content in contents)

    def _put(self, digest: Digest, path: Path) -> str:
        content = f"{round(self.clock() * 1000):015d}{uuid.uuid4().hex}"
        self.bucket.write(content_of(digest, content), path)
        return content

    def _free(self, digest: Digest, content: str) -> bool:
        dying = _dying(digest, content)
        mine = self.bucket.create(dying, repr(self.clock()).encode())
        if not mine and float(self.bucket.read(dying) or "inf") >= self._past():
            # Somebody else is at it.
            return False
        if self._is_held(digest, content):
            # One who died there may only be slow: what he declared stays.
            if mine:
                self.bucket.remove(dying)
            return False
        gone = self.bucket.remove(content_of(digest, content))
        self.bucket.remove(dying)
        return gone

    def _is_held(self, digest: Digest, content: str) -> bool:
        past = self._past()
        for name, token in self._holders(digest):
            if token.content == content and (
                token.time >= past
                # Else it is of one who died before it was a member.
                or self.bucket.size(_member(name, digest, token)) is not None
            ):
                return True
        return False

    def _past(self) -> float:
        return self.clock() - GRACE

    def _holders(self, digest: Digest) -> Iterator[tuple[str, Token]]:
        for key in self.bucket.below(f"holders/{path_of(digest)}"):
            name, _, text = key.rpartition("/_/")
            yield name, Token.parse(text)


def path_of(digest: Digest) -> str:
    """
    Give the part of keys that tells a digest.
    """
    return f"{digest.algorithm}/{digest.hex}"


def content_of(digest: Digest, content: str) -> str:
    """
    Give the key of bytes.
    """
    return f"blobs/{path_of(digest)}/{content}"


def _came(content: str) -> float:
    return int(content[:15]) / 1000


def _dying(digest: Digest, content: str) -> str:
    return f"dying/{path_of(digest)}/{content}"


def _member(repository: str, digest: Digest, token: Token) -> str:
    return f"repositories/{repository}/_blobs/{path_of(digest)}/{token.text}"


def _holder(repository: str, digest: Digest, token: Token) -> str:
    return f"holders/{path_of(digest)}/{repository}/_/{token.text}"
