"""
What a registry should hold, as plain dictionaries, and how it is compared with one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.http.message import Send
from ocikit.testing.asking import Asking
from ocikit.testing.time import VirtualTime


@record(kw_only=True)
class Place:
    """
    A registry under test, and what else can be done with it.

    >>> from ocikit.server.handler import registry
    >>> Place(send=registry()).base
    'http://registry.test'
    """

    send: Send
    #: The URL of its root.
    base: str = "http://registry.test"
    #: What the names of all repositories begin with: other runs may be there, too.
    prefix: str = ""
    #: Kill it, and start it again with what it kept.
    restart: Callable[[], Send] | None = None
    #: Let all pushes be long ago, and remove the blobs that no manifest refers to.
    collect: Callable[[], None] | None = None
    #: The time that it goes by, where that passes only when it is let.
    time: VirtualTime | None = None
    #: Remove, now, the blobs that no manifest refers to and that nobody asked for of late.
    sweep: Callable[[], None] | None = None
    #: After how many seconds of `time` an upload that nobody goes on with is swept; more
    #: than any push takes. None where it never is.
    expires: float | None = None
    #: Give up what it holds of the machine.
    close: Callable[[], None] = lambda: None
    #: Whether it does all that the specification recommends: pushes in one request, tags
    #: by parameters, errors as they are described, deletion, referrers, sha512, and a
    #: catalog of just what is there. Else only what is pushed is compared.
    strict: bool = True


@attrs.define
class Repository:
    """
    What a repository should hold.
    """

    blobs: dict[str, bytes] = attrs.field(factory=dict)
    #: By digest: the bytes, the media type, and the digest of the subject.
    manifests: dict[str, tuple[bytes, str, str]] = attrs.field(factory=dict)
    #: By digest: what a manifest refers to.
    needed: dict[str, set[str]] = attrs.field(factory=dict)
    tags: dict[str, str] = attrs.field(factory=dict)

    @property
    def exists(self) -> bool:
        """
        Whether it holds anything.
        """
        return bool(self.blobs or self.manifests)

    def drop(self, named: str) -> bool:
        """
        Do what a DELETE of a manifest does; False when there is none.
        """
        self.tags = {tag: target for tag, target in self.tags.items() if target != named}
        self.needed.pop(named, None)
        return self.manifests.pop(named, None) is not None

    def collect(self) -> None:
        """
        Forget the blobs that no manifest refers to.
        """
        needed = set[str]().union(*self.needed.values())
        self.blobs = {named: data for named, data in self.blobs.items() if named in needed}


def named(data: bytes, algorithm: str = "sha256") -> str:
    """
    Give the digest of some bytes, as text.

    >>> named(b"")[:14]
    'sha256:e3b0c44'
    """
    return str(Digest.of(data, algorithm))


def assert_lists(ask: Asking, place: Place, model: Mapping[str, Repository]) -> None:
    """
    See that the catalog and the tags, page by page, are those of the model, in order.
    """
    there = {name for name, each in model.items() if each.exists}
    if place.strict:
        listed = list(ask.pages("/v2/_catalog?n=2", "repositories"))
        assert listed == sorted(place.prefix + name for name in there)
    for name, held in model.items():
        path = f"/v2/{place.prefix}{name}/tags/list?n=2"
        if held.tags or (name in there and place.strict):
            assert sorted(ask.pages(path, "tags")) == sorted(held.tags)
        elif place.strict:
            assert ask("GET", path).status == 404


def assert_content(ask: Asking, place: Place, model: Mapping[str, Repository]) -> None:
    """
    See that every blob, manifest and tag gives its bytes.
    """
    for name, held in model.items():
        path = f"/v2/{place.prefix}{name}"
        for digest, data in held.blobs.items():
            assert ask.read("GET", f"{path}/blobs/{digest}") == (200, data)
        for digest, (raw, kind, _) in held.manifests.items():
            response = ask("GET", f"{path}/manifests/{digest}", headers={"Accept": kind})
            with response.body as body:
                assert (response.status, body.read()) == (200, raw)
            assert response.headers.get("Content-Type") == kind
        for tag, target in held.tags.items():
            kind = held.manifests[target][1]
            response = ask("HEAD", f"{path}/manifests/{tag}", headers={"Accept": kind})
            assert response.headers.get("Docker-Content-Digest") == target


def assert_referrers(ask: Asking, place: Place, model: Mapping[str, Repository]) -> None:
    """
    See that every subject lists just the manifests that are about it.
    """
    for name, held in model.items():
        for subject in {about for _, _, about in held.manifests.values() if about}:
            path = f"/v2/{place.prefix}{name}/referrers/{subject}"
            found = [each["digest"] for each in ask.pages(path, "manifests")]
            about = (n for n, (_, _, about) in held.manifests.items() if about == subject)
            assert found == sorted(about)
