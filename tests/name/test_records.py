"""
Registries, repositories, tags and pinned images.
"""

from __future__ import annotations

import pytest

from ocikit.digest import Digest
from ocikit.name.faults import NameInvalid
from ocikit.name.records import Pinned, Registry, Repository, Tag

HUB = Registry("docker.io")
DIGEST = Digest.of(b"")


@pytest.mark.parametrize("host", ["docker.io", "index.docker.io", "registry-1.docker.io"])
def test_hub(host: str) -> None:
    """
    Docker Hub has one name for people, one for its API and one for credentials.
    """
    registry = Registry(host)
    assert registry == HUB
    assert str(registry) == "docker.io"
    assert registry.is_hub
    assert registry.api_host == "registry-1.docker.io"
    assert registry.auth_key == "https://index.docker.io/v1/"


def test_other_registries() -> None:
    """
    Any other registry is its host throughout.
    """
    registry = Registry("ghcr.io:443")
    assert not registry.is_hub
    assert {registry.host, registry.api_host, registry.auth_key, str(registry)} == {"ghcr.io:443"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:5000", "Localhost:5000", "a.localhost", "a.b.localhost:80",
     "127.0.0.1", "127.0.0.1:5000", "127.0.0.2", "127.255.255.255:1", "[::1]", "[::1]:5000",
     "[0:0::1]", "10.0.0.1", "10.255.0.1:80", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
)  # fmt: skip
def test_may_be_plain(host: str) -> None:
    """
    This machine and RFC 1918 addresses may be tried over plain HTTP.
    """
    assert Registry(host).may_be_plain


@pytest.mark.parametrize(
    "host",
    ["docker.io", "ghcr.io", "foo.svc.local", "notlocalhost.com", "localhost.com", "xlocalhost:1",
     "127.0.0.1.nip.io", "10.0.0.1.evil.com", "999.0.0.1", "11.0.0.1", "172.15.0.1", "172.32.0.1",
     "192.169.1.1", "169.254.1.1", "0.0.0.0:5000", "[fc00::1]", "[::2]:5000",
     "host.docker.internal", "10.evil.com", "127.evil.com"],
)  # fmt: skip
def test_may_not_be_plain(host: str) -> None:
    """
    No name that another can own, and no public address, is tried over plain HTTP.
    """
    assert not Registry(host).may_be_plain


@pytest.mark.parametrize("host", ["", "word", "a.b/c", "u@a.b", "a.b:99999", "..", "a.b?x", "a.b#"])
def test_bad_registry(host: str) -> None:
    """
    No registry exists by what is not a host, for it is put in URLs as it is.
    """
    with pytest.raises(NameInvalid):
        Registry(host)


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "..", "a/../b", ".", "A", "a?b", "a#b"])
def test_bad_repository(path: str) -> None:
    """
    No repository exists whose path could leave its place in a URL.
    """
    with pytest.raises(NameInvalid):
        Repository(Registry("ghcr.io"), path)


@pytest.mark.parametrize("tag", ["", ".", "..", "a/b", "a?b", "a:b", "a" * 129])
def test_bad_tag(tag: str) -> None:
    """
    No image exists by what is not a tag, not even beside a digest.
    """
    repository = Repository(HUB, "a/b")
    with pytest.raises(NameInvalid):
        Tag(repository, tag)
    with pytest.raises(NameInvalid):
        Pinned(repository, DIGEST, tag)
    with pytest.raises(NameInvalid):
        repository.tag(tag)
    with pytest.raises(NameInvalid):
        repository.pin(DIGEST, tag)


def test_library() -> None:
    """
    One word is in `library/` on Docker Hub, and on no other registry.
    """
    assert Repository(HUB, "debian") == Repository(HUB, "library/debian")
    assert Repository(Registry("ghcr.io"), "debian").path == "debian"


@pytest.mark.parametrize(
    ("repository", "familiar"),
    [
        (Repository(HUB, "debian"), "debian"),
        (Repository(HUB, "user/app"), "user/app"),
        (Repository(HUB, "library/a/b"), "library/a/b"),
        (Repository(HUB, "library/library"), "library"),
        (Repository(HUB, "a.b"), "a.b"),
        (Repository(HUB, "a.b/c"), "docker.io/a.b/c"),
        (Repository(HUB, "localhost/c"), "docker.io/localhost/c"),
        (Repository(HUB, "ab" * 32), "library/" + "ab" * 32),
        (Repository(Registry("ghcr.io"), "me/app"), "ghcr.io/me/app"),
    ],
)
def test_familiar(repository: Repository, familiar: str) -> None:
    """
    The short name is left long where it would be read as something else.
    """
    assert repository.familiar == familiar
    assert repository.tag("t").familiar == f"{familiar}:t"
    assert repository.pin(DIGEST).familiar == f"{familiar}@{DIGEST}"


def test_tag() -> None:
    """
    A tag is read strictly unless asked otherwise.
    """
    repository = Repository(HUB, "debian")
    tag = repository.tag("12")
    assert tag == Tag(repository, "12")
    assert str(tag) == "docker.io/library/debian:12"
    assert tag.identifier == "12"
    with pytest.raises(NameInvalid):
        repository.tag("-x")
    assert repository.tag("-x", weak=True).tag == "-x"


def test_pin() -> None:
    """
    A pinned image is identified by its digest; its tag is for people.
    """
    repository = Repository(Registry("ghcr.io"), "a")
    assert str(repository.pin(DIGEST)) == f"ghcr.io/a@{DIGEST}"
    tagged = repository.pin(DIGEST, "t")
    assert str(tagged) == f"ghcr.io/a:t@{DIGEST}"
    assert tagged.identifier == str(DIGEST)
    assert tagged != repository.pin(DIGEST)
