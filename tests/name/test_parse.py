"""
Names read from text, strictly and weakly.
"""

from __future__ import annotations

import pytest

from ocikit.digest import Digest, DigestAlgorithmUnknown
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_reference, parse_registry, parse_repository
from ocikit.name.records import Pinned, Registry, Repository, Tag

SHA256 = "sha256:" + "ab" * 32
SHA384 = "sha384:" + "cd" * 48
SHA512 = "sha512:" + "ef" * 64
HUB = "docker.io/library"

GOOD = [
    ("debian", f"{HUB}/debian:latest"),
    ("debian:12", f"{HUB}/debian:12"),
    ("library/debian", f"{HUB}/debian:latest"),
    ("docker.io/debian", f"{HUB}/debian:latest"),
    ("index.docker.io/debian", f"{HUB}/debian:latest"),
    ("registry-1.docker.io/debian", f"{HUB}/debian:latest"),
    ("DOCKER.IO/debian", f"{HUB}/debian:latest"),
    ("user/app", "docker.io/user/app:latest"),
    ("docker.io", f"{HUB}/docker.io:latest"),
    ("localhost", f"{HUB}/localhost:latest"),
    ("localhost:5000", f"{HUB}/localhost:5000"),
    ("localhost/app", "localhost/app:latest"),
    ("Localhost:5000/app", "localhost:5000/app:latest"),
    ("gcr.io/a/b/c:Tag_1", "gcr.io/a/b/c:Tag_1"),
    ("[::1]/app", "[::1]/app:latest"),
    ("[0::1]:5000/app:t", "[::1]:5000/app:t"),
    ("10.0.0.1:80/app", "10.0.0.1:80/app:latest"),
    (f"debian@{SHA256}", f"{HUB}/debian@{SHA256}"),
    (f"gcr.io/a@{SHA384}", f"gcr.io/a@{SHA384}"),
    (f"gcr.io/a:t@{SHA512}", f"gcr.io/a:t@{SHA512}"),
    ("a.b/" + "c" * 255, "a.b/" + "c" * 255 + ":latest"),
    ("user/" + "ab" * 32, "docker.io/user/" + "ab" * 32 + ":latest"),
]


@pytest.mark.parametrize("weak", [False, True])
@pytest.mark.parametrize(("text", "name"), GOOD)
def test_good(text: str, name: str, weak: bool) -> None:
    """
    Whatever is strict reads alike in both readings, and its name reads back to it.
    """
    reference = parse_reference(text, weak=weak)
    assert str(reference) == name
    assert parse_reference(name, weak=weak) == reference


WEAK_ONLY = [
    ("debian:.x", f"{HUB}/debian:.x"),
    ("debian:-x", f"{HUB}/debian:-x"),
    ("gcr.io/-a/_b", "gcr.io/-a/_b:latest"),
    ("gcr.io/a..b", "gcr.io/a..b:latest"),
    ("ex_am.com/a", "ex_am.com/a:latest"),
    ("::1/a", "[::1]/a:latest"),
    ("ab" * 32, f"{HUB}/{'ab' * 32}:latest"),
]


@pytest.mark.parametrize(("text", "name"), WEAK_ONLY)
def test_weak(text: str, name: str) -> None:
    """
    What go-containerregistry takes and distribution does not is read when asked for.
    """
    assert str(parse_reference(text, weak=True)) == name
    with pytest.raises(NameInvalid):
        parse_reference(text)


BAD = [
    ("", "empty"),
    (":", "repository is missing"),
    ("@" + SHA256, "repository is missing"),
    ("a b", "white space"),
    ("debian\n", "white space"),
    ("debian:12 ", "white space"),
    ("debian:", "no tag"),
    ("library/debian:", "no tag"),
    ("debian:a+b", "'+'"),
    ("debian:" + "a" * 129, "129"),
    ("debian:..", "'..'"),
    ("a:b:c", "':'"),
    (f"debian:{SHA256}", "'@'"),
    ("Debian", "write 'library/debian'"),
    ("User/app", "write 'user/app'"),
    ("gcr.io/App", "write 'app'"),
    ("a//b", "empty part"),
    ("gcr.io/a/", "empty part"),
    ("gcr.io/", "repository is missing"),
    ("gcr.io//a", "empty part"),
    ("a/../b", "'..'"),
    ("gcr.io/./b", "'.'"),
    ("a%2e", "'%'"),
    ("é", "'é'"),
    ("a" * 256, "at most 255"),
    ("./x", "oci:DIR"),
    ("/x", "docker-archive:FILE"),
    ("../x", "path"),
    ("~/x", "path"),
    (".", "path"),
    ("C:\\x", "path"),
    ("https://gcr.io/a", "write 'gcr.io/a'"),
    ("docker://gcr.io/a", "leave out the scheme"),
    ("me:secret@gcr.io/a", "log in"),
    ("gcr.io:99999/a", "65535"),
    ("gcr.io:/a", "not a port"),
    ("gcr.io:x/a", "not a port"),
    ("gcr..io/a", "not a host"),
    ("é.com/a", "xn--"),
    ("[::1/a", "IPv6"),
    ("[zz]:1/a", "IPv6"),
    ("a@latest", "algorithm:hex"),
    ("a@sha256:abc", "sha256 takes 64"),
    ("a@sha512:" + "0" * 64, "sha512 takes 128 hexadecimal digits, not 64"),
    ("a@sha256:" + "AB" * 32, "lower-case"),
    (f"a@{SHA256}@{SHA256}", "algorithm:hex"),
]


@pytest.mark.parametrize("weak", [False, True])
@pytest.mark.parametrize(("text", "part"), BAD)
def test_bad(text: str, part: str, weak: bool) -> None:
    """
    What is unsafe or cannot work is refused in both readings, with a way out.
    """
    with pytest.raises(NameInvalid) as caught:
        parse_reference(text, weak=weak)
    assert part in caught.value.reason


def test_image_id() -> None:
    """
    A bare image ID is not a repository of Docker Hub, though its letters could be one.
    """
    with pytest.raises(NameInvalid, match="docker-daemon:sha256:ID"):
        parse_reference("ab" * 32)


def test_unknown_algorithm() -> None:
    """
    A digest that is well formed is not the caller's fault (descriptor.md, "Digests").
    """
    with pytest.raises(DigestAlgorithmUnknown):
        parse_reference("a@blake3:" + "0" * 64)


def test_kept_tag() -> None:
    """
    A tag before a digest is kept but does not select; without one, none is made up.
    """
    tagged = parse_reference(f"a:t@{SHA256}")
    assert isinstance(tagged, Pinned)
    assert (tagged.tag, tagged.identifier) == ("t", SHA256)
    assert tagged.digest == Digest.parse(SHA256)
    pinned = parse_reference(f"a@{SHA256}")
    assert isinstance(pinned, Pinned)
    assert pinned.tag is None


def test_bad_tag_before_digest() -> None:
    """
    A tag that selects nothing must still be one.
    """
    with pytest.raises(NameInvalid, match="no tag"):
        parse_reference(f"a:@{SHA256}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ubuntu", "registry.upbound.io/ubuntu:stable"),
        ("a/ubuntu:1", "registry.upbound.io/a/ubuntu:1"),
        ("docker.io/ubuntu", f"{HUB}/ubuntu:stable"),
        ("gcr.io/x", "gcr.io/x:stable"),
    ],
)
def test_defaults(text: str, name: str) -> None:
    """
    Another default registry has no `library/`, and changes no name that has its own.
    """
    reference = parse_reference(text, default_registry="registry.upbound.io", default_tag="stable")
    assert str(reference) == name


@pytest.mark.parametrize("registry", ["word", "a.b/c", "", "https://a.b"])
def test_bad_default_registry(registry: str) -> None:
    """
    A default registry must be a registry.
    """
    with pytest.raises(NameInvalid):
        parse_reference("app", default_registry=registry)


def test_bad_default_tag() -> None:
    """
    A default tag must be a tag, but is not looked at where it is not used.
    """
    with pytest.raises(NameInvalid, match="tag"):
        parse_reference("app", default_tag="-x")
    assert isinstance(parse_reference("app:1", default_tag="-x"), Tag)


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        ("debian", Repository(Registry("docker.io"), "library/debian")),
        ("localhost:5000/a/b", Repository(Registry("localhost:5000"), "a/b")),
    ],
)
def test_repository(text: str, repository: Repository) -> None:
    """
    A repository is read from its name alone.
    """
    assert parse_repository(text) == repository


@pytest.mark.parametrize("text", ["debian:12", "gcr.io/a:", f"gcr.io/a@{SHA256}", "localhost:5000"])
def test_not_repository(text: str) -> None:
    """
    A tag or digest where a repository is wanted is a mistake worth naming.
    """
    with pytest.raises(NameInvalid, match="no tag or digest"):
        parse_repository(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("gcr.io/a", "write 'gcr.io'"),
        ("gcr.io/", "write 'gcr.io'"),
        ("https://gcr.io", "write 'gcr.io'"),
        ("foo", "foo:443"),
        ("gcr.io:", "port"),
        ("./x", "path"),
        ("::1", "brackets"),
    ],
)
def test_not_registry(text: str, reason: str) -> None:
    """
    What is not a host says what to write instead.
    """
    with pytest.raises(NameInvalid) as caught:
        parse_registry(text)
    assert reason in caught.value.reason


def test_weak_registry() -> None:
    """
    The weak reading takes nothing for the default, and an address without brackets.
    """
    assert parse_registry("", weak=True) == Registry("docker.io")
    assert parse_registry("", weak=True, default_registry="gcr.io") == Registry("gcr.io")
    assert parse_registry("::1", weak=True) == Registry("[::1]")
