"""
What a plan would do to a repository, without doing it.
"""

from __future__ import annotations

from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.name.records import Reference
from ocikit.query.plan import Operation, Plan, PutBlob, PutTag, Step
from ocikit.registry.chunks import exists
from ocikit.registry.client import Client
from ocikit.registry.manifests import probe
from ocikit.registry.parallel import Stop, each
from ocikit.registry.session import Access, reach


def survey(
    plan: Plan, reference: Reference, *, client: Client | None = None
) -> tuple[Operation, ...]:
    """
    Tell what each step of a plan comes to; a repository is only asked what it has.

    Args:
        plan: what is to be put.
        reference: where to.
        client: how to reach the registry.

    Raises:
        Refused, Unreachable: the registry said no, or nothing.
    """
    client = client or Client()
    access = reach(client, reference.repository)
    found: dict[int, Operation] = {}

    def look(numbered: tuple[int, Step]) -> None:
        number, step = numbered
        found[number] = _look(access, step, reference)

    each(look, enumerate(plan.steps), client.jobs, Stop())
    return tuple(found[number] for number in sorted(found))


def _look(access: Access, step: Step, reference: Reference) -> Operation:
    if isinstance(step, PutTag):
        there = probe(access, step.tag)
        same = there is not None and there.digest == step.digest
        return Operation(action="exists" if same else "tag", digest=step.digest, name=step.tag)
    if isinstance(step, PutBlob):
        return _blob(access, step, reference)
    content = step.content
    wanted = Operation(action="put", digest=content.digest, media_type=content.media_type)
    if _has(access, content.digest):
        return evolve(wanted, action="exists")
    return evolve(wanted, bytes=content.size)


def _blob(access: Access, step: PutBlob, reference: Reference) -> Operation:
    blob, origin = step.blob, step.mount_from
    wanted = Operation(action="upload", digest=blob.digest, media_type=blob.media_type)
    if exists(access, blob.digest):
        return evolve(wanted, action="exists")
    if origin is not None and origin.registry == reference.repository.registry:
        return evolve(wanted, action="mount", name=str(origin))
    return evolve(wanted, bytes=blob.size)


def _has(access: Access, digest: Digest) -> bool:
    found = probe(access, str(digest))
    return found is not None and found.digest == digest
