"""
Markup that is built, not pasted: whatever is a text becomes text.

Elements are written so that they are read alike as XML and as HTML.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from ocikit._records import record
from ocikit._shown import clipped, escaped, shown

#: So much of one text goes into a page, in characters.
MOST: Final = 500
#: Elements of HTML that have no end tag.
_VOID: Final = frozenset(["br", "hr", "meta"])


@record
class Markup:
    """
    Markup as it is written.

    >>> print(element("b", "1 < 2"))
    <b>1 &lt; 2</b>
    """

    text: str

    def __str__(self) -> str:
        return self.text


#: What can be in an element; text is escaped.
Inside: TypeAlias = "Markup | str"


def element(name: str, /, *inside: Inside, **attributes: str | float) -> Markup:
    """
    Make an element. Texts, those of attributes too, are escaped and cut to `MOST`.

    In names of attributes a last underscore is dropped, others become hyphens.

    >>> print(element("rect", class_="l1", width=1.5, aria_label='"'))
    <rect class="l1" width="1.5" aria-label="&quot;"></rect>
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{''.join(map(_inside, inside))}</{name}>")


def joined(parts: Iterable[Inside]) -> Markup:
    """
    Put parts after each other.
    """
    return Markup("".join(map(_inside, parts)))


def number(value: float) -> str:
    """
    Write a coordinate, with no more digits than can be seen.

    >>> number(1.0), number(2 / 3)
    ('1', '0.67')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _inside(part: Inside) -> str:
    return part.text if isinstance(part, Markup) else escaped(clipped(shown(part), MOST))


def _value(value: str | float) -> str:
    return escaped(clipped(shown(value), MOST)) if isinstance(value, str) else number(value)
