"""
The requests of a state machine: pushes, uploads, mounts, tags, deletes, and what is listed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ocikit import media
from ocikit.http.message import Response
from ocikit.testing.asking import Asking, image, index
from ocikit.testing.modelled import (
    Place,
    Repository,
    assert_content,
    assert_lists,
    assert_referrers,
    named,
)

T = TypeVar("T")

NAMES: Final = st.sampled_from(["a", "a/b", "b", "manifests/blobs/uploads", "tags/list"])
TAGS: Final = st.sampled_from(["t", "T", "t-1", "t.1", "_", "10", "9", "latest"])
BLOBS: Final = st.sampled_from([b"{}", b"", b"one", b"two", b"three" * 100])
ALGORITHMS: Final = st.sampled_from(["sha256", "sha256", "sha512"])
#: Which of what there is, by a number: it shrinks to the first.
PICKS: Final = st.integers(0, 19)


class Requests(RuleBasedStateMachine):
    """
    What is asked of a registry, and what it should answer.
    """

    #: Gives a registry that holds nothing.
    opening: Callable[[], Place]
    place: Place

    @initialize()
    def begin(self) -> None:
        """
        Begin with nothing.
        """
        self.place = self.opening()
        self.ask = Asking(self.place.send, self.place.base)
        self.model: dict[str, Repository] = {}
        #: By number: where it is now, its repository, and what it has.
        self.uploads: dict[int, tuple[str, str, bytes]] = {}

    def teardown(self) -> None:
        """
        Give up the registry.
        """
        if hasattr(self, "place"):
            self.place.close()

    @rule(name=NAMES, data=BLOBS, algorithm=ALGORITHMS)
    def push_blob(self, name: str, data: bytes, algorithm: str) -> None:
        """
        Push a blob, in one request where that is known.
        """
        digest = named(data, algorithm if self.place.strict else "sha256")
        if self.place.strict:
            response = self.ask("POST", f"{self.path(name)}/blobs/uploads/?digest={digest}", data)
        else:
            response = self._end(self.begun(name), digest, data)
        assert response.status == 201
        self.held(name).blobs[digest] = data

    @rule(name=NAMES)
    def begin_upload(self, name: str) -> None:
        """
        Begin an upload, which is nothing yet.
        """
        self.uploads[max(self.uploads, default=0) + 1] = (self.begun(name), name, b"")

    @precondition(lambda self: self.uploads)
    @rule(pick=PICKS, data=BLOBS, late=st.integers(-1, 1))
    def push_chunk(self, pick: int, data: bytes, late: int) -> None:
        """
        Add a chunk to an upload, sometimes where it does not belong.
        """
        number = picked(sorted(self.uploads), pick)
        location, name, before = self.uploads[number]
        late = late if self.place.strict else 0
        start = len(before) + late
        if not data or start < 0:
            return
        headers = {"Content-Range": f"{start}-{start + len(data) - 1}"}
        response = self.ask("PATCH", location, data, headers)
        assert response.status == (416 if late else 202)
        if not late:
            self.uploads[number] = (response.headers.get("Location"), name, before + data)

    @precondition(lambda self: self.uploads)
    @rule(pick=PICKS, right=st.booleans(), algorithm=ALGORITHMS)
    def finish_upload(self, pick: int, right: bool, algorithm: str) -> None:
        """
        End an upload, rightly or not.
        """
        location, name, data = self.uploads.pop(picked(sorted(self.uploads), pick))
        digest = named(data if right else data + b"x", algorithm if self.place.strict else "sha256")
        assert self._end(location, digest).status == (201 if right else 400)
        if right:
            self.held(name).blobs[digest] = data

    @precondition(lambda self: self.uploads)
    @rule(pick=PICKS)
    def cancel_upload(self, pick: int) -> None:
        """
        Give an upload up.
        """
        location, _, _ = self.uploads.pop(picked(sorted(self.uploads), pick))
        assert self.ask("DELETE", location).status == 204
        assert self.ask("GET", location).status == 404

    @rule(name=NAMES, source=st.none() | NAMES, data=BLOBS, algorithm=ALGORITHMS)
    def mount(self, name: str, source: str | None, data: bytes, algorithm: str) -> None:
        """
        Mount a blob, from one repository or from wherever it is.
        """
        if not self.place.strict and source is None:
            return
        digest = named(data, algorithm if self.place.strict else "sha256")
        sources = self.model if source is None else {source: self.held(source)}
        there = any(digest in each.blobs for each in sources.values())
        where = "" if source is None else f"&from={self.place.prefix}{source}"
        path = f"{self.path(name)}/blobs/uploads/?mount={digest}{where}"
        response = self.ask("POST", path)
        assert response.status in ((201 if there else 202), 201 if not self.place.strict else 0)
        if response.status == 201:
            self.held(name).blobs[digest] = data

    @rule(
        name=NAMES,
        layers=st.lists(BLOBS, max_size=2),
        tags=st.sets(TAGS, max_size=2),
        about=st.none() | BLOBS,
        algorithm=ALGORITHMS,
        whole=st.booleans(),
    )
    def push_image(
        self,
        name: str,
        layers: list[bytes],
        tags: set[str],
        about: bytes | None,
        algorithm: str,
        whole: bool,
    ) -> None:
        """
        Push an image by digest with some tags; it needs its blobs, and may come with them.
        """
        needed = {named(data) for data in (*layers, b"{}")}
        for data in sorted({*layers, b"{}"}) if whole else ():
            self._end(self.begun(name), named(data), data)
            self.held(name).blobs[named(data)] = data
        if not self.place.strict and not needed <= self.held(name).blobs.keys():
            return
        raw = image(layers, about if self.place.strict else None)
        kept = needed | ({named(about)} if about is not None else set())
        self._put(name, raw, media.OCI_MANIFEST, tags, kept, about, algorithm)

    @rule(name=NAMES, picks=st.sets(st.integers(0, 5), max_size=3), tags=st.sets(TAGS, max_size=1))
    def push_index(self, name: str, picks: set[int], tags: set[str]) -> None:
        """
        Push an index of manifests that are there, indexes among them.
        """
        held = sorted(self.held(name).manifests.items())
        children = [
            {"mediaType": kind, "digest": digest, "size": len(raw)}
            for digest, (raw, kind, _) in (held[pick] for pick in sorted(picks) if pick < len(held))
        ]
        needed = {str(child["digest"]) for child in children}
        self._put(name, index(children), media.OCI_INDEX, tags, needed, None, "sha256")

    @precondition(lambda self: any(each.manifests for each in self.model.values()))
    @rule(pick=PICKS, tag=TAGS)
    def tag(self, pick: int, tag: str) -> None:
        """
        Push a manifest that is there again, by a tag: it is then tagged by its sha256.
        """
        name, digest = picked(self.all_of("manifests"), pick)
        held = self.model[name]
        raw, kind, about = held.manifests[digest]
        response = self._push(name, tag, raw, kind)
        if self.lacks(name, raw):
            self._expect_missing(response)
            return
        assert response.status == 201
        held.needed[named(raw)] = held.needed[digest]
        held.manifests[named(raw)] = (raw, kind, about)
        held.tags[tag] = named(raw)

    @precondition(lambda self: self.place.strict)
    @rule(pick=PICKS)
    def delete_tag(self, pick: int) -> None:
        """
        Delete a tag alone.
        """
        name, tag = picked([*self.all_of("tags"), ("a", "none")], pick)
        there = self.held(name).tags.pop(tag, None) is not None
        response = self.ask("DELETE", f"{self.path(name)}/manifests/{tag}")
        assert response.status == (202 if there else 404)

    @precondition(lambda self: self.place.strict)
    @rule(pick=PICKS)
    def delete_manifest(self, pick: int) -> None:
        """
        Delete a manifest with all its tags.
        """
        name, digest = picked([*self.all_of("manifests"), ("a", named(b"none"))], pick)
        there = self.held(name).drop(digest)
        response = self.ask("DELETE", f"{self.path(name)}/manifests/{digest}")
        assert response.status == (202 if there else 404)

    @precondition(lambda self: self.place.strict)
    @rule(pick=PICKS)
    def delete_blob(self, pick: int) -> None:
        """
        Delete a blob of one repository.
        """
        name, digest = picked([*self.all_of("blobs"), ("a", named(b"none"))], pick)
        there = self.held(name).blobs.pop(digest, None) is not None
        response = self.ask("DELETE", f"{self.path(name)}/blobs/{digest}")
        assert response.status == (202 if there else 404)

    @precondition(lambda self: self.place.collect is not None)
    @rule()
    def collect(self) -> None:
        """
        Remove garbage, when all pushes were long ago.
        """
        assert self.place.collect is not None
        self.place.collect()
        for held in self.model.values():
            held.collect()

    @precondition(lambda self: self.place.restart is not None)
    @rule()
    def restart(self) -> None:
        """
        Kill it, and go on with what it kept.
        """
        assert self.place.restart is not None
        self.ask = Asking(self.place.restart(), self.place.base)

    @invariant()
    def all_agrees(self) -> None:
        """
        All that is there, and all that is listed, is what the model has.
        """
        assert_lists(self.ask, self.place, self.model)
        assert_content(self.ask, self.place, self.model)
        if self.place.strict:
            assert_referrers(self.ask, self.place, self.model)
            for location, _, data in self.uploads.values():
                told = self.ask("GET", location).headers.get("Range")
                assert told == f"0-{max(len(data) - 1, 0)}"

    def held(self, name: str) -> Repository:
        return self.model.setdefault(name, Repository())

    def all_of(self, what: str) -> list[tuple[str, str]]:
        found = ((name, each) for name, held in self.model.items() for each in getattr(held, what))
        return sorted(found)

    def path(self, name: str) -> str:
        return f"/v2/{self.place.prefix}{name}"

    def begun(self, name: str) -> str:
        response = self.ask("POST", f"{self.path(name)}/blobs/uploads/")
        assert response.status == 202
        return response.headers.get("Location")

    def _end(self, location: str, digest: str, data: bytes = b"") -> Response:
        sign = "&" if "?" in location else "?"
        return self.ask("PUT", f"{location}{sign}digest={digest}", data)

    def _push(self, name: str, reference: str, raw: bytes, kind: str) -> Response:
        headers = {"Content-Type": kind}
        return self.ask("PUT", f"{self.path(name)}/manifests/{reference}", raw, headers)

    def lacks(self, name: str, raw: bytes) -> bool:
        read = json.loads(raw)
        parts = [*read.get("layers", ()), *read.get("manifests", ())]
        parts += [read["config"]] if "config" in read else []
        there = self.held(name).blobs.keys() | self.held(name).manifests.keys()
        return any(part["digest"] not in there for part in parts)

    def _expect_missing(self, response: Response) -> None:
        assert response.status in (400, 404)
        with response.body as body:
            codes = [each["code"] for each in json.loads(body.read())["errors"]]
        assert not self.place.strict or set(codes) == {"MANIFEST_BLOB_UNKNOWN"}

    def _put(
        self,
        name: str,
        raw: bytes,
        kind: str,
        tags: set[str],
        needed: set[str],
        about: bytes | None,
        algorithm: str,
    ) -> None:
        held, strict = self.held(name), self.place.strict
        digest = named(raw, algorithm if strict else "sha256")
        query = "&".join(f"tag={tag}" for tag in sorted(tags)) if strict else ""
        response = self._push(name, f"{digest}?{query}" if query else digest, raw, kind)
        if self.lacks(name, raw):
            self._expect_missing(response)
            return
        assert response.status == 201
        assert not strict or response.headers.all("OCI-Tag") == sorted(tags)
        held.manifests[digest] = (raw, kind, "" if about is None or not strict else named(about))
        held.needed[digest] = needed
        if strict:
            held.tags.update(dict.fromkeys(tags, digest))


def picked(items: Sequence[T], pick: int) -> T:
    return items[pick % len(items)]
