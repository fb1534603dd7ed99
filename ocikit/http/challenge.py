"""
WWW-Authenticate: how a server wants to be asked (RFC 9110, 11.6.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ocikit._records import EMPTY, FrozenMap, record
from ocikit._regex import regex
from ocikit.http.message import Headers

#: How much of one line is looked at, in characters.
_LONGEST: Final = 16 << 10

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the grammar's name for a word
_SPACE = regex(r"[\s,]*")
# Some servers forget the quotes around a URL or a scope: more than a token is taken.
_PARAMETER = regex(
    rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|((?!")[^\s,"]*)(?=[\s,]|$))', re.DOTALL
)
_SCHEME = regex(rf"({_TOKEN})(?=[\s,]|$)")
_TOKEN68 = regex(r"\s+([A-Za-z0-9._~+/-]+=*)\s*(?=,|$)")
_ESCAPE = regex(r"\\(.)", re.DOTALL)


@record
class Challenge:
    """
    One way in: a scheme and its parameters, names in lower case.
    """

    scheme: str
    parameters: FrozenMap[str, str] = EMPTY
    #: What some schemes have instead of parameters.
    token68: str = attrs.field(default="", repr=False)


def challenges_of(headers: Headers) -> tuple[Challenge, ...]:
    """
    Read all challenges of a response, in order.

    A line may hold several. What is malformed ends its line; what was read before stays.

    >>> line = 'Basic realm="a, b", Bearer realm="https://r.io/token",service=r.io'
    >>> [challenge.scheme for challenge in challenges_of(Headers({"WWW-Authenticate": line}))]
    ['basic', 'bearer']
    """
    lines = headers.all("WWW-Authenticate")
    return tuple(found for line in lines for found in _challenges(line[:_LONGEST]))


def choose(challenges: Iterable[Challenge]) -> Challenge | None:
    """
    Choose the challenge to meet: Bearer if it says where, else Basic, else none.

    >>> choose([Challenge("negotiate"), Challenge("basic")]).scheme
    'basic'
    """
    known = [c for c in challenges if c.scheme == "basic" or _is_usable_bearer(c)]
    return next((c for c in known if c.scheme == "bearer"), next(iter(known), None))


def _is_usable_bearer(challenge: Challenge) -> bool:
    return challenge.scheme == "bearer" and bool(challenge.parameters.get("realm"))


def _challenges(line: str) -> Iterator[Challenge]:
    position = _past_space(line, 0)
    while scheme := _SCHEME.match(line, position):
        name = scheme[1].lower()
        position = scheme.end()
        # A parameter without a value looks the same; these schemes have parameters.
        alone = None if name in ("basic", "bearer") else _TOKEN68.match(line, position)
        if alone:
            position = _past_space(line, alone.end())
            yield Challenge(name, token68=alone[1])
            continue
        parameters, position = _parameters(line, position)
        yield Challenge(name, parameters)


def _parameters(line: str, position: int) -> tuple[FrozenMap[str, str], int]:
    found: dict[str, str] = {}
    position = _past_space(line, position)
    while parameter := _PARAMETER.match(line, position):
        name, quoted, plain = parameter.groups()
        found[name.lower()] = plain if quoted is None else _ESCAPE.sub(r"\1", quoted)
        position = _past_space(line, parameter.end())
    return FrozenMap(found), position


def _past_space(line: str, position: int) -> int:
    space = _SPACE.match(line, position)
    return space.end() if space else position
