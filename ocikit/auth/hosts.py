"""
Globs of hosts, as Kubernetes reads them: label by label, and the port as it is written.
"""

from __future__ import annotations

import functools
import re
from fnmatch import translate
from typing import Final

from ocikit.name import grammar
from ocikit.name.records import Registry

_HUB: Final = (grammar.HUB, *sorted(grammar.HUB_ALIASES))


def matches(glob: str, registry: Registry) -> bool:
    """
    Tell whether a glob is of a registry's host.

    `*`, `?` and `[a-z]` stand for what is within a label: `*.example.com` is neither
    `example.com` nor `a.b.example.com`. Without a port it is of no host that has one.
    Docker Hub goes by all its names.

    >>> matches("*.example.com", Registry("r.example.com"))
    True
    >>> matches("*.example.com", Registry("r.example.com.evil.org"))
    False
    """
    hosts = _HUB if registry.is_hub else (registry.host,)
    return any(_host_matches(glob.lower(), host) for host in hosts)


def _host_matches(glob: str, host: str) -> bool:
    pattern, port = grammar.split_port(grammar.canonical_host(glob))
    name, actual = grammar.split_port(host)
    wanted, labels = pattern.split("."), name.split(".")
    if port != actual or len(wanted) != len(labels):
        return False
    if name.startswith("["):
        # The brackets of an address are not those of a set.
        return pattern == name
    return all(_label(each).fullmatch(label) for each, label in zip(wanted, labels, strict=True))


@functools.lru_cache(maxsize=256)
def _label(glob: str) -> re.Pattern[str]:
    # Go, which Kubernetes is written in, negates by ^ where Python has !.
    return re.compile(translate(glob.replace("[^", "[!")))
