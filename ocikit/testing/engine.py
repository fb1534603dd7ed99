"""
A container engine in a process of tests: it keeps images, and runs nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from ocikit._regex import regex
from ocikit.content.image import Image
from ocikit.content.spool import Spool
from ocikit.content.streams import BytesOpener, Opener, chunks
from ocikit.errors import OciError
from ocikit.http.message import Headers, Request, Response
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_reference
from ocikit.name.records import Tag
from ocikit.server.answers import empty, of_json
from ocikit.tarball.archive import spooled
from ocikit.tarball.flush import flush as flush_archive
from ocikit.tarball.load import load_all

#: The version of Docker's API that it speaks.
API: Final = "1.41"
_VERSIONED = regex(r"/v[0-9.]+(/.*)")

_Answer: TypeAlias = Callable[[str, dict[str, str], Request], Response]


class TestEngine:
    """
    Docker's Engine API, as far as it is about images; call it with a request.

    Serve it with `ocikit.server.web.serve`: its address is then `tcp://` and the server's.

    >>> from ocikit.content.empty import IMAGE
    >>> engine = TestEngine()
    >>> engine.add("app:1", IMAGE)
    >>> engine.image("app:1") == IMAGE, list(engine.tags)
    (True, ['docker.io/library/app:1'])
    """

    # Not a class of tests, whatever its name begins with.
    __test__ = False

    def __init__(self, version: str = API) -> None:
        """
        Args:
            version: the newest of Docker's API that it knows; empty to tell none.
        """
        self._version = version
        self._lock = threading.Lock()
        #: Images by ID, and IDs by tag in full.
        self._images: dict[str, Image] = {}
        self._tags: dict[str, str] = {}
        #: "tcp://HOST:PORT" where it is served.
        self.host = ""
        #: What it was asked, as "POST /v1.41/images/load".
        self.requests: list[str] = []
        self._routes: tuple[tuple[str, str, _Answer], ...] = (
            ("POST", r"/images/load", self._load),
            ("GET", r"/images/json", self._list),
            ("GET", r"/images/(.+)/get", self._save),
            ("GET", r"/images/(.+)/json", self._inspect),
            ("POST", r"/images/(.+)/tag", self._tag),
            ("DELETE", r"/images/(.+)", self._delete),
        )

    @property
    def tags(self) -> dict[str, str]:
        """
        The ID of an image, by each of its tags in full.
        """
        with self._lock:
            return dict(self._tags)

    def image(self, name: str) -> Image | None:
        """
        Find an image by ID, by a part of it, or by tag.
        """
        with self._lock:
            return self._images.get(self._id_of(name) or "")

    def add(self, name: str, image: Image) -> None:
        """
        Keep an image under a tag.
        """
        with self._lock:
            self._keep(image, name)

    def __call__(self, request: Request) -> Response:
        """
        Answer a request.
        """
        parts = urlsplit(request.url)
        versioned = _VERSIONED.fullmatch(parts.path)
        path = versioned[1] if versioned else parts.path
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.requests.append(f"{request.method} {parts.path}")
        if path == "/_ping":
            return self._ping()
        for method, pattern, answer in self._routes:
            if method == request.method and (found := re.fullmatch(pattern, path)):
                name = unquote(found[1]) if found.groups() else ""
                return answer(name, query, request)
        return _refused(404, "page not found")

    def _ping(self) -> Response:
        told = [("Api-Version", self._version)] if self._version else []
        fields = (("Content-Type", "text/plain"), ("Content-Length", "2"), *told)
        return Response(status=200, headers=Headers(fields), body=BytesOpener(b"OK").open())

    def _id_of(self, name: str) -> str | None:
        if f"sha256:{name.removeprefix('sha256:')}" in self._images:
            return f"sha256:{name.removeprefix('sha256:')}"
        tagged = self._tags.get(_full(name))
        if tagged is None and re.fullmatch(r"[0-9a-f]{12,64}", name):
            return next((each for each in self._images if each[7:].startswith(name)), None)
        return tagged

    def _keep(self, image: Image, *names: str) -> None:
        ident = str(image.config.digest)
        self._images[ident] = image
        self._tags |= {_full(name): ident for name in names}

    def _described(self, ident: str) -> dict[str, Any]:
        image = self._images[ident]
        tags = [_familiar(tag) for tag, known in self._tags.items() if known == ident]
        return {
            "Id": ident,
            "RepoTags": tags,
            "Size": sum(layer.blob.size for layer in image.layers),
            "Architecture": image.config_file.architecture,
            "Os": image.config_file.os,
        }

    def _load(self, name: str, query: dict[str, str], request: Request) -> Response:
        try:
            loaded = load_all(spooled(request.body.opener.open()))
            for _, image in loaded:
                for layer in image.layers:
                    # It would unpack them, and find out then.
                    layer.blob.open().drain()
        except OciError as error:
            return of_json({"errorDetail": {"message": str(error)}, "error": str(error)})
        with self._lock:
            for tags, image in loaded:
                self._keep(image, *tags)
        return of_json({"stream": f"Loaded {len(loaded)} images\n"})

    def _save(self, name: str, query: dict[str, str], request: Request) -> Response:
        with self._lock:
            ident = self._id_of(name)
            if ident is None:
                return _missing(name)
            image = self._images[ident]
            tags = [tag for tag, known in self._tags.items() if known == ident]
        spool = Spool()
        flush_archive(spool, image, reference=tags[0] if tags else None)
        return _opener(spool.opener(), "application/x-tar")

    def _inspect(self, name: str, query: dict[str, str], request: Request) -> Response:
        with self._lock:
            ident = self._id_of(name)
            return _missing(name) if ident is None else of_json(self._described(ident))

    def _list(self, name: str, query: dict[str, str], request: Request) -> Response:
        with self._lock:
            return of_json([self._described(ident) for ident in self._images])

    def _tag(self, name: str, query: dict[str, str], request: Request) -> Response:
        with self._lock:
            ident = self._id_of(name)
            if ident is None:
                return _missing(name)
            self._tags[_full(f"{query.get('repo', '')}:{query.get('tag', 'latest')}")] = ident
        return empty(201)

    def _delete(self, name: str, query: dict[str, str], request: Request) -> Response:
        with self._lock:
            ident = self._id_of(name)
            if ident is None:
                return _missing(name)
            gone = [_full(name)] if _full(name) in self._tags else list(self._tags)
            untagged = [tag for tag in gone if self._tags.get(tag) == ident]
            for tag in untagged:
                del self._tags[tag]
            said: list[dict[str, str]] = [{"Untagged": _familiar(tag)} for tag in untagged]
            if ident not in self._tags.values():
                del self._images[ident]
                said.append({"Deleted": ident})
        return of_json(said)


def _full(name: str) -> str:
    try:
        return str(parse_reference(name, weak=True))
    except NameInvalid:
        return name


def _familiar(name: str) -> str:
    reference = parse_reference(name, weak=True)
    return reference.familiar if isinstance(reference, Tag) else name


def _missing(name: str) -> Response:
    return _refused(404, f"No such image: {name}")


def _refused(status: int, message: str) -> Response:
    return of_json({"message": message}, status=status)


def _opener(opener: Opener, kind: str) -> Response:
    with opener.open() as stream:
        size = sum(len(piece) for piece in chunks(stream))
    fields = (("Content-Type", kind), ("Content-Length", str(size)))
    return Response(status=200, headers=Headers(fields), body=opener.open())
