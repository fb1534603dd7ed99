"""
Several things to several places of registries, each piece once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Reference, Registry, Repository
from ocikit.progress import Event, Report, Update, quiet
from ocikit.query.plan import Plan, PutBlob, PutTag, Step
from ocikit.registry.client import Client
from ocikit.registry.flush import check_digest, plan_for
from ocikit.registry.manifests import probe
from ocikit.registry.parallel import Stop, one_at_a_time
from ocikit.registry.referrers import see_that_it_is_listed
from ocikit.registry.schema1 import identity
from ocikit.registry.session import reach
from ocikit.registry.target import Target
from ocikit.registry.transfer import carry_out

Named = tuple[Reference, Content]


def flush_all(
    contents: Mapping[str, Content] | Mapping[Reference, Content],
    *,
    client: Client | None = None,
    report: Report = quiet,
    foreign: bool = False,
) -> tuple[Pinned, ...]:
    """
    Put images and indexes into registries, each under a tag or its digest.

    What they share is put once into a repository, and mounted in the others of the same
    registry. The tags of a repository come after all that is put there.

    Args:
        contents: what to put where.
        client: how to reach the registries.
        report: told what happens, from several threads but one at a time.
        foreign: whether layers that are not to be distributed are sent too.

    Returns:
        The references by digest, in the same order.

    Raises:
        NameInvalid: a reference cannot be read; then nothing was put.
        OtherDigest: one is by the digest of something else; then nothing was put.
        Corrupt, Missing: a source does not have what it should.
        Refused: a registry does not take it.
        Unreachable: a registry, or a source, could not be reached for too long.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> wanted = {"localhost/app:1": IMAGE, "localhost/app:latest": IMAGE}
    >>> len(flush_all(wanted, client=client))
    2
    """
    named: list[Named] = []
    for text, content in contents.items():
        reference = parse_reference(text) if isinstance(text, str) else text
        check_digest(reference, content)
        named.append((reference, content))
    client, report = client or Client(), one_at_a_time(report)
    groups: dict[Repository, list[Named]] = {}
    for reference, content in named:
        groups.setdefault(reference.repository, []).append((reference, content))
    there: dict[tuple[Registry, Digest], Repository] = {}
    for repository, wanted in groups.items():
        _flush(client, repository, wanted, report, foreign, there)
    return tuple(
        reference.repository.pin(identity(content), reference.tag) for reference, content in named
    )


def _flush(
    client: Client,
    repository: Repository,
    wanted: list[Named],
    report: Report,
    foreign: bool,
    there: dict[tuple[Registry, Digest], Repository],
) -> None:
    access = reach(client, repository, PUSH)
    target = Target(client=client, repository=repository, access=access, report=report, stop=Stop())
    plans: list[Plan] = []
    for reference, content in wanted:
        found = probe(access, reference.identifier)
        if found is not None and found.digest == identity(content):
            report(Update(event=Event.EXISTS, digest=content.digest, name=str(reference)))
            see_that_it_is_listed(content, target)
        else:
            plans.append(plan_for(content, reference, foreign))
    merged = _merged(plans, repository, there)
    if merged.steps:
        carry_out(merged, target)
    for blob in merged.blobs:
        there.setdefault((repository.registry, blob.digest), repository)


def _merged(
    plans: Iterable[Plan],
    repository: Repository,
    there: Mapping[tuple[Registry, Digest], Repository],
) -> Plan:
    """
    Make one plan of several: each piece once, the tags last.
    """
    steps: dict[object, Step] = {}
    tags: list[Step] = []
    for step in (step for plan in plans for step in plan.steps):
        if isinstance(step, PutTag):
            tags.append(step)
        elif isinstance(step, PutBlob):
            known = there.get((repository.registry, step.blob.digest))
            blob = step.blob if known is None else _from(step.blob, known)
            steps.setdefault((PutBlob, blob.digest), PutBlob(blob=blob))
        else:
            steps.setdefault(step.content.digest, step)
    return Plan(steps=(*steps.values(), *tags))


def _from(blob: Blob, repository: Repository) -> Blob:
    own = blob.origin is not None and blob.origin.registry == repository.registry
    return blob if own else evolve(blob, origin=repository)
