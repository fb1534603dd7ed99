"""
Laws of names: what prints reads back, and no name leaves its place.
"""

from __future__ import annotations

import pickle
import posixpath
import string
from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from ocikit.digest import Digest, DigestAlgorithmUnknown
from ocikit.name import grammar
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
from ocikit.name.parse import parse_reference, parse_registry, parse_repository
from ocikit.name.records import Pinned, Reference, Registry, Repository, Tag

LOWER = string.ascii_lowercase + string.digits
WORD = st.text(LOWER, min_size=1, max_size=5)
LABELS = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,4}[A-Za-z0-9])?", fullmatch=True)
DOMAINS = st.lists(LABELS, min_size=2, max_size=4).map(".".join)
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda a: f"[{a}]")
PORTS = st.just("") | st.integers(0, 65535).map(lambda port: f":{port}")
HUBS = st.sampled_from(["docker.io", "index.docker.io", "registry-1.docker.io", "Docker.io"])
PLAIN_HOSTS = st.builds("".join, st.tuples(DOMAINS | ADDRESSES | st.just("localhost"), PORTS))
WORD_HOSTS = st.builds("{}:{}".format, LABELS, st.integers(0, 65535))
HOSTS = HUBS | PLAIN_HOSTS | WORD_HOSTS
SEPARATORS = st.sampled_from([".", "_", "__", "-", "---"])
COMPONENTS = st.builds(
    lambda first, rest: first + "".join(map("".join, rest)),
    WORD,
    st.lists(st.tuples(SEPARATORS, WORD), max_size=2),
)
PATHS = st.lists(COMPONENTS, min_size=1, max_size=4).map("/".join)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)
DIGESTS = st.builds(
    Digest.of, st.binary(max_size=2), st.sampled_from(["sha256", "sha384", "sha512"])
)

registries = st.builds(Registry, HOSTS)
repositories = st.builds(Repository, registries, PATHS)
tags = st.builds(Tag, repositories, TAGS)
references: st.SearchStrategy[Reference] = tags | st.builds(
    Pinned, repositories, DIGESTS, st.none() | TAGS
)

LOOSE = st.text(LOWER + "._-/", min_size=1, max_size=20)
NASTY = st.text(st.sampled_from("aB0._-/:@[]\\%~ \n\0é" + "sha256:"), max_size=30)
FILES = st.text(max_size=8).filter(
    lambda path: (
        path != ""
        and ":" not in path
        and path.isprintable()
        and not path.endswith(("sha256", "sha384", "sha512"))
    )
)
ENTRIES = st.text(string.printable.strip(), min_size=1, max_size=8).filter(
    lambda name: not name.startswith("@")
)
POSITIONS = st.integers(0, 10**9 - 1)


def _entries(
    kind: Callable[..., Locator], names: st.SearchStrategy[object]
) -> st.SearchStrategy[Locator]:
    return (
        st.builds(kind, FILES)
        | st.builds(kind, FILES, reference=names)
        | st.builds(kind, FILES, position=POSITIONS)
    )


locators: st.SearchStrategy[Locator] = (
    st.builds(RegistryPlace, references)
    | _entries(LayoutPlace, ENTRIES)
    | _entries(LayoutArchivePlace, ENTRIES)
    | _entries(DockerArchivePlace, tags)
    | st.builds(DaemonPlace, references | DIGESTS)
    | st.builds(DirPlace, st.text(min_size=1))
)


def _read(text: str, weak: bool) -> Reference | None:
    try:
        return parse_reference(text, weak=weak)
    except (NameInvalid, DigestAlgorithmUnknown) as error:
        str(error)
        return None


@given(references, st.sampled_from(["docker.io", "gcr.io", "localhost:1"]))
def test_references_read_back(reference: Reference, default: str) -> None:
    """
    A printed reference reads as itself, strictly and weakly, whatever the defaults.
    """
    for weak in (False, True):
        read = parse_reference(
            str(reference), weak=weak, default_registry=default, default_tag="other"
        )
        assert read == reference
        assert hash(read) == hash(reference)
        assert str(read) == str(reference)
    assert pickle.loads(pickle.dumps(reference)) == reference


@given(references)
@example(Tag(Repository(Registry("docker.io"), "a.b/c"), "t"))
@example(Tag(Repository(Registry("docker.io"), "library/" + "ab" * 32), "t"))
def test_familiar_names_read_back(reference: Reference) -> None:
    """
    The short form for people means the same to a parser.
    """
    assert parse_reference(reference.familiar) == reference
    assert parse_repository(reference.repository.familiar) == reference.repository


@given(repositories)
def test_repositories_read_back(repository: Repository) -> None:
    """
    Printed repositories and registries read as themselves.
    """
    assert parse_repository(str(repository)) == repository
    assert parse_registry(str(repository.registry)) == repository.registry
    assert pickle.loads(pickle.dumps(repository)) == repository


@given(HOSTS)
def test_registries_are_canonical(host: str) -> None:
    """
    However a host is spelt, its record is the one of its canonical spelling.
    """
    registry = Registry(host)
    assert Registry(registry.host) == registry
    assert Registry(registry.api_host) == registry
    assert Registry(host.upper()) == registry
    assert grammar.canonical_host(registry.host) == registry.host


@given(NASTY | LOOSE | st.text(), st.booleans())
def test_no_text_breaks_the_parser(text: str, weak: bool) -> None:
    """
    Any text reads or is refused with one error, and what was read prints to what reads.
    """
    reference = _read(text, weak)
    if reference is not None:
        assert parse_reference(str(reference), weak=weak) == reference


@given(NASTY | LOOSE)
def test_weak_takes_what_strict_takes(text: str) -> None:
    """
    Whatever is strict means the same when read weakly.
    """
    reference = _read(text, weak=False)
    if reference is not None:
        assert parse_reference(text, weak=True) == reference


@given(NASTY | LOOSE | st.text())
def test_no_name_leaves_its_place(text: str) -> None:
    """
    No record of any text changes the path of the URL that it is put in.
    """
    reference = _read(text, weak=True)
    if reference is None:
        return
    path = f"/v2/{reference.repository.path}/manifests/{reference.identifier}"
    assert posixpath.normpath(path) == path
    assert path.isascii()
    assert not set(path) & set("?#%\\ @")
    assert not set(reference.repository.registry.api_host) & set("?#%\\ @/")


@given(LOOSE, st.text(LOWER + "._-", min_size=1, max_size=5))
def test_constructors_take_the_loose_grammar(path: str, tag: str) -> None:
    """
    A record exists exactly when the weak reading of its text does.
    """
    text = f"gcr.io/{path}:{tag}"
    read = _read(text, weak=True)
    try:
        made = Tag(Repository(Registry("gcr.io"), path), tag)
    except NameInvalid:
        assert read is None
    else:
        assert read == made


@given(locators)
def test_locators_read_back(place: Locator) -> None:
    """
    A printed place reads as itself, hashes and pickles.
    """
    read = parse_locator(str(place))
    assert read == place
    assert hash(read) == hash(place)
    assert str(read) == str(place)
    assert pickle.loads(pickle.dumps(place)) == place


PREFIXES = st.sampled_from(
    [
        "",
        "docker://",
        "oci:",
        "ocidir://",
        "oci-archive:",
        "docker-archive:",
        "docker-daemon:",
        "dir:",
    ]
)


@given(PREFIXES, NASTY | LOOSE | st.text())
def test_reading_is_idempotent(prefix: str, text: str) -> None:
    """
    Any text is a place or is refused with one error; printing settles on one spelling.
    """
    try:
        place = parse_locator(prefix + text)
    except (NameInvalid, DigestAlgorithmUnknown) as error:
        str(error)
        return
    assert parse_locator(str(place)) == place


@given(st.text(), st.text())
def test_errors_are_values(text: str, reason: str) -> None:
    """
    Errors compare by value, hash and pickle, though they hide and cut what they show.
    """
    error = NameInvalid(text=text, reason=reason)
    assert error == NameInvalid(text=text, reason=reason)
    twin = pickle.loads(pickle.dumps(error))
    assert twin == error
    assert hash(twin) == hash(error)
