"""
What is wrong with a name, said so that a person can mend it.

Each `*_fault` gives None for what the grammar takes, and else the reason.
"""

from __future__ import annotations

import re

import attrs

from ocikit._regex import regex
from ocikit.errors import Invalid
from ocikit.name import grammar

_SCHEME = regex(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_USER = regex(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@(?=[^@]*/)", re.DOTALL)
_SHOWN = 300


def _shown(text: str) -> str:
    """
    Hide what stands where a password may, and cut what is too long to read.
    """
    text = _USER.sub(r"\1…@", text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


@attrs.frozen(kw_only=True)
class NameInvalid(Invalid):
    """
    A text does not name a registry, a repository, an image or a place.
    """

    text: str = attrs.field(converter=_shown)
    reason: str

    def __str__(self) -> str:
        return f"name {self.text!r}: {self.reason}"


def host_fault(host: str, *, loose: bool = False) -> str | None:
    """
    Say why this is not the host of a registry.
    """
    if grammar.is_host(host, loose=loose):
        return None
    if not host:
        return "the registry is missing; write a host, such as ghcr.io"
    name, port = grammar.split_port(host)
    if port is not None and not grammar.is_port(port):
        return f"{port!r} is not a port; write a number up to {grammar.PORT_LIMIT}"
    if not host.isascii():
        return f"registry {host!r} is not plain ASCII; write it in its xn-- form"
    if "[" in host or name.count(":"):
        return f"registry {host!r} is not an IPv6 address in brackets, as in [::1]:5000"
    if not grammar.names_a_host(host) and grammar.is_host(f"{host}.x", loose=loose):
        return (
            f"{host!r} would be read as a user of {grammar.HUB}; "
            f"write a registry of one word with its port, as in {host}:443"
        )
    return f"registry {host!r} is not a host; its parts hold letters, digits and inner dashes"


def path_fault(path: str, *, loose: bool = False) -> str | None:
    """
    Say why this is not the path of a repository.
    """
    if grammar.is_path(path, loose=loose):
        return None
    if not path:
        return "the repository is missing; write registry/repository"
    if len(path) > grammar.PATH_LIMIT:
        return f"repository has {len(path)} characters; at most {grammar.PATH_LIMIT} are allowed"
    if path != path.lower() and path.isascii():
        return f"a repository is lower case; write {path.lower()!r}"
    parts = path.split("/")
    if "" in parts:
        return "repository has an empty part; remove the extra slash"
    if "." in parts or ".." in parts:
        return "'.' and '..' cannot be parts of a repository"
    odd = next((c for c in path if not grammar.is_path(c, loose=True) and c not in "./"), None)
    if odd is not None:
        return f"repository has the odd character {odd!r}; use a-z, 0-9, '.', '_', '-' and '/'"
    part = next(part for part in parts if not grammar.is_path(part))
    return (
        f"repository part {part!r} must begin and end with a letter or digit, "
        "with one '.', one or two '_' or dashes between"
    )


def tag_fault(tag: str, *, loose: bool = False) -> str | None:
    """
    Say why this is not a tag.
    """
    if grammar.is_tag(tag, loose=loose):
        return None
    if not tag:
        return "no tag follows the colon; write one or leave out the colon"
    if len(tag) > grammar.TAG_LIMIT:
        return f"tag has {len(tag)} characters; at most {grammar.TAG_LIMIT} are allowed"
    odd = next((c for c in tag if not grammar.is_tag(f"x{c}")), None)
    if odd is not None:
        return f"tag has the odd character {odd!r}; use letters, digits, '_', '.' and '-'"
    if tag in (".", ".."):
        return f"{tag!r} cannot be a tag"
    return f"tag {tag!r} must begin with a letter, a digit or '_'"


def lookalike_fault(text: str) -> str | None:
    """
    Say what a text that is not a name seems to be instead.
    """
    if not text:
        return "it is empty; write an image, such as debian:12"
    if any(c.isspace() for c in text):
        return "it has white space; remove it"
    scheme = _SCHEME.match(text)
    if scheme is not None:
        rest = _USER.sub("", text[scheme.end() :])
        return f"leave out the scheme; write {_shown(rest)!r}"
    if _USER.match(text):
        return "leave out the user and password; log in to the registry instead"
    if text.startswith(("/", "./", "../", "~")) or text in (".", "..") or "\\" in text:
        return (
            "it looks like a path; write oci:DIR for a layout, "
            "oci-archive:FILE or docker-archive:FILE for an archive"
        )
    return None
