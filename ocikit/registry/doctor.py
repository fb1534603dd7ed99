"""
Examine a registry: what it can do, and where it goes its own way.

Each question is asked once, and nothing is written unless that is asked for: see
`ocikit.registry.doctor_write`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ocikit.digest import Digest
from ocikit.http import routes
from ocikit.http.answers import digest_of
from ocikit.http.challenge import challenges_of
from ocikit.http.message import Headers, Request
from ocikit.name.records import Registry, Repository
from ocikit.registry.client import Client
from ocikit.registry.probing import Answer, Checked, Patient, Verdict, carefully, watched
from ocikit.registry.session import reach, reach_registry
from ocikit.spec.gojson import JSONInvalid, loads

#: A tag and a digest that nobody has.
_NOWHERE: Final = "ocikit-doctor-looks-for-what-is-not-there"
_NOTHING: Final = Digest.of(b"ocikit doctor looks for what is not there")
_MEMBER: Final = {"registry": "repositories", "repository": "tags"}


def examine(
    place: Registry | Repository, *, client: Client | None = None, tag: str = ""
) -> Iterator[Checked]:
    """
    Find out how a registry answers what only reads; each finding comes as soon as it is there.

    Args:
        place: a registry, or a repository of it, of which more can be found out.
        client: how to reach it.
        tag: of the repository, to look at; the first that it lists if empty.

    Raises:
        Unreachable: nobody answers.

    >>> from ocikit.name.parse import parse_registry
    >>> from ocikit.server.handler import registry
    >>> found = examine(parse_registry("localhost"), client=Client(send=registry()))
    >>> [str(each.name) for each in found][:2]
    ['api', 'auth']
    """
    client, watch = watched(client or Client())
    if isinstance(place, Registry):
        patient = Patient(access=reach_registry(client, place), watch=watch)
        yield from _door(patient)
        yield from carefully("catalog", lambda: _listed(patient, "catalog", "registry"))
        return
    patient = Patient(access=reach(client, place), watch=watch)
    yield from _door(patient)
    yield from carefully("tags", lambda: _listed(patient, "tags", "repository"))
    yield from carefully("manifest", lambda: _manifest(patient, tag or _first_tag(patient)))
    yield from carefully("errors", lambda: _missing(patient))


def _door(patient: Patient) -> Iterator[Checked]:
    answer = patient.ask(routes.ping(patient.access.base))
    version = answer.header("Docker-Distribution-Api-Version")
    server = answer.header("Server")
    said = [patient.access.base, version, f"Server: {server}" if server else ""]
    ok = answer.status == 200
    detail = "; ".join(filter(None, said if ok else [*said[:1], answer.said()]))
    yield Checked(name="api", verdict="yes" if ok else "no", detail=detail)
    # A challenge may have come long ago, when it was found out where the registry is.
    asked = [response.headers for _, response in patient.watch.seen if response.status == 401]
    found = [each for headers in asked for each in challenges_of(headers)]
    schemes = ", ".join(dict.fromkeys(each.scheme for each in found)) or "none"
    realm = next(
        (each.parameters.get("realm", "") for each in found if "bearer" in each.scheme), ""
    )
    yield Checked(
        name="auth",
        verdict="odd" if len(dict.fromkeys(each.scheme for each in found)) > 1 else "yes",
        detail=f"{schemes}, tokens from {realm}" if realm else schemes,
    )


def _listed(patient: Patient, name: str, of: str) -> Iterator[Checked]:
    access = patient.access
    answer = patient.ask(
        routes.get_catalog(access.base, n=1)
        if of == "registry"
        else routes.get_tags(access.base, access.path, n=1)
    )
    if answer.status != 200:
        yield Checked(name=name, verdict="no", detail=answer.said())
        return
    items = _list(answer, _MEMBER[of])
    yield Checked(name=name, verdict="odd" if items is None else "yes", detail=_many(items))
    odd = [each for each in items or [] if not isinstance(each, str) or ":" in each]
    if odd:
        detail = "null or digests are among them"
        yield Checked(name=f"{name} are names", verdict="no", detail=detail)
    verdict, detail = _paging(items or [], answer)
    yield Checked(name=f"{name} by page", verdict=verdict, detail=detail)


def _many(items: Any) -> str:
    return "no list where there are none" if items is None else ""


def _paging(items: list[Any], answer: Answer) -> tuple[Verdict, str]:
    if len(items) > 1:
        return "no", f"asked for one, it gave {len(items)}"
    if answer.header("Link"):
        return "yes", "by Link"
    return "unknown", "there are too few to tell"


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = loads(answer.raw)
    except JSONInvalid:
        return {}
    return found if isinstance(found, dict) else {}


def _list(answer: Answer, member: str) -> list[Any] | None:
    found = _object(answer).get(member)
    return found if isinstance(found, list) else None


def _first_tag(patient: Patient) -> str:
    access = patient.access
    found = _list(patient.ask(routes.get_tags(access.base, access.path, n=1)), "tags")
    names = [each for each in found or [] if isinstance(each, str) and ":" not in each]
    return names[0] if names else ""


def _manifest(patient: Patient, tag: str) -> Iterator[Checked]:
    access = patient.access
    if not tag:
        yield Checked(name="manifest", verdict="unknown", detail="there is no tag to look at")
        return
    answer = patient.ask(routes.get_manifest(access.base, access.path, tag))
    if answer.status != 200:
        yield Checked(name="manifest", verdict="no", detail=answer.said())
        return
    kind = answer.header("Content-Type")
    yield Checked(name="manifest", verdict="yes", detail=f"{tag}: {kind}")
    digest = Digest.of(answer.raw)
    yield _told("digest of GET", answer, digest)
    if encoding := answer.header("Content-Encoding"):
        yield Checked(name="bytes as they are", verdict="odd", detail=f"packed: {encoding}")
    head = patient.ask(routes.head_manifest(access.base, access.path, tag))
    if head.status == 200:
        yield _told("digest of HEAD", head, digest)
    else:
        yield Checked(name="digest of HEAD", verdict="no", detail=str(head.status))
    bare = patient.ask(routes.get_manifest(access.base, access.path, tag, accept=("*/*",)))
    if Digest.of(bare.raw) != digest:
        detail = f"to */* it answers {bare.header('Content-Type') or bare.status}"
        yield Checked(name="any type", verdict="odd", detail=detail)
    yield from _blob(patient, answer)
    yield from _referrers(patient, digest)


def _told(name: str, answer: Answer, digest: Digest) -> Checked:
    told = digest_of(answer.response.headers)
    if told is None:
        return Checked(name=name, verdict="no", detail="Docker-Content-Digest is not said")
    return Checked(name=name, verdict="yes" if told == digest else "odd", detail=str(told)[:19])


def _blob(patient: Patient, manifest: Answer) -> Iterator[Checked]:
    config = _object(manifest).get("config")
    found = config.get("digest") if isinstance(config, dict) else None
    if not isinstance(found, str):
        return
    access, digest = patient.access, Digest.parse(found)
    head = patient.ask(routes.head_blob(access.base, access.path, digest))
    yield Checked(
        name="HEAD of a blob",
        verdict="yes" if head.status == 200 else "no",
        detail=str(head.status),
    )
    whole = routes.get_blob(access.base, access.path, digest)
    part = patient.ask(routes.part_of(whole, 1))
    ranged = part.status == 206
    detail = "" if ranged else f"{part.status}: all of it comes"
    yield Checked(name="ranges of blobs", verdict="yes" if ranged else "no", detail=detail)
    if place := patient.elsewhere(part):
        yield Checked(name="blobs from elsewhere", verdict="yes", detail=f"redirected to {place}")


def _referrers(patient: Patient, digest: Digest) -> Iterator[Checked]:
    access = patient.access
    answer = patient.ask(routes.get_referrers(access.base, access.path, digest))
    ok = answer.status == 200
    detail = "" if ok else f"{answer.status}: clients keep a list under a tag"
    yield Checked(name="referrers API", verdict="yes" if ok else "no", detail=detail)


def _missing(patient: Patient) -> Iterator[Checked]:
    access = patient.access
    head = patient.ask(routes.head_manifest(access.base, access.path, _NOWHERE))
    yield Checked(
        name="HEAD of what is not",
        verdict="yes" if head.status == 404 else "odd",
        detail=str(head.status),
    )
    for name, request in (
        ("code of no manifest", routes.get_manifest(access.base, access.path, _NOWHERE)),
        ("code of no blob", routes.get_blob(access.base, access.path, _NOTHING)),
    ):
        yield _code(name, request, patient)


def _code(name: str, request: Request, patient: Patient) -> Checked:
    answer = patient.ask(Request(method="GET", url=request.url, headers=Headers(request.headers)))
    wanted = "MANIFEST_UNKNOWN" if "manifest" in name else "BLOB_UNKNOWN"
    fine = answer.status == 404 and wanted in answer.error().codes
    return Checked(name=name, verdict="yes" if fine else "odd", detail=answer.said())
