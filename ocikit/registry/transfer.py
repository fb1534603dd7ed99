"""
A plan, carried out in a registry: blobs in parallel, then manifests, tags last.
"""

from __future__ import annotations

from collections.abc import Iterable

from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.http import answers
from ocikit.progress import Event, Update
from ocikit.query.plan import Plan, PutBlob, PutManifest, PutTag
from ocikit.registry.blobs import put_blob
from ocikit.registry.manifests import Stored, probe, put
from ocikit.registry.parallel import each
from ocikit.registry.referrers import list_under_subject
from ocikit.registry.schema1 import identity
from ocikit.registry.target import Target


def carry_out(plan: Plan, target: Target) -> None:
    """
    Do the steps of a plan, up to the client's `jobs` at once.

    A manifest that is there already, by its digest, is taken to have all that it needs.
    What is tagged is put under its tags and not once more by its digest. The first
    error stops the rest and is raised when all parts have ended.

    Raises:
        Corrupt, Missing, Unreachable: a source could not give what is needed.
        Refused, Unreachable: the registry could not take it.
    """
    tags = _tags(plan)
    manifests = [step for step in plan.steps if isinstance(step, PutManifest)]
    absent = _absent(manifests, tags, target)
    blobs = _needed(plan, manifests, absent)
    target.report(Update(event=Event.PLANNED, bytes=sum(blob.size for blob in blobs)))
    jobs = target.client.jobs
    each(lambda blob: put_blob(target, blob), _by_work(blobs, target), jobs, target.stop)
    unlisted: list[Content] = []
    for level in _levels(absent):
        each(lambda step: _put(step.content, tags, target, unlisted), level, jobs, target.stop)
    # One at a time: two may have one subject, whose list is read and then written.
    for content in unlisted:
        list_under_subject(content, target)


def _tags(plan: Plan) -> dict[Digest, list[str]]:
    tags: dict[Digest, list[str]] = {}
    for step in plan.steps:
        if isinstance(step, PutTag):
            tags.setdefault(step.digest, []).append(step.tag)
    return tags


def _absent(
    manifests: list[PutManifest], tags: dict[Digest, list[str]], target: Target
) -> list[PutManifest]:
    """
    Find the manifests that have to be put; those with a tag have to be in any case.
    """
    there: set[Digest] = set()
    # The last is what all this is for, and was asked for before the plan was made.
    asked = [step for step in manifests[:-1] if step.content.digest not in tags]

    def ask(step: PutManifest) -> None:
        digest = step.content.digest
        found = probe(target.access, str(digest))
        if found is not None and found.digest == digest:
            there.add(digest)
            target.report(Update(event=Event.EXISTS, digest=digest))

    each(ask, asked, target.client.jobs, target.stop)
    return [step for step in manifests if step.content.digest not in there]


def _needed(plan: Plan, manifests: list[PutManifest], absent: list[PutManifest]) -> list[Blob]:
    claimed = {digest for step in manifests for digest in step.needs}
    needed = {digest for step in absent for digest in step.needs}
    steps = (step for step in plan.steps if isinstance(step, PutBlob))
    return [s.blob for s in steps if s.blob.digest in needed or s.blob.digest not in claimed]


def _by_work(blobs: Iterable[Blob], target: Target) -> list[Blob]:
    """
    Put first what takes longest, so that nothing is left to be waited for alone.

    That is what is large; but what this registry has elsewhere is one request, and no byte.
    """
    here = target.repository.registry

    def work(blob: Blob) -> tuple[bool, int]:
        return blob.origin is not None and blob.origin.registry == here, -blob.size

    return sorted(blobs, key=work)


def _levels(steps: list[PutManifest]) -> list[list[PutManifest]]:
    """
    Part manifests so that each comes after all that it needs.
    """
    level: dict[Digest, int] = {}
    for step in steps:
        level[step.content.digest] = 1 + max((level.get(need, 0) for need in step.needs), default=0)
    parts: list[list[PutManifest]] = [[] for _ in range(max(level.values(), default=0))]
    for step in steps:
        parts[level[step.content.digest] - 1].append(step)
    return parts


def _put(
    content: Content, tags: dict[Digest, list[str]], target: Target, unlisted: list[Content]
) -> None:
    target.stop.check()
    names = tags.get(content.digest, [])
    for name in names or [str(identity(content))]:
        if not _put_as(content, name, target):
            unlisted.append(content)
        if names:
            target.report(Update(event=Event.TAGGED, digest=content.digest, name=name))
    target.report(Update(event=Event.DONE, digest=content.digest))


def _put_as(content: Content, identifier: str, target: Target) -> bool:
    """
    Put a manifest; tell whether the registry lists it under its subject by itself.
    """
    stored = Stored(_bytes(content), content.media_type, identity(content))
    return answers.subject_of(put(target.access, identifier, stored)) is not None


def _bytes(content: Content) -> bytes:
    return content.document.raw if isinstance(content, Image | Index) else content.content
