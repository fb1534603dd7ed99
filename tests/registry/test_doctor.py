"""
What is found out about registries: those of the profiles, and docker's own.
"""

from __future__ import annotations

import math
import random

import pytest

from ocikit.content import synthetic
from ocikit.content.streams import BytesOpener
from ocikit.http.faults import NameUnknown
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.registry.doctor import examine
from ocikit.registry.doctor_write import examine_writes
from ocikit.registry.flush import flush
from ocikit.registry.list import catalog, tags
from ocikit.registry.probing import Checked
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.quirks.answers import refusal
from ocikit.server.quirks.profiles import PROFILES
from ocikit.testing.wires import Recorder, client
from tests.real.docker_registry import DockerRegistry

IMAGE = synthetic.image(random.Random(1), layers=1)

#: By profile: what is found out about it and not about a registry without quirks.
QUIRKS = {
    "artifact_registry": {"blobs from elsewhere": "yes", "place of uploads": "on artifacts"},
    "artifactory": {"HEAD of what is not": "odd", "blobs from elsewhere": "yes"},
    "distribution": {"mount": "no", "tags by page": "no", "referrers API": "no"},
    "docker_hub": {"blobs from elsewhere": "yes", "deletes of manifests": "no"},
    "ecr": {"digest of GET": "no", "upload by chunks": "odd"},
    "gcr": {"place of uploads": "on storage"},
    "ghcr": {"referrers API": "no", "deletes of manifests": "no", "size of chunks": "odd"},
    "gitlab": {"auth": "https://gitlab.com/jwt/auth"},
    "harbor": {"any type": "odd", "deletes of tags": "no", "code of no manifest": "odd"},
    "nexus": {"tags are names": "no"},
    "odd_tokens": {"auth": "odd"},
    "olareg": {"least chunk": "1024 bytes"},
    "openshift": {"Docker manifests": "no"},
    "quay": {"mount without from": "no"},
    "red_hat": {"digest of GET": "no", "digest of HEAD": "no", "code of no blob": "odd"},
    "zot": {"least chunk": "1048576 bytes"},
}


def found(name: str) -> dict[str, Checked]:
    """
    Examine a profile in all ways; two of its tags name an image.
    """
    held, kind = registry(), PROFILES[name]
    for tag in ("1", "2"):
        flush(f"{kind.host}/team/app:{tag}", IMAGE, client=client(held))
    asked, place = client(kind(held)), parse_repository(f"{kind.host}/team/app")
    read = examine(place, client=asked)
    wrote = examine_writes(place, client=asked, salt="1", limits=name == "ghcr")
    return {each.name: each for each in (*read, *wrote)}


def test_all_profiles_are_told() -> None:
    """
    None without its line above.
    """
    assert set(QUIRKS) == set(PROFILES)


@pytest.mark.parametrize("name", sorted(QUIRKS))
def test_quirks_are_found_out(name: str) -> None:
    """
    What a registry does in its own way is told, by the verdict or in words.
    """
    told = found(name)
    assert told["api"].verdict == "yes"
    for check, wanted in QUIRKS[name].items():
        assert wanted in (told[check].verdict, told[check].detail) or wanted in told[check].detail


def test_profiles_are_told_apart() -> None:
    """
    No two registries are the same to the doctor, whatever they are called.
    """
    seen: dict[tuple[tuple[str, str, str], ...], str] = {}
    for name in sorted(PROFILES):
        host = PROFILES[name].host
        told = tuple(
            (each.name, each.verdict, each.detail.replace(host, "HOST"))
            for each in found(name).values()
        )
        assert seen.setdefault(told, name) == name


def test_nothing_is_wrong_with_ours() -> None:
    """
    A registry without quirks is fine in every way.
    """
    held = registry()
    flush("localhost/app:1", IMAGE, client=client(held))
    flush("localhost/app:2", IMAGE, client=client(held))
    place = parse_repository("localhost/app")
    told = [*examine(place, client=client(held))]
    told += examine_writes(place, client=client(held), salt="1")
    assert [str(each) for each in told if each.verdict != "yes"] == []


def test_reading_changes_nothing_and_asks_once() -> None:
    """
    Nothing but GET and HEAD, each question once.
    """
    held = registry()
    flush("localhost/app:1", IMAGE, client=client(held))
    wire = Recorder(held)
    assert [*examine(parse_repository("localhost/app"), client=client(wire))]
    assert {request.method for request in wire.requests} == {"GET", "HEAD"}
    assert len(wire.requests) < 16
    wire.clear()
    told = [*examine(parse_registry("localhost"), client=client(wire))]
    assert [each.name for each in told] == ["api", "auth", "catalog", "catalog by page"]


def test_what_was_written_is_gone_again() -> None:
    """
    Tags and manifests that were there stay, and no others come.
    """
    held = registry()
    flush("localhost/app:1", IMAGE, client=client(held))
    told = [*examine_writes(parse_repository("localhost/new"), client=client(held), salt="1")]
    assert not sum(each.left for each in told)
    assert [*tags("localhost/app", client=client(held))] == ["1"]
    with pytest.raises(NameUnknown):
        list(tags("localhost/new", client=client(held)))


def test_who_stops_it_leaves_nothing() -> None:
    """
    What was written until then is deleted as at the end.
    """
    held = registry()
    told = examine_writes(parse_repository("localhost/new"), client=client(held), salt="1")
    assert any(each.name == "Docker manifests" for each in told)
    told.close()  # type: ignore[attr-defined]  # it is a generator
    with pytest.raises(NameUnknown):
        list(tags("localhost/new", client=client(held)))


@pytest.mark.parametrize("refused", ["PATCH", "PUT", "none"])
def test_no_upload_stays_open(refused: str) -> None:
    """
    Whatever part of an upload is refused, what was begun is given up.
    """
    storage, begun = Memory(), list[str]()
    held = registry(storage)

    def send(request: Request) -> Response:
        if request.method == refused and "/blobs/uploads/" in request.url:
            begun.append(request.url)
            return refusal(416, "SIZE_INVALID", "a chunk has at most 1 byte")
        return held(request)

    place = parse_repository("localhost/new")
    told = [*examine_writes(place, client=client(send), salt="1", limits=True)]
    assert any(each.verdict == "no" for each in told) is bool(begun)
    assert storage.leftovers(math.inf, math.inf) == []


def test_what_could_not_be_deleted_is_counted() -> None:
    """
    Where nothing is deleted, all stays, and that is told.
    """
    told = found("ghcr")
    assert told["deletes of manifests"].left > 1
    assert not told["deletes of tags"].left


def test_an_empty_repository_is_told() -> None:
    """
    Without a tag there is little to find out, and nothing goes wrong.
    """
    told = {
        each.name: each
        for each in examine(parse_repository("localhost/none"), client=client(registry()))
    }
    assert told["tags"].verdict == "no"
    assert told["manifest"].verdict == "unknown"


def test_what_breaks_ends_one_check_only() -> None:
    """
    An answer that makes no sense is told, and the rest is found out.
    """
    held = registry()
    flush("localhost/app:1", IMAGE, client=client(held))

    def broken(request: Request) -> Response:
        response = held(request)
        if "uploads" in request.url:
            return Response(status=202)
        return response

    told = {
        each.name: each
        for each in examine_writes(
            parse_repository("localhost/app"), client=client(broken), salt="1"
        )
    }
    assert told["upload in two"].verdict == "unknown"
    assert "Location" in told["upload in two"].detail


@pytest.mark.parametrize("raw", [b'{"tags": 5}', b'{"tags": {"a": 1}}', b"[" * 100_000, b"\xff"])
def test_what_is_no_list_is_told(raw: bytes) -> None:
    """
    Whatever comes where tags should be, however deep, is a finding and no fault of ours.
    """
    held = registry()

    def send(request: Request) -> Response:
        if "/tags/list" not in request.url:
            return held(request)
        return Response(status=200, body=BytesOpener(raw).open())

    place = parse_repository("localhost/app")
    told = {each.name: each for each in examine(place, client=client(send))}
    assert told["tags"].verdict == "odd"
    assert told["manifest"].verdict == "unknown"


def test_limits_of_what_takes_nothing_are_unknown() -> None:
    """
    Where no blob is taken, nothing is found out about manifests, and nothing is claimed.
    """
    held = registry()

    def send(request: Request) -> Response:
        return held(request) if request.method in ("GET", "HEAD") else Response(status=405)

    place = parse_repository("localhost/app")
    told = [*examine_writes(place, client=client(send), salt="1", limits=True)]
    assert {each.verdict for each in told} == {"no", "unknown"}


@pytest.fixture
def repository(docker_registry: DockerRegistry) -> str:
    """
    A repository of docker's own registry, with an image.
    """
    name = f"{docker_registry.host}/doctor"
    flush(f"{name}:1", IMAGE)
    return name


@pytest.mark.real
def test_docker_s_own_registry(repository: str) -> None:
    """
    It is what its profile says, as far as anybody can tell from outside.
    """
    place = parse_repository(repository)
    told = {each.name: each for each in examine(place)}
    told |= {each.name: each for each in examine_writes(place, salt="1")}
    assert told["api"].verdict == told["manifest"].verdict == "yes"
    assert told["upload by chunks"].verdict == told["ranges of blobs"].verdict == "yes"
    assert told["referrers API"].verdict == "no"
    assert "doctor" in [*catalog(place.registry.host)]
