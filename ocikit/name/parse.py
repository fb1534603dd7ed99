"""
Names read from text.

The strict reading, which is the default, takes distribution's reference grammar. The
weak one takes what go-containerregistry takes: tags that begin with a dot or a dash,
repositories of any `a-z 0-9 _ . -` between slashes, underscores in hosts, an IPv6
address without brackets, and an empty registry for the default one. It differs from
go-containerregistry where that is not safe or cannot work: empty parts, `.` and `..`,
schemes, ports over 65535, and hosts that are not ASCII are refused; sha384 and sha512
digests are taken; and a registry of one word needs its port.
"""

from __future__ import annotations

import functools
from typing import NoReturn

from ocikit.digest import HEX_LENGTH, Digest, DigestInvalid
from ocikit.name import grammar
from ocikit.name.faults import NameInvalid, host_fault, lookalike_fault, path_fault, tag_fault
from ocikit.name.records import Pinned, Reference, Registry, Repository, Tag


def parse_reference(
    text: str,
    *,
    weak: bool = False,
    default_registry: str = grammar.HUB,
    default_tag: str = "latest",
) -> Reference:
    """
    Read `[registry/]repository[:tag][@digest]`.

    The first part is the registry when it has a dot or a colon or is `localhost`. A
    name of one part is a repository: `localhost:5000` is its tag 5000.

    Raises:
        NameInvalid: the text is not of that form.
        DigestAlgorithmUnknown: its digest is well formed but cannot be verified here.

    >>> str(parse_reference("debian"))
    'docker.io/library/debian:latest'
    >>> parse_reference("ghcr.io/me/app:1").identifier
    '1'
    """
    rest, at, digest = text.partition("@")
    name, colon, tag = _split_tag(rest)
    repository = _repository(text, name, weak, default_registry)
    if colon or not at:
        tag = tag if colon else default_tag
        _check(text, tag_fault(tag, loose=weak))
    if at:
        return Pinned(repository, read_digest(text, digest), tag if colon else None)
    return Tag(repository, tag)


def parse_repository(
    text: str, *, weak: bool = False, default_registry: str = grammar.HUB
) -> Repository:
    """
    Read `[registry/]repository`, with neither tag nor digest.

    Raises:
        NameInvalid: the text is not of that form.

    >>> parse_repository("localhost:5000/app").registry
    Registry(host='localhost:5000')
    """
    rest, at, _ = text.partition("@")
    name, colon, _ = _split_tag(rest)
    if at or colon:
        _fail(text, f"a repository has no tag or digest; write {name!r}")
    return _repository(text, text, weak, default_registry)


def parse_registry(
    text: str, *, weak: bool = False, default_registry: str = grammar.HUB
) -> Registry:
    """
    Read the host of a registry, with or without a port.

    Raises:
        NameInvalid: the text is not of that form.

    >>> parse_registry("[::1]:5000").may_be_plain
    True
    """
    if weak and not text:
        return Registry(default_registry)
    if not lookalike_fault(text) and "/" in text:
        _fail(text, f"a registry is a host only; write {text.partition('/')[0]!r}")
    return _registry(text, text, weak)


def read_digest(text: str, digest: str) -> Digest:
    """
    Read the digest within `text`, so that an error shows the whole of it.

    Raises:
        NameInvalid: it is not a digest.
        DigestAlgorithmUnknown: it is well formed but cannot be verified here.
    """
    _check(text, lookalike_fault(text))
    try:
        return Digest.parse(digest)
    except DigestInvalid as error:
        raise NameInvalid(text=text, reason=error.reason) from error


def _split_tag(text: str) -> tuple[str, str, str]:
    name, colon, tag = text.rpartition(":")
    return (name, colon, tag) if colon and "/" not in tag else (text, "", "")


def _registry(text: str, host: str, weak: bool) -> Registry:
    read = _read_host(host, weak)
    return read if isinstance(read, Registry) else _fail(text, read)


# Of many names nearly all have one host.
@functools.lru_cache(maxsize=256)
def _read_host(host: str, weak: bool) -> Registry | str:
    """
    Read a host, or say why it is none.
    """
    written = grammar.canonical_host(host) if weak else host
    return host_fault(written, loose=weak) or Registry(host)


def _repository(text: str, name: str, weak: bool, default_registry: str) -> Repository:
    if not weak and grammar.is_image_id(name):
        _fail(text, "64 hexadecimal digits are an image ID; write docker-daemon:sha256:ID")
    if name.rpartition(":")[2] in HEX_LENGTH and ":" in name:
        _fail(text, "write '@' before a digest, as in app@sha256:2c26b4…")
    host, slash, path = name.partition("/")
    if slash and grammar.names_a_host(host):
        registry = _registry(text, host, weak)
    else:
        registry, path = Registry(default_registry), name
    path = grammar.canonical_path(registry.host, path)
    _check(text, path_fault(path, loose=weak))
    return Repository(registry, path)


def _check(text: str, fault: str | None) -> None:
    if fault is not None:
        _fail(text, fault)


def _fail(text: str, fault: str) -> NoReturn:
    raise NameInvalid(text=text, reason=lookalike_fault(text) or fault)
