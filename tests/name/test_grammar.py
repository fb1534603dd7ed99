"""
The productions, one table each.
"""

from __future__ import annotations

import pytest

from ocikit.name import grammar


@pytest.mark.parametrize("text", ["0", "80", "05000", "65535"])
def test_ports(text: str) -> None:
    """
    A port is a decimal that a socket can have.
    """
    assert grammar.is_port(text)


@pytest.mark.parametrize("text", ["", "65536", "99999", "000080", "-1", "8o", "٣", "80\n"])
def test_not_ports(text: str) -> None:
    """
    Digits of other scripts, and the newline that `$` forgives, are not a port's.
    """
    assert not grammar.is_port(text)


@pytest.mark.parametrize("text", ["0.0.0.0", "127.0.0.1", "255.255.255.255", "10.20.30.40"])
def test_ipv4(text: str) -> None:
    """
    Four decimals up to 255 are an address.
    """
    assert grammar.is_ipv4(text)


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "01.2.3.4"])
def test_not_ipv4(text: str) -> None:
    """
    What some resolvers read as an address is a domain name here.
    """
    assert not grammar.is_ipv4(text)


@pytest.mark.parametrize("text", ["::", "::1", "fe80::1", "0:0:0:0:0:0:0:1", "::ffff:1.2.3.4"])
def test_ipv6(text: str) -> None:
    """
    Every spelling of RFC 4291, 2.2 is an address.
    """
    assert grammar.is_ipv6(text)


@pytest.mark.parametrize("text", ["", ":", "1", "1::2::3", "12345::", "fe80::1%eth0", "[::1]"])
def test_not_ipv6(text: str) -> None:
    """
    Brackets and zones are not part of an address.
    """
    assert not grammar.is_ipv6(text)


@pytest.mark.parametrize(
    "text",
    ["docker.io", "a.b", "A.b-c.D", "x:1", "localhost", "localhost:5000", "[::1]", "[::1]:5000",
     "10.0.0.1:80", "xn--7o8h.com", "a--b.c", "999.1.1.1"],
)  # fmt: skip
def test_hosts(text: str) -> None:
    """
    Hosts are domain names, addresses and `localhost`, with or without a port.
    """
    assert grammar.is_host(text)
    assert grammar.is_host(text, loose=True)


@pytest.mark.parametrize("text", ["ex_am.com", "-a.com", "a-.com", "_:1"])
def test_loose_hosts(text: str) -> None:
    """
    Only the loose grammar takes underscores and outer dashes.
    """
    assert not grammar.is_host(text)
    assert grammar.is_host(text, loose=True)


@pytest.mark.parametrize(
    "text",
    ["", "word", "a..b", ".a", "a.", "..", ".", "a b.c", "a.b:", "a.b:x", "a.b:1:2", "[::1", "::1",
     "[::1]x", "[a.b]", "[]", "u@a.b", "a.b/", "é.com", "a.b\n", "a.b:80\n", "\u212a.io", "%2e.a"],
)  # fmt: skip
def test_not_hosts(text: str) -> None:
    """
    What no registry can be reached by, or is read as a user's name, is not a host.
    """
    assert not grammar.is_host(text)
    assert not grammar.is_host(text, loose=True)


@pytest.mark.parametrize(
    "text",
    ["a", "0", "a/b/c/d", "a.b", "a_b", "a__b", "a-b", "a---b", "x86_64/a.b-c__d", "a" * 255],
)
def test_paths(text: str) -> None:
    """
    Components are lower-case alphanumerics joined by separators (reference grammar).
    """
    assert grammar.is_path(text)
    assert grammar.is_path(text, loose=True)


@pytest.mark.parametrize(
    "text", ["-a", "a-", "_a", ".a", "a.", "a..b", "a___b", "a._b", "...", "a/-"]
)
def test_loose_paths(text: str) -> None:
    """
    Only the loose grammar takes separators anywhere.
    """
    assert not grammar.is_path(text)
    assert grammar.is_path(text, loose=True)


@pytest.mark.parametrize(
    "text",
    ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/./b", "a/../b", "A", "a:b", "a@b",
     "a b", "a\n", "a%2e", "a\\b", "é", "a" * 256],
)  # fmt: skip
def test_not_paths(text: str) -> None:
    """
    Whatever could leave its place in a URL is not even a loose path.
    """
    assert not grammar.is_path(text)
    assert not grammar.is_path(text, loose=True)


@pytest.mark.parametrize("text", ["a", "A", "0", "_", "_.", "1.0-rc_1", "a" * 128])
def test_tags(text: str) -> None:
    """
    A tag begins with a word character (distribution-spec, "Pulling manifests").
    """
    assert grammar.is_tag(text)
    assert grammar.is_tag(text, loose=True)


@pytest.mark.parametrize("text", [".x", "-x", "...", "-"])
def test_loose_tags(text: str) -> None:
    """
    Only the loose grammar takes a leading dot or dash.
    """
    assert not grammar.is_tag(text)
    assert grammar.is_tag(text, loose=True)


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a:b", "a b", "a\n", "é", "a+b", "a" * 129])
def test_not_tags(text: str) -> None:
    """
    A dot segment is no tag, however loose: it would climb in the URL.
    """
    assert not grammar.is_tag(text)
    assert not grammar.is_tag(text, loose=True)


@pytest.mark.parametrize(
    ("spelt", "canonical"),
    [
        ("index.docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("Docker.IO", "docker.io"),
        ("GHCR.io:443", "ghcr.io:443"),
        ("[0:0:0:0:0:0:0:1]:5000", "[::1]:5000"),
        ("[FE80::1]", "[fe80::1]"),
        ("::1", "[::1]"),
        ("\u212aELVIN.io", "\u212aELVIN.io"),
        ("[nonsense]:1", "[nonsense]:1"),
        ("", ""),
    ],
)
def test_canonical_host(spelt: str, canonical: str) -> None:
    """
    One host has one spelling, and what is no host is not turned into one.
    """
    assert grammar.canonical_host(spelt) == canonical
    assert grammar.canonical_host(canonical) == canonical


@pytest.mark.parametrize(
    ("component", "host"),
    [("localhost", True), ("LocalHost", True), ("a.b", True), ("a:1", True), ("user", False),
     ("Upper", False), ("", False)],
)  # fmt: skip
def test_names_a_host(component: str, host: bool) -> None:
    """
    A dot, a colon or the word `localhost` makes the first part a registry; case does not.
    """
    assert grammar.names_a_host(component) is host
