"""
Places named in text.
"""

from __future__ import annotations

import pytest

from ocikit.digest import Digest
from ocikit.name.faults import NameInvalid
from ocikit.name.locator import (
    DaemonPlace,
    DirPlace,
    DockerArchivePlace,
    LayoutArchivePlace,
    LayoutPlace,
    Locator,
    RegistryPlace,
    parse_locator,
)
from ocikit.name.parse import parse_reference
from ocikit.name.records import Tag

SHA256 = "sha256:" + "ab" * 32


def _tag(text: str) -> Tag:
    reference = parse_reference(text)
    assert isinstance(reference, Tag)
    return reference


GOOD: list[tuple[str, Locator]] = [
    ("debian:12", RegistryPlace(_tag("debian:12"))),
    ("docker://debian", RegistryPlace(_tag("debian"))),
    ("docker:dind", RegistryPlace(_tag("docker:dind"))),
    ("docker://oci:latest", RegistryPlace(_tag("oci:latest"))),
    ("docker://x.tar", RegistryPlace(_tag("x.tar"))),
    ("gcr.io/x.tar", RegistryPlace(_tag("gcr.io/x.tar"))),
    (f"gcr.io/x@{SHA256}", RegistryPlace(parse_reference(f"gcr.io/x@{SHA256}"))),
    ("oci:latest", LayoutPlace("latest")),
    ("oci:./a/b", LayoutPlace("./a/b")),
    ("oci:/a b", LayoutPlace("/a b")),
    ("oci:a:v1", LayoutPlace("a", "v1")),
    ("oci:a:gcr.io/x:v1", LayoutPlace("a", "gcr.io/x:v1")),
    ("oci:a:@0", LayoutPlace("a", position=0)),
    ("oci:a:@007", LayoutPlace("a", position=7)),
    ("ocidir://a:v1", LayoutPlace("a", "v1")),
    ("ocidir:///abs", LayoutPlace("/abs")),
    ("oci-archive:a.tar", LayoutArchivePlace("a.tar")),
    ("oci-archive:a.tar:v1", LayoutArchivePlace("a.tar", "v1")),
    ("oci-archive:a.tar:@1", LayoutArchivePlace("a.tar", position=1)),
    ("docker-archive:/dev/stdin", DockerArchivePlace("/dev/stdin")),
    ("docker-archive:a:debian", DockerArchivePlace("a", _tag("debian"))),
    ("docker-archive:a:localhost:5000/x:t", DockerArchivePlace("a", _tag("localhost:5000/x:t"))),
    ("docker-archive:a:@2", DockerArchivePlace("a", position=2)),
    ("docker-daemon:debian:12", DaemonPlace(_tag("debian:12"))),
    (f"docker-daemon:{SHA256}", DaemonPlace(Digest.parse(SHA256))),
    (f"docker-daemon:a@{SHA256}", DaemonPlace(parse_reference(f"a@{SHA256}"))),
    ("dir:a:b", DirPlace("a:b")),
]


@pytest.mark.parametrize(("text", "place"), GOOD)
def test_good(text: str, place: Locator) -> None:
    """
    A place reads as its record, and its text reads back to it.
    """
    assert parse_locator(text) == place
    assert parse_locator(str(place)) == place


BAD = [
    ("", "empty"),
    ("./x", "oci:DIR"),
    ("/x.tar", "docker-archive:FILE"),
    ("./x.tar", "docker-archive:FILE"),
    ("x.tar", "docker-archive:x.tar"),
    ("dir/x.tgz", "oci-archive:dir/x.tgz"),
    ("x.tar.zst", "docker://x.tar.zst"),
    ("https://gcr.io/a", "write 'gcr.io/a'"),
    ("docker://https://a.b/c", "scheme"),
    ("docker://", "empty"),
    ("oci:", "no path"),
    ("oci::v1", "no path"),
    ("oci:a:", "not a name"),
    ("oci:a:@", "not a position"),
    ("oci:a:@x", "not a position"),
    ("oci:a:@-1", "not a position"),
    ("oci:a:@٣", "not a position"),
    (f"oci:a@{SHA256}", "not by digest"),
    ("oci:a\0b", "control character"),
    ("ocidir://", "no path"),
    ("oci-archive:", "no path"),
    ("docker-archive:", "no path"),
    ("docker-archive:a:", "empty"),
    (f"docker-archive:a:b@{SHA256}", "have tags"),
    ("docker-daemon:", "empty"),
    ("docker-daemon:" + "ab" * 32, "sha256:ID"),
    ("dir:", "no path"),
    ("containers-storage:x", "docker-daemon:"),
]


@pytest.mark.parametrize(("text", "part"), BAD)
def test_bad(text: str, part: str) -> None:
    """
    What names no place says how to write one; a bare path is never guessed.
    """
    with pytest.raises(NameInvalid) as caught:
        parse_locator(text)
    assert part in caught.value.reason


def test_bad_image_id() -> None:
    """
    A short image ID is a bad digest, not a tag of a repository `sha256`.
    """
    with pytest.raises(NameInvalid, match="takes 64"):
        parse_locator("docker-daemon:sha256:abc")


def test_options() -> None:
    """
    References within places are read with the caller's defaults.
    """
    place = parse_locator(
        "docker-archive:a:x", default_registry="gcr.io", default_tag="t", weak=True
    )
    assert str(place) == "docker-archive:a:gcr.io/x:t"
    assert str(parse_locator("x:-t", weak=True)) == "docker://docker.io/library/x:-t"


@pytest.mark.parametrize("kind", [LayoutPlace, LayoutArchivePlace, DockerArchivePlace])
def test_unwritable(
    kind: type[LayoutPlace] | type[LayoutArchivePlace] | type[DockerArchivePlace],
) -> None:
    """
    No place exists whose text would be read as another.
    """
    for path in ("", "a:b", "a\n", "a@sha256"):
        with pytest.raises(NameInvalid):
            kind(path)
    for position in (-1, 10**9):
        with pytest.raises(NameInvalid):
            kind("a", position=position)


@pytest.mark.parametrize("name", ["", "@1", "a\0"])
def test_unwritable_names(name: str) -> None:
    """
    An entry's name that reads as a position, or as none, cannot be written.
    """
    with pytest.raises(NameInvalid):
        LayoutPlace("a", name)


def test_name_or_position() -> None:
    """
    One entry is chosen once.
    """
    with pytest.raises(NameInvalid, match="both"):
        LayoutPlace("a", "v1", 0)
    with pytest.raises(NameInvalid, match="both"):
        DockerArchivePlace("a", _tag("a"), 0)
