"""
The manifests that the repositories of an object store hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ocikit._records import record
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.server.disk.holdings import decode, encode, kept_of, manifest_of, referrer_of
from ocikit.server.objects.members import path_of
from ocikit.server.objects.store import Bucket
from ocikit.server.objects.tokens import FRESH, Token
from ocikit.server.storage import StoredManifest
from ocikit.spec.descriptor import Descriptor


@record
class Documents:
    """
    The manifests of all repositories; each finding is a copy.
    """

    bucket: Bucket
    clock: Callable[[], float]

    def find(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository, and write down that it was found.

        Raises:
            DigestMismatch: it was damaged in the store.
        """
        tokens = self.tokens(repository, digest)
        last = _last(tokens)
        found = None if last is None else self._read(repository, digest, last)
        is_old = all(self.clock() - each.time > FRESH for each in tokens)
        if found is not None and last is not None and is_old:
            self._write(repository, digest, found, last.content)
            rest = (each for each in tokens if each != last)
            self.drop(repository, digest, rest, found.subject)
        return found

    def peek(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository, and leave no trace of that.

        Raises:
            DigestMismatch: it was damaged in the store.
        """
        last = _last(self.tokens(repository, digest))
        return None if last is None else self._read(repository, digest, last)

    def tokens(self, repository: str, digest: Digest) -> list[Token]:
        """
        List the findings of a manifest.
        """
        below = self.bucket.below(f"{_root(repository)}/_manifests/{path_of(digest)}")
        return [Token.parse(key) for key in below]

    def keep(self, repository: str, digest: Digest, manifest: StoredManifest) -> None:
        """
        Keep a manifest in a repository.
        """
        last = _last(self.tokens(repository, digest))
        # Its type is that of the last push, even when clocks differ.
        push = max(round(self.clock() * 1000), 0 if last is None else int(last.content) + 1)
        self._write(repository, digest, manifest, f"{push:015d}")

    def drop(
        self, repository: str, digest: Digest, tokens: Iterable[Token], subject: Digest | None
    ) -> bool:
        """
        Remove findings of a manifest; False when there was none of them.
        """
        gone = False
        for token in tokens:
            if subject is not None:
                self.bucket.remove(_referrer(repository, subject, digest, token))
            gone |= self.bucket.remove(_document(repository, digest, token))
        return gone

    def referrers(self, repository: str, subject: Digest) -> list[Descriptor]:
        """
        List the manifests that have this subject.
        """
        prefix = f"{_root(repository)}/_referrers/{subject.algorithm}-{subject.hex}"
        keys = dict[str, Token]()
        for key in self.bucket.below(prefix):
            path, _, text = key.rpartition("/")
            keys[path] = max(keys.get(path, Token.parse(text)), Token.parse(text), key=_order)
        whole = [f"{prefix}/{path}/{token.text}" for path, token in keys.items()]
        read = ((key, self.bucket.read(key)) for key in whole)
        found = [decode(data, key) for key, data in read if data is not None]
        return sorted(map(referrer_of, found), key=lambda each: str(each.digest))

    def _write(self, repository: str, digest: Digest, manifest: StoredManifest, push: str) -> None:
        token = Token.made(self.clock(), len(manifest.data), push)
        said = encode(kept_of(manifest))
        self.bucket.write(_document(repository, digest, token), said + b"\n" + manifest.data)
        if manifest.subject is not None:
            self.bucket.write(_referrer(repository, manifest.subject, digest, token), said)

    def _read(self, repository: str, digest: Digest, token: Token) -> StoredManifest | None:
        key = _document(repository, digest, token)
        head, _, data = (self.bucket.read(key) or b"").partition(b"\n")
        if not head:
            return None
        actual = Digest.of(data, digest.algorithm)
        if actual != digest:
            raise DigestMismatch(expected=digest, actual=actual)
        return manifest_of(decode(head, key), data)


def _order(token: Token) -> tuple[str, float, str]:
    return token.content, token.time, token.unique


def _last(tokens: Iterable[Token]) -> Token | None:
    return max(tokens, key=_order, default=None)


def _root(repository: str) -> str:
    return f"repositories/{repository}"


def _document(repository: str, digest: Digest, token: Token) -> str:
    return f"{_root(repository)}/_manifests/{path_of(digest)}/{token.text}"


def _referrer(repository: str, subject: Digest, digest: Digest, token: Token) -> str:
    of = f"{subject.algorithm}-{subject.hex}"
    return f"{_root(repository)}/_referrers/{of}/{path_of(digest)}/{token.text}"
