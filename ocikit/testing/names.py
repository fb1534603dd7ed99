"""
Strategies of names: hosts, repositories, tags, references, and texts that are none.

    @given(oci.references(repository=oci.repositories(host="ghcr.io")))
    def test_mine(reference):
        assert parse(str(reference)) == reference

    @given(oci.malformed_references())
    def test_mine_refuses(malformed):
        text, reason = malformed
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit.name.records import Pinned, Reference, Registry, Repository, Tag
from ocikit.testing.documents import Given, digests, given

_HOSTS: Final = ("docker.io", "ghcr.io", "r.example", "a.b-c.example.org", "xn--bcher-kva.example")
_ADDRESSES: Final = ("127.0.0.1", "10.0.0.255")
_IPV6: Final = ("[::1]", "[2001:db8::1]")
_PORTS: Final = ("", ":443", ":5000", ":65535")
_WORD: Final = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=5)
_JOINS: Final = st.sampled_from([".", "_", "__", "-", "---"])
_TAG: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

#: What is no reference, and why.
_MALFORMED: Final = (
    ("", "empty"),
    ("a b", "white space"),
    (" a", "white space"),
    ("a\n", "white space"),
    ("https://ghcr.io/a", "scheme"),
    ("user:pw@ghcr.io/a", "user and password"),
    ("./a", "path"),
    ("/a", "path"),
    ("..", "path"),
    ("A", "upper case"),
    ("ghcr.io/Team/a", "upper case"),
    ("a//b", "empty part"),
    ("ghcr.io/", "no repository"),
    ("a/../b", "part of dots"),
    ("a/./b", "part of dots"),
    ("-a", "begins with a dash"),
    ("a-", "ends with a dash"),
    ("a..b", "two dots"),
    ("a___b", "three underscores"),
    ("a:", "no tag"),
    ("a:.t", "tag begins with a dot"),
    ("a:-t", "tag begins with a dash"),
    ("a:t t", "white space"),
    ("a:t/b:", "no tag"),
    ("a:" + "t" * 129, "tag too long"),
    ("a" * 256, "repository too long"),
    ("a@", "no digest"),
    ("a@sha256:12", "digest too short"),
    ("a@sha256:" + "G" * 64, "digest of odd letters"),
    ("a@sha256:" + "A" * 64, "digest in upper case"),
    ("a:sha256:" + "0" * 64, "digest after a colon"),
    ("0" * 64, "image ID"),
    ("r.example:65536/a", "port too large"),
    ("r.example:x/a", "port is no number"),
    ("[::g]:5000/a", "address is none"),
    ("bücher.example/a", "host not in ASCII"),
    ("r_x.example/a", "underscore in a host"),
    ("-r.example/a", "host begins with a dash"),
    ("a\0", "control character"),
    ("é", "letter not in ASCII"),
)


def hosts(*, ports: bool = True, ipv6: bool = True) -> SearchStrategy[str]:
    """
    Hosts of registries; they shrink to Docker Hub.

    Args:
        ports: whether with ports too.
        ipv6: whether addresses of IPv6 too.

    >>> from hypothesis import find
    >>> find(hosts(), lambda host: True)
    'docker.io'
    >>> find(hosts(ports=False), lambda host: host[0] == "[")
    '[::1]'
    """
    named = _HOSTS + _ADDRESSES + (_IPV6 if ipv6 else ())
    if not ports:
        return st.sampled_from(named)
    # A word alone would be a user of Docker Hub; with a port it is a host.
    local = ("localhost", "localhost:5000", "registry:5000")
    # Drawn in one go, they shrink to the first, not to the one that takes fewer choices.
    return st.sampled_from([*(host + port for port in _PORTS for host in named), *local])


def paths(*, max_parts: int = 3) -> SearchStrategy[str]:
    """
    Paths of repositories, of any form that the grammar has.

    >>> from hypothesis import find
    >>> find(paths(), lambda path: "/" in path)
    '0/0'
    """
    joined = st.builds(lambda a, join, b: a + join + b, _WORD, _JOINS, _WORD)
    parts = st.lists(_WORD | joined, min_size=1, max_size=max_parts)
    return parts.map("/".join)


def repositories(
    *, host: Given[str] | None = None, path: Given[str] | None = None
) -> SearchStrategy[Repository]:
    """
    Repositories, official ones of Docker Hub among them.

    Args:
        host: of the registry; any when None.
        path: in the registry; any when None.

    >>> from hypothesis import find
    >>> str(find(repositories(host="ghcr.io", path="team/app"), lambda repository: True))
    'ghcr.io/team/app'
    """
    registries = (hosts() if host is None else given(host)).map(Registry)
    made = paths() if path is None else given(path)
    return st.builds(_repository, registries, made)


def _repository(registry: Registry, path: str) -> Repository:
    from ocikit.name.grammar import canonical_path

    return Repository(registry, canonical_path(registry.host, path))


def tags(*, max_size: int = 8) -> SearchStrategy[str]:
    """
    Tags; they shrink to "latest", and some are as long as tags may be.

    >>> from hypothesis import find
    >>> find(tags(), lambda tag: True)
    'latest'
    >>> len(find(tags(), lambda tag: len(tag) > 100))
    128
    """
    first = st.sampled_from(_TAG + "_")
    rest = st.text(_TAG + "._-", max_size=max_size - 1)
    drawn = st.builds(str.__add__, first, rest)
    return drawn | st.sampled_from(["latest", "1.0", "v1.2.3-rc.1", "T" * 128])


def references(
    *,
    repository: Given[Repository] | None = None,
    tag: bool = True,
    digest: bool = True,
) -> SearchStrategy[Reference]:
    """
    References by tag, by digest, and by both; their texts are read by `parse_reference`.

    Args:
        repository: what they are in; any when None.
        tag: whether such by tag.
        digest: whether such by digest.

    >>> from hypothesis import find
    >>> app = repositories(host="ghcr.io", path="app")
    >>> str(find(references(repository=app, digest=False), lambda reference: True))
    'ghcr.io/app:latest'
    """
    inside = repositories() if repository is None else given(repository)
    known = digests(algorithms=("sha256", "sha512"))
    by_tag = st.builds(Tag, inside, tags())
    by_digest = st.builds(Pinned, inside, known, st.none() | tags() if tag else st.none())
    return st.one_of(*[by_tag] * tag, *[by_digest] * digest)


def malformed_references() -> SearchStrategy[tuple[str, str]]:
    """
    Texts that are no references, each with the reason.

    >>> from hypothesis import find
    >>> text, _ = find(malformed_references(), lambda malformed: malformed[1] == "no digest")
    >>> text.endswith("@")
    True
    """
    return st.sampled_from(_MALFORMED)
