"""
A registry and a plain dictionary, given the same requests, never disagree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ocikit import media
from ocikit.http.message import Send
from ocikit.server.handler import registry
from tests.server.samples import (
    ask,
    begin,
    code,
    descriptor,
    digest,
    image,
    index,
    put,
)

NAMES = st.sampled_from(["a", "a/b", "b", "manifests/blobs/uploads", "tags/list"])
TAGS = st.sampled_from(["t", "T", "t-1", "t.1", "_", "10", "9", "latest"])
BLOBS = st.sampled_from([b"{}", b"", b"one", b"two", b"three" * 100])
ALGORITHMS = st.sampled_from(["sha256", "sha256", "sha512"])


@attrs.define
class Repository:
    """
    What a repository should hold.
    """

    blobs: dict[str, bytes] = attrs.field(factory=dict)
    #: By digest: the bytes, the media type, and the digest of the subject.
    manifests: dict[str, tuple[bytes, str, str]] = attrs.field(factory=dict)
    tags: dict[str, str] = attrs.field(factory=dict)

    def keep(self, name: str, raw: bytes, kind: str, subject: bytes | None, tags: set[str]) -> None:
        """
        Do what a PUT of a manifest does.
        """
        about = "" if subject is None else digest(subject)
        self.manifests[name] = (raw, kind, about)
        self.tags.update(dict.fromkeys(tags, name))


class Registry(RuleBasedStateMachine):
    """
    Pushes, mounts, tags, deletes and lists, and after each compares all that is there.
    """

    send: Send

    @initialize(page=st.integers(1, 3))
    def begin(self, page: int) -> None:
        """
        Begin with nothing, and with pages so small that there are several.
        """
        self.send = registry(page=page)
        self.model: dict[str, Repository] = {}
        self.uploads: dict[str, tuple[str, bytes]] = {}

    def _of(self, name: str) -> Repository:
        return self.model.setdefault(name, Repository())

    @rule(name=NAMES, data=BLOBS, algorithm=ALGORITHMS)
    def push_blob(self, name: str, data: bytes, algorithm: str) -> None:
        """
        Push a blob in one request.
        """
        named = digest(data, algorithm)
        path = f"/v2/{name}/blobs/uploads/?digest={named}"
        assert ask(self.send, "POST", path, data).status == 201
        self._of(name).blobs[named] = data

    @rule(name=NAMES)
    def begin_upload(self, name: str) -> None:
        """
        Begin an upload, which is nothing yet.
        """
        self.uploads[begin(self.send, name)] = (name, b"")

    @precondition(lambda self: self.uploads)
    @rule(choice=st.randoms(use_true_random=False), data=BLOBS, late=st.integers(-1, 1))
    def push_chunk(self, choice: Any, data: bytes, late: int) -> None:
        """
        Add a chunk to an upload, sometimes where it does not belong.
        """
        location = choice.choice(sorted(self.uploads))
        name, before = self.uploads[location]
        start = len(before) + late
        if not data or start < 0:
            return
        said = f"{start}-{start + len(data) - 1}"
        response = ask(self.send, "PATCH", location, data, Content_Range=said)
        assert response.status == (416 if late else 202)
        if not late:
            self.uploads[location] = (name, before + data)

    @precondition(lambda self: self.uploads)
    @rule(choice=st.randoms(use_true_random=False), right=st.booleans(), algorithm=ALGORITHMS)
    def finish_upload(self, choice: Any, right: bool, algorithm: str) -> None:
        """
        End an upload, rightly or not.
        """
        location = choice.choice(sorted(self.uploads))
        name, data = self.uploads.pop(location)
        named = digest(data if right else data + b"x", algorithm)
        response = ask(self.send, "PUT", f"{location}?digest={named}")
        assert response.status == (201 if right else 400)
        if right:
            self._of(name).blobs[named] = data

    @precondition(lambda self: self.uploads)
    @rule(choice=st.randoms(use_true_random=False))
    def cancel_upload(self, choice: Any) -> None:
        """
        Give an upload up.
        """
        location = choice.choice(sorted(self.uploads))
        del self.uploads[location]
        assert ask(self.send, "DELETE", location).status == 204
        assert ask(self.send, "GET", location).status == 404

    @rule(name=NAMES, source=st.none() | NAMES, data=BLOBS, algorithm=ALGORITHMS)
    def mount(self, name: str, source: str | None, data: bytes, algorithm: str) -> None:
        """
        Mount a blob, from one repository or from wherever it is.
        """
        named = digest(data, algorithm)
        sources = self.model if source is None else {source: self._of(source)}
        there = any(named in each.blobs for each in sources.values())
        where = "" if source is None else f"&from={source}"
        path = f"/v2/{name}/blobs/uploads/?mount={named}{where}"
        assert ask(self.send, "POST", path).status == (201 if there else 202)
        if there:
            self._of(name).blobs[named] = data

    @rule(
        name=NAMES,
        layers=st.lists(BLOBS, max_size=2),
        tags=st.sets(TAGS, max_size=2),
        about=st.none() | BLOBS,
        algorithm=ALGORITHMS,
    )
    def push_image(
        self, name: str, layers: list[bytes], tags: set[str], about: bytes | None, algorithm: str
    ) -> None:
        """
        Push an image by digest with some tags; it needs its blobs.
        """
        subject = None if about is None else descriptor(about, media.OCI_MANIFEST)
        raw = image(*layers, subject=subject)
        needed = {digest(data) for data in (*layers, b"{}")}
        missing = not needed <= self._of(name).blobs.keys()
        self._put(name, raw, media.OCI_MANIFEST, tags, about, algorithm, missing)

    @rule(name=NAMES, picks=st.sets(st.integers(0, 5), max_size=3), tags=st.sets(TAGS, max_size=1))
    def push_index(self, name: str, picks: set[int], tags: set[str]) -> None:
        """
        Push an index of manifests that are there, indexes among them.
        """
        held = sorted(self._of(name).manifests.items())
        chosen = [held[pick] for pick in sorted(picks) if pick < len(held)]
        children = [
            {"mediaType": kind, "digest": named, "size": len(raw)}
            for named, (raw, kind, _) in chosen
        ]
        raw = index(manifests=children)
        self._put(name, raw, media.OCI_INDEX, tags, None, "sha256", False)

    def _put(
        self,
        name: str,
        raw: bytes,
        kind: str,
        tags: set[str],
        about: bytes | None,
        algorithm: str,
        missing: bool,
    ) -> None:
        named = digest(raw, algorithm)
        query = "&".join(f"tag={tag}" for tag in sorted(tags))
        response = put(self.send, name, f"{named}?{query}", raw, kind)
        if missing:
            assert (response.status, code(response)) == (400, "MANIFEST_BLOB_UNKNOWN")
            return
        assert response.status == 201
        assert response.headers.all("OCI-Tag") == sorted(tags)
        self._of(name).keep(named, raw, kind, about, tags)

    @precondition(lambda self: any(each.manifests for each in self.model.values()))
    @rule(choice=st.randoms(use_true_random=False), tag=TAGS)
    def tag(self, choice: Any, tag: str) -> None:
        """
        Push a manifest that is there again, by a tag: it is then tagged by its sha256.
        """
        name = choice.choice(sorted(name for name, each in self.model.items() if each.manifests))
        held = self.model[name]
        raw, kind, about = held.manifests[choice.choice(sorted(held.manifests))]
        response = put(self.send, name, tag, raw, kind)
        needed = [] if kind == media.OCI_INDEX else json.loads(raw)["layers"]
        needed += [] if kind == media.OCI_INDEX else [json.loads(raw)["config"]]
        needed += json.loads(raw).get("manifests", [])
        there = held.blobs.keys() | held.manifests.keys()
        if any(each["digest"] not in there for each in needed):
            assert (response.status, code(response)) == (400, "MANIFEST_BLOB_UNKNOWN")
            return
        assert response.status == 201
        held.manifests[digest(raw)] = (raw, kind, about)
        held.tags[tag] = digest(raw)

    @rule(name=NAMES, tag=TAGS)
    def delete_tag(self, name: str, tag: str) -> None:
        """
        Delete a tag alone.
        """
        there = self._of(name).tags.pop(tag, None) is not None
        response = ask(self.send, "DELETE", f"/v2/{name}/manifests/{tag}")
        assert response.status == (202 if there else 404)

    @rule(choice=st.randoms(use_true_random=False), name=NAMES)
    def delete_manifest(self, choice: Any, name: str) -> None:
        """
        Delete a manifest with all its tags.
        """
        held = self._of(name)
        named = choice.choice([*sorted(held.manifests), digest(b"none")])
        there = held.manifests.pop(named, None) is not None
        held.tags = {tag: target for tag, target in held.tags.items() if target != named}
        response = ask(self.send, "DELETE", f"/v2/{name}/manifests/{named}")
        assert response.status == (202 if there else 404)

    @rule(name=NAMES, data=BLOBS, algorithm=ALGORITHMS)
    def delete_blob(self, name: str, data: bytes, algorithm: str) -> None:
        """
        Delete a blob of one repository.
        """
        named = digest(data, algorithm)
        there = self._of(name).blobs.pop(named, None) is not None
        response = ask(self.send, "DELETE", f"/v2/{name}/blobs/{named}")
        assert response.status == (202 if there else 404)

    def _pages(self, path: str, member: str) -> Iterator[Any]:
        while path:
            response = ask(self.send, "GET", path)
            assert response.status == 200
            yield from json.loads(response.body.read())[member]
            match = re.fullmatch(r'<([^>]+)>; rel="next"', response.headers.get("Link"))
            path = "" if match is None else match[1]

    @invariant()
    def lists_agree(self) -> None:
        """
        The catalog and the tags, page by page, are those of the model, in order.
        """
        there = {name for name, each in self.model.items() if each.blobs or each.manifests}
        assert list(self._pages("/v2/_catalog", "repositories")) == sorted(there)
        for name, held in self.model.items():
            path = f"/v2/{name}/tags/list"
            if name in there:
                assert list(self._pages(path, "tags")) == sorted(held.tags)
            else:
                assert ask(self.send, "GET", path).status == 404

    @invariant()
    def content_agrees(self) -> None:
        """
        Every blob, manifest and tag gives its bytes.
        """
        for name, held in self.model.items():
            for named, data in held.blobs.items():
                response = ask(self.send, "GET", f"/v2/{name}/blobs/{named}")
                assert (response.status, response.body.read()) == (200, data)
            for named, (raw, kind, _) in held.manifests.items():
                response = ask(self.send, "GET", f"/v2/{name}/manifests/{named}")
                assert (response.status, response.body.read()) == (200, raw)
                assert response.headers.get("Content-Type") == kind
            for tag, target in held.tags.items():
                response = ask(self.send, "HEAD", f"/v2/{name}/manifests/{tag}")
                assert response.headers.get("Docker-Content-Digest") == target

    @invariant()
    def referrers_agree(self) -> None:
        """
        Every subject lists just the manifests that are about it.
        """
        for name, held in self.model.items():
            for subject in {about for _, _, about in held.manifests.values() if about}:
                path = f"/v2/{name}/referrers/{subject}"
                found = [each["digest"] for each in self._pages(path, "manifests")]
                about = (n for n, (_, _, about) in held.manifests.items() if about == subject)
                assert found == sorted(about)

    @invariant()
    def uploads_agree(self) -> None:
        """
        Every upload stands where its chunks ended.
        """
        for location, (_, data) in self.uploads.items():
            told = ask(self.send, "GET", location).headers.get("Range")
            assert told == f"0-{max(len(data) - 1, 0)}"


TestRegistry = Registry.TestCase
TestRegistry.settings = settings(stateful_step_count=30)
