"""
Files that an image has and containers do not see: removed or replaced by a later layer.

They travel with the image all the same, and whoever pulls it can read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit.content.image import Image
from ocikit.tree.filetree import load
from ocikit.tree.globs import expression
from ocikit.tree.paths import clean
from ocikit.tree.reader import Reader

#: Where secrets are kept by custom, as globs.
SECRET_PATHS: Final = (
    *("**/id_rsa", "**/id_ed25519", "**/id_ecdsa", "**/id_dsa", "**/*.pem", "**/*.key"),
    *("**/*.p12", "**/*.pfx", "**/*.jks", "**/.netrc", "**/.git-credentials", "**/.pypirc"),
    *("**/.npmrc", "**/.env", "**/.env.*", "**/.aws/credentials", "**/.docker/config.json"),
    *("**/.kube/config", "**/.ssh/**", "**/gcloud/**/credentials*", "**/*service-account*.json"),
)
#: How secrets look inside of files.
SECRET_TEXTS: Final = (
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    rb"\bAKIA[0-9A-Z]{16}\b",
    rb"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    rb"\bglpat-[A-Za-z0-9_-]{20}\b",
    rb"\bxox[abprs]-[A-Za-z0-9-]{10,}",
)
#: How much of a file is looked at, in bytes: secrets are short, and come early.
_LOOKED_AT: Final = 1 << 20


@record
class Hidden:
    """
    A file that only a lower layer has; layers count from 1.

    >>> str(Hidden(1, "root/.netrc", 20))
    'layer 1 > root/.netrc (20 bytes)'
    """

    layer: int
    path: str
    size: int

    def __str__(self) -> str:
        return f"layer {self.layer} > {self.path} ({self.size} bytes)"


def hidden_files(image: Image) -> tuple[Hidden, ...]:
    """
    Give the files of lower layers that containers do not see any more.

    Raises:
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> hidden_files(image(random.Random(1), layers=2))
    ()
    """
    return tuple(hidden for hidden, _ in _hidden(image))


def hidden_secrets(
    image: Image,
    *,
    paths: tuple[str, ...] = SECRET_PATHS,
    texts: tuple[bytes, ...] = SECRET_TEXTS,
) -> tuple[Hidden, ...]:
    """
    Give the files of lower layers that are gone for containers, and look like secrets.

    Args:
        image: where to look.
        paths: globs of paths where secrets are.
        texts: regular expressions of how they look.

    Raises:
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> hidden_secrets(image(random.Random(1), layers=2))
    ()
    """
    named = [expression(glob) for glob in paths]
    looks = [re.compile(text) for text in texts]
    return tuple(
        hidden
        for hidden, content in _hidden(image)
        if any(name.fullmatch(hidden.path) for name in named) or _look(content, looks)
    )


def _hidden(image: Image) -> Iterator[tuple[Hidden, Iterator[bytes]]]:
    seen = {file.place for file in load(image.layers).files.values()}
    for number, layer in enumerate(image.layers):
        with layer.uncompressed() as stream:
            reader = Reader(stream)
            for member in reader:
                path = clean(member.name).decode("utf-8", "surrogateescape")
                if member.kind != "file" or _is_mark(path) or (number, member.number) in seen:
                    continue
                yield Hidden(number + 1, path, member.size), reader.content()


def _look(content: Iterator[bytes], looks: list[re.Pattern[bytes]]) -> bool:
    begin = b""
    for piece in content:
        begin += piece[: _LOOKED_AT - len(begin)]
        if len(begin) == _LOOKED_AT:
            break
    return any(look.search(begin) for look in looks)


def _is_mark(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".wh.")
