"""
`--format`: results written as a person wants them, by a template that can do nothing else.

A template is text with members in braces: `{digest} {size}`, `{platform.os}`,
`{findings.0.message}`, `{size:>12}`. Two braces are one. What Docker's tools take is taken
too where it names members only: `{{.Digest}}`, `{{json .Labels}}`, `{{json .}}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.errors import Invalid

#: In the order in which they are looked for. A path may be empty for the whole result.
_PIECE: Final = regex(
    r"\{\{\s*(?P<json>json\s+)?\.(?P<go>[\w.-]*)\s*\}\}"
    r"|(?P<more>\{\{-?\s*(?:\.|(?:range|if|else|end|with|json|join|index|len|printf?)\b))"
    r"|(?P<brace>\{\{|\}\})"
    r"|\{(?P<path>[\w.-]*)(?::(?P<spec>[^{}]*))?\}"
    r"|(?P<escape>\\[nt\\])"
    r"|(?P<text>[^{}\\]+|\\)"
)
#: As Python's: an alignment, a width, and how much is shown at most.
_SPEC: Final = regex(r"[<>^]?\d{0,3}(?:\.\d{1,3})?")
_ESCAPES: Final = {r"\n": "\n", r"\t": "\t", "\\\\": "\\"}


@attrs.frozen(kw_only=True)
class TemplateInvalid(Invalid):
    """
    A text is no template.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return f"--format {self.text!r}: {self.reason}; see `ocikit help output`"


@record
class Member:
    """
    A member of a result, by the way to it.
    """

    path: tuple[str, ...]
    #: Whether it is written as JSON, though it is a text.
    quoted: bool = False
    spec: str = ""


Template: TypeAlias = tuple["str | Member", ...]


def parse(text: str) -> Template:
    """
    Read a template.

    Raises:
        TemplateInvalid: it is none.

    >>> parse("is {{.Digest}}")
    ('is ', Member(path=('Digest',), quoted=False, spec=''))
    """
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[str | Member]:
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise TemplateInvalid(text=text, reason=_reason(text[at:]))
        if found["more"]:
            reason = "of Go's templates only {{.Name}} and {{json .Name}} are understood"
            raise TemplateInvalid(text=text, reason=reason)
        at = found.end()
        if found["go"] is not None:
            yield Member(_path(found["go"]), quoted=bool(found["json"]))
        elif found["path"] is not None:
            yield Member(_path(found["path"]), spec=_spec(text, found["spec"] or ""))
        elif found["brace"]:
            yield found["brace"][0]
        else:
            yield _ESCAPES.get(found[0], found[0])


def _reason(rest: str) -> str:
    if rest.startswith("}"):
        return "a } that closes nothing is written as }}"
    if rest.startswith("{") and "}" in rest:
        return f"{rest[: rest.index('}') + 1]} names no member, as {{digest}} or {{platform.os}} do"
    return "a { is not closed; as text it is written as {{"


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(".") if part)


def _spec(text: str, spec: str) -> str:
    if not _SPEC.fullmatch(spec):
        raise TemplateInvalid(text=text, reason=f"{spec!r} is no width, such as >12 or .19")
    return spec


def check(template: Template, text: str, known: Iterable[str]) -> None:
    """
    See that a template names members that there are, before anything is done.

    Raises:
        TemplateInvalid: it names another.
    """
    names = list(known)
    for piece in template:
        if isinstance(piece, Member) and piece.path and _named(names, piece.path[0]) is None:
            there = ", ".join(names) or "none"
            reason = f"there is no member {piece.path[0]!r}; there are {there}"
            raise TemplateInvalid(text=text, reason=reason)


def render(template: Template, members: Mapping[str, Any]) -> str:
    """
    Write a result; of what it has not, nothing is written.

    >>> render(parse("{digest:.9} {{json .Labels}} {x.0}"), {"digest": "sha256:0123", "labels": {}})
    'sha256:01 {} '
    """
    return "".join(
        piece if isinstance(piece, str) else _written(piece, members) for piece in template
    )


def _written(member: Member, members: Mapping[str, Any]) -> str:
    value: Any = members
    for part in member.path:
        value = _inside(value, part)
    if isinstance(value, str) and not member.quoted:
        text = value
    elif value is None and not member.quoted:
        text = ""
    else:
        text = json.dumps(value, ensure_ascii=False)
    return format(text, member.spec)


def _inside(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        name = _named(value, part)
        return None if name is None else value[name]
    if isinstance(value, list | tuple) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None


def _named(names: Iterable[str], part: str) -> str | None:
    # `.MediaType` is `mediaType` to whoever is used to Go.
    folded = part.casefold()
    exact = [name for name in names if name == part]
    return next(iter(exact or [name for name in names if name.casefold() == folded]), None)
