"""
The grammar of image names, one production for each predicate.

The strict productions are those of distribution's reference grammar and of
distribution-spec, "Pulling manifests". The loose ones are what go-containerregistry
takes, less all that is unsafe in the path of a URL; whatever is strict is loose too.
"""

from __future__ import annotations

from typing import Final

from ocikit._regex import regex

#: Docker Hub, as people write it.
HUB: Final = "docker.io"
#: Other hosts by which Docker Hub is known.
HUB_ALIASES: Final = frozenset({"index.docker.io", "registry-1.docker.io"})
#: Where Docker Hub keeps the images that are named by one word.
OFFICIAL: Final = "library/"

PATH_LIMIT: Final = 255
TAG_LIMIT: Final = 128
PORT_LIMIT: Final = 65535

_PORT = regex(r"[0-9]{1,5}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = regex(rf"{_LABEL}(?:\.{_LABEL})*")
_LOOSE_DOMAIN = regex(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = regex(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_IPV6_LETTERS = regex(r"[0-9A-Fa-f:.]+")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = regex(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_LOOSE_COMPONENT = r"(?!\.{1,2}(?:/|$))[a-z0-9_.-]+"
_LOOSE_PATH = regex(rf"{_LOOSE_COMPONENT}(?:/{_LOOSE_COMPONENT})*")
_TAG = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LOOSE_TAG = regex(r"(?!\.{1,2}$)[A-Za-z0-9_.-]+")
_IMAGE_ID = regex(r"[0-9a-f]{64}")


def is_port(text: str) -> bool:
    """
    Tell whether this is a port: decimal digits up to 65535.
    """
    return _PORT.fullmatch(text) is not None and int(text) <= PORT_LIMIT


def is_ipv4(text: str) -> bool:
    """
    Tell whether this is an IPv4 address in dotted decimals.
    """
    return _IPV4.fullmatch(text) is not None


def is_ipv6(text: str) -> bool:
    """
    Tell whether this is an IPv6 address (RFC 4291, 2.2), without brackets or zone.
    """
    if ":" not in text or not _IPV6_LETTERS.fullmatch(text):
        return False
    from ipaddress import AddressValueError, IPv6Address

    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def split_port(host: str) -> tuple[str, str | None]:
    """
    Split a host into its name and its port, which is None when there is no colon.

    >>> split_port("[::1]:5000"), split_port("ghcr.io")
    (('[::1]', '5000'), ('ghcr.io', None))
    """
    name, colon, port = host.rpartition(":")
    if not colon or "]" in port:
        return host, None
    return name, port


def names_a_host(component: str) -> bool:
    """
    Tell whether the first component of a name is a registry, as all tools decide it.

    It is when it has a dot or a colon or is `localhost`; any other is a user of the
    default registry.
    """
    return "." in component or ":" in component or component.lower() == "localhost"


def is_host(text: str, *, loose: bool = False) -> bool:
    """
    Tell whether this is the host of a registry, with or without a port.

    A bare word is not: in a name it would be read as a user of Docker Hub.
    """
    name, port = split_port(text)
    if (port is not None and not is_port(port)) or not names_a_host(text):
        return False
    if name.startswith("[") and name.endswith("]"):
        return is_ipv6(name[1:-1])
    return (_LOOSE_DOMAIN if loose else _DOMAIN).fullmatch(name) is not None


def is_path(text: str, *, loose: bool = False) -> bool:
    """
    Tell whether this is the path of a repository within its registry.

    The loose grammar takes any run of `a-z 0-9 _ . -` as a component, but `.` and `..`.
    """
    grammar = _LOOSE_PATH if loose else _PATH
    return len(text) <= PATH_LIMIT and grammar.fullmatch(text) is not None


def is_tag(text: str, *, loose: bool = False) -> bool:
    """
    Tell whether this is a tag; a loose one may begin with a dot or a dash.
    """
    return len(text) <= TAG_LIMIT and (_LOOSE_TAG if loose else _TAG).fullmatch(text) is not None


def is_image_id(text: str) -> bool:
    """
    Tell whether this is a whole image ID without its algorithm, as engines print it.
    """
    return _IMAGE_ID.fullmatch(text) is not None


def canonical_host(text: str) -> str:
    """
    Give the one spelling of a host; what is not a host is returned as it is.

    Hosts are lower case, Docker Hub is `docker.io`, and an IPv6 address is in its
    shortest form and in brackets.

    >>> canonical_host("Index.Docker.IO"), canonical_host("[0:0::1]:5000")
    ('docker.io', '[::1]:5000')
    """
    # Not all that is lower case ASCII was so in other alphabets: the Kelvin sign is k.
    host = text.lower() if text.isascii() else text
    if host in HUB_ALIASES:
        return HUB
    if is_ipv6(host):
        return _bracketed(host)
    name, port = split_port(host)
    if name.startswith("[") and name.endswith("]") and is_ipv6(name[1:-1]):
        return _bracketed(name[1:-1]) + ("" if port is None else f":{port}")
    return host


def _bracketed(address: str) -> str:
    from ipaddress import IPv6Address

    return f"[{IPv6Address(address).compressed}]"


def canonical_path(host: str, path: str) -> str:
    """
    Give a path as its registry knows it: one word of Docker Hub is in `library/`.
    """
    return OFFICIAL + path if host == HUB and path and "/" not in path else path
