"""
One test for each thing that registries do otherwise with uploads, redirects and mounts.
"""

from __future__ import annotations

import io
import random
from urllib.parse import urlsplit

import pytest

from ocikit.content.compression import Plain
from ocikit.content.image import Image
from ocikit.http.faults import RegistryRefused
from ocikit.http.message import Headers, Request, body_of
from ocikit.registry.elsewhere import AddressRefused
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from ocikit.registry.upload import upload
from ocikit.server.quirks.answers import StatusInstead
from ocikit.server.quirks.elsewhere import SignedPlaces, Signer
from ocikit.server.quirks.uploads import (
    CancelNeedsDelete,
    ChunkAtLeast,
    ChunkAtMost,
    LocationCounts,
    LocationsAbsolute,
    MountFromUnknownRefused,
    MountNeedsSource,
    MountNever,
    RangeStuck,
)
from ocikit.testing.time import VirtualTime
from tests.registry.quirky import IMAGE, LARGE, Quirky

DATA = random.Random(4).randbytes(1 << 20)
CHUNKS = Settings(chunk_size=300_000)
NAME = "r.io/a:1"


def streamed(one: Quirky) -> bytes:
    """
    Upload in chunks, and read what arrived.
    """
    layer = upload("r.io/a", io.BytesIO(DATA), client=one.client, compression=Plain())
    return layer.blob.content


def test_ecr_creates_where_others_accept() -> None:
    """
    201 to a chunk.
    """
    quirk = StatusInstead(methods=("PATCH",), kinds=("upload",), status=202, instead=201)
    one = Quirky(quirk, settings=CHUNKS)
    assert streamed(one) == DATA
    assert set(one.answers("PATCH")) == {201}


def test_ecr_tells_of_the_first_chunk_for_ever() -> None:
    """
    What was taken is not sent again for that: the status says that it was.
    """
    one = Quirky(RangeStuck(), settings=CHUNKS)
    assert streamed(one) == DATA
    said = [r.headers.get("Range") for r in one.wire.responses if "Range" in r.headers]
    assert said.count("0-299999") == len(one.answers("PATCH")) == 3


def test_ghcr_takes_chunks_of_four_mebibytes() -> None:
    """
    Chunks are no larger by themselves, and a body that is no chunk may be.
    """
    data = random.Random(5).randbytes(7 << 20)
    one = Quirky(ChunkAtMost(most=4 << 20))
    layer = upload("r.io/a", io.BytesIO(data), client=one.client, compression=Plain())
    assert layer.blob.content == data
    assert set(one.answers("PATCH")) == {202}
    headers = Headers({"Content-Range": f"0-{4 << 20}"})
    place = one.ask("POST", "/v2/a/blobs/uploads/").headers.get("Location")
    large = body_of(bytes((4 << 20) + 1))
    request = Request(method="PATCH", url=f"https://r.io{place}", headers=headers, body=large)
    assert one.wire(request).status == 416


def test_zot_and_olareg_want_chunks_of_some_size() -> None:
    """
    OCI-Chunk-Min-Length is heeded.
    """
    one = Quirky(ChunkAtLeast(least=500_000), settings=CHUNKS)
    assert streamed(one) == DATA
    assert 416 not in one.answers("PATCH")


def test_olareg_wants_the_newest_location() -> None:
    """
    With its query as it is; the one before is refused.
    """
    one = Quirky(LocationCounts(), settings=CHUNKS)
    assert streamed(one) == DATA
    flush(NAME, IMAGE, client=one.client)
    assert load(NAME, client=one.client) == IMAGE
    place = one.ask("POST", "/v2/a/blobs/uploads/").headers.get("Location")
    assert one.ask("PATCH", place).status == 202
    assert one.ask("PATCH", place).status == 400


def test_distribution_names_itself_as_it_was_called() -> None:
    """
    Every Location is absolute.
    """
    one = Quirky(LocationsAbsolute(), settings=CHUNKS)
    assert streamed(one) == DATA
    places = [r.headers.get("Location") for r in one.wire.responses if "Location" in r.headers]
    assert all(place.startswith("https://r.io/v2/a/") for place in places)


def test_distribution_may_answer_a_mount_with_an_upload() -> None:
    """
    202, and the upload that was begun is the one that is used.
    """
    one = Quirky(MountNever())
    flush(NAME, LARGE, client=one.client)
    one.wire.clear()
    flush("r.io/b:1", load(NAME, client=one.client), client=one.client)
    assert set(one.answers("mount=")) == {202}
    assert len(one.answers("POST")) == len(one.answers("PUT", "uploads"))
    assert load("r.io/b:1", client=one.client) == LARGE


def test_distribution_lets_only_those_cancel_who_may_delete() -> None:
    """
    The upload is given up all the same, with a token for that.
    """
    one = Quirky(CancelNeedsDelete(), tokens=True, settings=CHUNKS)

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 700_000:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(OSError, match="the disk is gone"):
        upload("r.io/a", Broken(DATA), client=one.client, compression=Plain())
    assert one.answers("DELETE") == [401, 204]


def test_quay_mounts_from_somewhere_or_not_at_all() -> None:
    """
    Without `from` it is a bad request: the blob is uploaded.
    """
    one, other = Quirky(MountNeedsSource()), Quirky()
    flush("one.io/a:1", LARGE, client=other.client)
    flush(NAME, load("one.io/a:1", client=other.client), client=one.client)
    assert 400 in one.answers("mount=")
    assert load(NAME, client=one.client) == LARGE
    one.wire.clear()
    flush("r.io/b:1", load(NAME, client=one.client), client=one.client)
    assert set(one.answers("mount=")) == {201}


def test_docker_hub_knows_no_repository_of_another_registry() -> None:
    """
    A mount never names one: what comes from elsewhere may be mounted from anywhere.
    """
    one, other = Quirky(MountFromUnknownRefused()), Quirky()
    flush("quay.io/team/a:1", LARGE, client=other.client)
    flush("docker.io/me/a:1", load("quay.io/team/a:1", client=other.client), client=one.client)
    assert not one.answers("from=team")
    assert one.ask("POST", "/v2/me/a/blobs/uploads/?mount=sha256:0&from=team/a").status == 404
    assert load("docker.io/me/a:1", client=one.client) == LARGE


def test_google_tells_by_a_mount_whether_a_blob_is_anywhere() -> None:
    """
    Without `from`, 201 when it is: nothing is uploaded twice.
    """
    one, other = Quirky(), Quirky()
    flush("gcr.io/p/old:1", LARGE, client=one.client)
    flush("r.io/a:1", LARGE, client=other.client)
    one.wire.clear()
    flush("gcr.io/p/new:1", load("r.io/a:1", client=other.client), client=one.client)
    assert one.answers("POST", "mount=", LARGE.layers[0].blob.digest.hex) == [201]


def test_google_takes_uploads_on_another_host() -> None:
    """
    Under a signed address, to which no credentials go along.
    """
    quirk = SignedPlaces(host="uploads.example", what="uploads")
    one = Quirky(quirk, tokens=True, settings=CHUNKS)
    assert streamed(one) == DATA
    flush(NAME, LARGE, client=one.client)
    there = [r for r in one.wire.requests if urlsplit(r.url).hostname == "uploads.example"]
    assert {r.method for r in there} >= {"PATCH", "PUT"}
    assert not any("Authorization" in r.headers for r in there)
    assert load(NAME, client=one.client) == LARGE


@pytest.mark.parametrize("status", [302, 307])
def test_artifactory_and_others_send_readers_elsewhere(status: int) -> None:
    """
    To storage, under an address that is signed, without credentials.
    """
    one = Quirky(SignedPlaces(host="cdn.example", status=status), tokens=True)
    flush(NAME, IMAGE, client=one.client)
    loaded = load(NAME, client=one.client)
    assert isinstance(loaded, Image)
    assert loaded.config.content == IMAGE.config.content
    there = [r for r in one.wire.requests if urlsplit(r.url).hostname == "cdn.example"]
    assert there
    assert not any("Authorization" in r.headers for r in there)


def test_an_address_is_good_for_a_while() -> None:
    """
    Past its time the registry is asked for another; one that is altered is never good.
    """
    time = VirtualTime()
    signer = Signer(lifetime=-1.0, now=time)
    one = Quirky(SignedPlaces(host="cdn.example", signer=signer))
    flush(NAME, IMAGE, client=one.client)
    loaded = load(NAME, client=one.client)
    assert isinstance(loaded, Image)
    with pytest.raises(AddressRefused):
        _ = loaded.config.content
    fresh = Signer(now=time)
    good = Request(method="GET", url=fresh.sign("https://cdn.example/v2/a/blobs/x?n=1", "tok"))
    found = fresh.redeem(good)
    assert found is not None
    assert found.url == "https://cdn.example/v2/a/blobs/x?n=1"
    assert found.headers.get("Authorization") == "tok"
    altered = Request(method="GET", url=good.url.replace("n=1", "n=2"))
    assert fresh.redeem(altered) is None
    time.now += 601
    assert fresh.redeem(good) is None


def test_a_chunk_that_is_refused_for_its_size_is_told() -> None:
    """
    Who asks for larger chunks than a registry takes is told, not asked to wait.
    """
    one = Quirky(ChunkAtMost(most=100_000), settings=CHUNKS)
    with pytest.raises(RegistryRefused, match="416"):
        streamed(one)
