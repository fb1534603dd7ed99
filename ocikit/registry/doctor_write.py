"""
Examine how a registry is written to, in a repository for that: what is written there is
deleted again, as far as the registry deletes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit import media
from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.http import routes
from ocikit.http.answers import chunk_minimum_of, offset_of, subject_of, upload_location
from ocikit.http.message import body_of
from ocikit.http.origin import origin_of
from ocikit.http.scope import DELETE, PUSH
from ocikit.name.records import Repository
from ocikit.registry.client import Client
from ocikit.registry.probing import Answer, Checked, Patient, carefully, watched
from ocikit.registry.session import reach
from ocikit.spec.gojson import dumps

_BEGUN: Final = (202,)
_PUT: Final = (201, 204)
_GONE: Final = (200, 202, 204)
#: The most that is sent as a chunk, in bytes.
_MOST_CHUNK: Final = 16 << 20
#: Sizes of manifests that are tried when limits are asked for, in bytes.
_SIZES: Final = (1 << 20, 4 << 20, 8 << 20)


def examine_writes(
    repository: Repository, *, client: Client | None = None, salt: str, limits: bool = False
) -> Iterator[Checked]:
    """
    Find out how a registry takes blobs and manifests, and deletes them.

    Args:
        repository: where to write; nothing that is there is touched.
        client: how to reach it.
        salt: a text that nobody used before: names and contents are made of it.
        limits: try how large a manifest and a chunk may be as well.

    Raises:
        Unreachable: nobody answers.
    """
    client, watch = watched(client or Client())
    actions = tuple(dict.fromkeys((*PUSH, *DELETE)))
    patient = Patient(access=reach(client, repository, actions), watch=watch)
    writer = _Writer(patient, salt)
    try:
        yield from _written(writer, limits=limits)
    except BaseException:
        # Who stops it half-way wants nothing left behind either.
        list(carefully("deletes", writer.deletes))
        raise
    yield from carefully("deletes", writer.deletes)


def _written(writer: _Writer, *, limits: bool) -> Iterator[Checked]:
    for name, check in (
        ("upload in one request", writer.in_one),
        ("upload in two", writer.in_two),
        ("upload by chunks", writer.by_chunks),
        ("upload given up", writer.given_up),
        ("mount", writer.mounts),
        ("manifest put", writer.manifests),
    ):
        yield from carefully(name, check)
    if limits:
        yield from carefully("size of chunks", writer.large_chunks)
        yield from carefully("size of manifests", writer.large_manifests)


class _Writer:
    def __init__(self, patient: Patient, salt: str) -> None:
        self._patient, self._salt = patient, salt
        self._base, self._path = patient.access.base, patient.access.path
        self._tag = f"ocikit-doctor-{salt}"
        #: What was taken, by digest: sizes in bytes, in order.
        self._blobs: dict[Digest, int] = {}
        self._manifests: dict[Digest, int] = {}

    def _data(self, name: str, size: int = 0) -> bytes:
        return f"ocikit doctor {name} {self._salt}\n".encode().ljust(size, b".")

    def _begin(self) -> Answer:
        return self._patient.ask(routes.start_upload(self._base, self._path))

    def _place(self, answer: Answer) -> str:
        return upload_location(answer.request, answer.response)

    def _kept(self, answer: Answer, data: bytes) -> bool:
        if answer.status in _PUT:
            self._blobs[Digest.of(data)] = len(data)
        return answer.status in _PUT

    def _give_up(self, place: str) -> Answer:
        # A registry keeps what was begun for days.
        return self._patient.ask(routes.cancel_upload(place))

    def in_one(self) -> Iterator[Checked]:
        """
        A blob by one POST.
        """
        name, data = "upload in one request", self._data("one")
        digest = Digest.of(data)
        answer = self._patient.ask(routes.post_blob(self._base, self._path, digest, body_of(data)))
        if self._kept(answer, data):
            yield Checked(name=name, verdict="yes")
        elif answer.status in _BEGUN:
            self._give_up(self._place(answer))
            yield Checked(name=name, verdict="no", detail="it begins an upload instead")
        else:
            yield Checked(name=name, verdict="no", detail=answer.said())

    def in_two(self) -> Iterator[Checked]:
        """
        A blob by POST and PUT.
        """
        name, data = "upload in two", self._data("two")
        begun = self._begin()
        if begun.status not in _BEGUN:
            yield Checked(name=name, verdict="no", detail=begun.said())
            return
        place = self._place(begun)
        answer = self._patient.ask(routes.finish_upload(place, Digest.of(data), body_of(data)))
        fine = self._kept(answer, data)
        if not fine:
            self._give_up(place)
        yield Checked(
            name=name, verdict="yes" if fine else "no", detail="" if fine else answer.said()
        )
        given = begun.header("Location")
        absolute = given.partition("/v2/")[0] if "://" in given else "relative"
        yield Checked(name="place of uploads", verdict="yes", detail=self._where(place, absolute))

    def _where(self, place: str, absolute: str) -> str:
        host = origin_of(place).host
        if host != self._patient.host:
            return f"on {host}"
        return absolute if absolute == "relative" else "absolute"

    def by_chunks(self) -> Iterator[Checked]:
        """
        A blob by two chunks, of the least size if the registry names one.
        """
        name, begun = "upload by chunks", self._begin()
        if begun.status not in _BEGUN:
            return
        least = chunk_minimum_of(begun.response.headers)
        if least:
            yield Checked(name="least chunk", verdict="yes", detail=f"{least} bytes")
        first = self._data("chunk", min(least, _MOST_CHUNK))
        place = self._place(begun)
        sent = self._patient.ask(routes.patch_upload(place, body_of(first), start=0))
        if sent.status not in (202, 201, 204):
            self._give_up(place)
            yield Checked(name=name, verdict="no", detail=sent.said())
            return
        rest = b"the rest"
        place = self._place(sent)
        second = self._patient.ask(
            routes.finish_upload(place, Digest.of(first + rest), body_of(rest), start=len(first))
        )
        fine = self._kept(second, first + rest)
        if not fine:
            self._give_up(place)
        detail = "" if fine else second.said()
        if fine and sent.status != 202:
            detail = f"a chunk is answered {sent.status}"
        odd = fine and sent.status != 202
        yield Checked(name=name, verdict="odd" if odd else "yes" if fine else "no", detail=detail)
        told = offset_of(sent.response.headers)
        if told != len(first):
            detail = f"after {len(first)} bytes it said {sent.header('Range') or 'nothing'}"
            yield Checked(name="range of uploads", verdict="odd", detail=detail)

    def given_up(self) -> Iterator[Checked]:
        """
        An upload that is not wanted any more.
        """
        begun = self._begin()
        if begun.status not in _BEGUN:
            return
        answer = self._give_up(self._place(begun))
        fine = answer.status in _GONE
        detail = "" if fine else answer.said()
        yield Checked(name="upload given up", verdict="yes" if fine else "no", detail=detail)

    def mounts(self) -> Iterator[Checked]:
        """
        A blob that is there, from where it is, and without saying from where.
        """
        if not self._blobs:
            return
        for name, source in (("mount", self._path), ("mount without from", "")):
            request = routes.start_upload(
                self._base, self._path, mount=next(iter(self._blobs)), source=source
            )
            answer = self._patient.ask(request)
            if answer.status == 201:
                yield Checked(name=name, verdict="yes")
            elif answer.status in _BEGUN:
                self._give_up(self._place(answer))
                yield Checked(name=name, verdict="no", detail="it begins an upload instead")
            else:
                yield Checked(name=name, verdict="no", detail=answer.said())

    def manifests(self) -> Iterator[Checked]:
        """
        Manifests of both families, and one about another.
        """
        if not self._blobs:
            yield Checked(name="manifest put", verdict="unknown", detail="no blob was taken")
            return
        for name, kind, config in (
            ("OCI manifests", media.OCI_MANIFEST, media.OCI_CONFIG),
            ("Docker manifests", media.DOCKER_MANIFEST, media.DOCKER_CONFIG),
        ):
            answer = self._put(self._manifest(kind, config), kind, self._tag)
            fine = answer.status in _PUT
            detail = "" if fine else answer.said()
            yield Checked(name=name, verdict="yes" if fine else "no", detail=detail)
        if not self._manifests:
            return
        raw = self._manifest(media.OCI_MANIFEST, media.OCI_CONFIG, about=True)
        answer = self._put(raw, media.OCI_MANIFEST, str(Digest.of(raw)))
        fine = answer.status in _PUT and subject_of(answer.response.headers) is not None
        detail = "" if fine else f"{answer.status}, without OCI-Subject"
        yield Checked(name="subjects", verdict="yes" if fine else "no", detail=detail)

    def _manifest(self, kind: str, config: str, *, about: bool = False, padding: int = 0) -> bytes:
        blob, size = next(iter(self._blobs.items()))
        described = {"mediaType": config, "digest": str(blob), "size": size}
        said = {"schemaVersion": 2, "mediaType": kind, "config": described, "layers": []}
        if about:
            digest, length = next(iter(self._manifests.items()))
            subject = {"mediaType": media.OCI_MANIFEST, "digest": str(digest), "size": length}
            said["subject"] = subject
        if padding:
            said["annotations"] = {"example.padding": "." * padding}
        return dumps(said)

    def _put(self, raw: bytes, kind: str, identifier: str) -> Answer:
        answer = self._patient.ask(
            routes.put_manifest(self._base, self._path, identifier, raw, kind)
        )
        if answer.status in _PUT:
            self._manifests[Digest.of(raw)] = len(raw)
        return answer

    def large_chunks(self) -> Iterator[Checked]:
        """
        How large a chunk may be, up to what is sent as one.
        """
        for size in (4 << 20, 5 << 20, _MOST_CHUNK):
            begun = self._begin()
            if begun.status not in _BEGUN:
                return
            data = self._data("large", size)
            place = self._place(begun)
            sent = self._patient.ask(routes.patch_upload(place, body_of(data), start=0))
            fine = sent.status in (202, 201, 204)
            self._give_up(self._place(sent) if fine else place)
            if not fine:
                detail = f"{size} bytes are too many: {sent.said()}"
                yield Checked(name="size of chunks", verdict="odd", detail=detail)
                return
        detail = f"{_MOST_CHUNK} bytes are taken"
        yield Checked(name="size of chunks", verdict="yes", detail=detail)

    def large_manifests(self) -> Iterator[Checked]:
        """
        How large a manifest may be, up to what clients take.
        """
        if not self._blobs:
            yield Checked(name="size of manifests", verdict="unknown", detail="no blob was taken")
            return
        taken = 0
        for size in _SIZES:
            raw = self._manifest(media.OCI_MANIFEST, media.OCI_CONFIG, padding=size - 1024)
            answer = self._put(raw, media.OCI_MANIFEST, self._tag)
            if answer.status not in _PUT:
                detail = f"{taken} bytes are taken, {size} are not: {answer.said()}"
                yield Checked(name="size of manifests", verdict="odd", detail=detail)
                return
            taken = size
        yield Checked(name="size of manifests", verdict="yes", detail=f"{taken} bytes are taken")

    def deletes(self) -> Iterator[Checked]:
        """
        The tag alone, the manifests, and the blobs; what stays is told.
        """
        if self._manifests:
            # What is left of it goes with the manifests.
            yield evolve(self._deleted("deletes of tags", [self._tag]), left=0)
            yield self._deleted("deletes of manifests", [*map(str, reversed(self._manifests))])
        if self._blobs:
            yield self._deleted("deletes of blobs", [], [*self._blobs])

    def _deleted(self, name: str, known: list[str], blobs: list[Digest] | None = None) -> Checked:
        requests = [
            *(routes.delete_manifest(self._base, self._path, each) for each in known),
            *(routes.delete_blob(self._base, self._path, each) for each in blobs or ()),
        ]
        answers: list[Answer] = []
        for request in requests:
            try:
                answers.append(self._patient.ask(request))
            except OciError as error:
                return Checked(name=name, verdict="unknown", detail=str(error)[:120])
        # With a tag some registries delete what it names, which then is not there.
        left = [each for each in answers if each.status not in (*_GONE, 404)]
        if not left:
            return Checked(name=name, verdict="yes")
        return Checked(name=name, verdict="no", detail=left[0].said(), left=len(left))
