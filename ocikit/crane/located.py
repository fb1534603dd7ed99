"""
Places that are named: text to locator, before anything is asked.
"""

from __future__ import annotations

import attrs

from ocikit.crane.options import Options
from ocikit.errors import Invalid, Unsupported
from ocikit.name.faults import NameInvalid
from ocikit.name.locator import PREFIXES, Locator, parse_locator
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference


@attrs.frozen(kw_only=True)
class PlaceUnsupported(Unsupported):
    """
    A place cannot take, or give, what is asked.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@attrs.frozen(kw_only=True)
class NameNeeded(Invalid):
    """
    A place needs a tag to file an image under.
    """

    place: str

    def __str__(self) -> str:
        return f"{self.place}: an image is written there under a tag, as docker-daemon:name:tag"


def locate(text: str, options: Options) -> Locator:
    """
    Read a place under the naming rules of `options`.

    Raises:
        NameInvalid: the text names no place.
    """
    return parse_locator(text, weak=options.weak)


def reference(text: str, options: Options) -> Reference:
    """
    Read the name of something in a registry under the naming rules of `options`.

    Raises:
        NameInvalid: the text is none.
    """
    return parse_reference(of_registry(text), weak=options.weak)


def of_registry(text: str) -> str:
    """
    Give the name that stands for something in a registry, without `docker://`.

    Raises:
        NameInvalid: it is written as another kind of place.

    >>> of_registry("docker://oci:latest")
    'oci:latest'
    """
    bare = text.removeprefix("docker://")
    kind = next((prefix for prefix in PREFIXES if bare.startswith(prefix)), "")
    if kind and bare == text:
        reason = f"{kind} is no registry, and something in one is wanted here"
        raise NameInvalid(text=text, reason=reason)
    return bare
