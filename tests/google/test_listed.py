"""
What lists say: of Google's registries, and written as gcrane prints it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.google.listed import Listed, Listing, NumberInvalid, as_json, of_google
from ocikit.name.parse import parse_repository
from ocikit.spec.converter import structure
from ocikit.spec.encode import unstructure
from ocikit.spec.gojson import JSONInvalid
from ocikit.spec.google import ExtendedTags, ManifestInfo

APP = parse_repository("gcr.io/me/app")
DIGESTS = st.binary(max_size=4).map(Digest.of)
#: Milliseconds, as far as times go here.
MOMENTS = st.none() | st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
)
LISTED = st.builds(
    Listed,
    digest=DIGESTS,
    tags=st.lists(st.sampled_from(["1", "2", "latest"]), max_size=2).map(tuple),
    media_type=st.sampled_from(["", "application/vnd.oci.image.index.v1+json"]),
    size=st.none() | st.integers(0, 1 << 60),
    created=MOMENTS,
    uploaded=MOMENTS,
    extra=st.sampled_from([FrozenMap(), FrozenMap({"layerId": ""})]),
)
LISTINGS = st.builds(
    Listing,
    repository=st.just(APP),
    tags=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    manifests=st.lists(LISTED, max_size=3, unique_by=lambda each: each.digest).map(
        lambda found: tuple(sorted(found, key=lambda each: str(each.digest)))
    ),
    children=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    extended=st.just(True),
    extra=st.sampled_from([FrozenMap(), FrozenMap({"more": [1]})]),
)


@given(listing=LISTINGS)
def test_what_is_written_is_read_again(listing: Listing) -> None:
    """
    Law: reading what was written gives the same list, unknown members too.
    """
    text = json.loads(json.dumps(as_json(listing)))
    assert of_google(APP, structure(text, ExtendedTags, "page")) == listing


def test_google_s_own_bytes() -> None:
    """
    As go-containerregistry's test has them: numbers are texts, and times milliseconds.
    """
    raw = {
        "child": ["hello", "world"],
        "manifest": {
            f"sha256:{'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}": {
                "imageSizeBytes": "1",
                "mediaType": "mainstream",
                "timeCreatedMs": "1",
                "timeUploadedMs": "2",
                "tag": ["foo"],
            }
        },
        "name": "foo/bar",
        "tags": ["foo"],
    }
    page = structure(raw, ExtendedTags, "page")
    assert unstructure(page) == raw
    [found] = of_google(APP, page).manifests
    assert found.size == 1
    assert found.created == datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)
    assert found.uploaded == datetime(1970, 1, 1, 0, 0, 0, 2000, tzinfo=UTC)
    assert as_json(of_google(parse_repository("gcr.io/foo/bar"), page)) == raw


def test_empty_texts_say_nothing() -> None:
    """
    Google leaves them empty where it does not know.
    """
    page = ExtendedTags(manifest=FrozenMap({Digest.of(b""): ManifestInfo()}))
    [found] = of_google(APP, page).manifests
    assert (found.size, found.created, found.uploaded, found.since) == (None, None, None, None)


@pytest.mark.parametrize("text", ["1.5", "x", "1e3", " 1", "٣", "9" * 20])
def test_what_is_no_number_is_told(text: str) -> None:
    """
    And where it stands; a time that is misread could have an image deleted.
    """
    info = ManifestInfo(time_uploaded_ms=text)
    page = ExtendedTags(manifest=FrozenMap({Digest.of(b""): info}))
    with pytest.raises(NumberInvalid, match=r"gcr.io/me/app@sha256:.*timeUploadedMs"):
        of_google(APP, page)


def test_numbers_that_are_no_texts_are_told() -> None:
    """
    With their place.
    """
    raw = {"manifest": {str(Digest.of(b"")): {"imageSizeBytes": 1}}}
    with pytest.raises(JSONInvalid, match=r"imageSizeBytes: expected string, got integer"):
        structure(raw, ExtendedTags, "page")


def test_times_of_no_age() -> None:
    """
    Of an image that claims to be of 1970 nobody knows how old it is; the registry does.
    """
    epoch, today = (datetime(year, 1, 1, tzinfo=UTC) for year in (1970, 2024))
    old = Listed(digest=Digest.of(b""), created=epoch)
    assert old.since is None
    assert Listed(digest=Digest.of(b""), created=epoch, uploaded=today).since == today
    assert Listed(digest=Digest.of(b""), created=today).since == today
