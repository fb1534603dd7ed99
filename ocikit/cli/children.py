"""
Children of indexes: how they are chosen on a command line, and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ocikit.cli.output import emit_content
from ocikit.cli.shared import shared

if TYPE_CHECKING:
    from ocikit.content.image import Content, Index
    from ocikit.crane.options import Options
    from ocikit.platforms import Platform
    from ocikit.spec.descriptor import Descriptor
    from ocikit.spec.match import Match

F = TypeVar("F", bound=Callable[..., Any])

#: Last first, as decorators are.
_CHOICES: Final = {
    "--with-annotation": ("KEY[=VALUE]", "Children of this annotation; repeatable."),
    "--digest": ("DIGEST", "The child of this digest; repeatable."),
    "--platform": ("OS[/ARCH[/VARIANT]]", "Children for this platform; repeatable."),
}


def choosing(command: F) -> F:
    """
    Add the options by which children are chosen; see `chosen`.
    """
    for name, (metavar, said) in _CHOICES.items():
        command = click.option(name, metavar=metavar, multiple=True, help=said)(command)
    return command


def allow_empty_option(command: F) -> F:
    """
    Add --allow-empty.
    """
    return click.option("--allow-empty", is_flag=True, help="Write an index of nothing, too.")(
        command
    )


def chosen(
    platform: Sequence[str], digest: Sequence[str], annotation: Sequence[str]
) -> Match | None:
    """
    Match the children that any of the options means; None when there is none.

    Raises:
        PlatformInvalid, DigestInvalid: a text is none.
    """
    from ocikit.spec import match

    wanted = [match.platform(each) for each in platforms(platform)]
    if not (wanted or digest or annotation):
        return None
    by_annotation = (each.partition("=") for each in annotation)
    return match.any_of(
        *wanted,
        *([match.digest(*digest)] if digest else ()),
        *(match.annotation(key, value if equals else None) for key, equals, value in by_annotation),
    )


def platforms(given: Sequence[str]) -> tuple[Platform, ...]:
    """
    Read the platforms of children, given before the command's name or after it.

    Raises:
        UsageError: one is a list, where the option is to be repeated.
        PlatformInvalid: one is none.
    """
    from ocikit.platforms import parse

    texts = tuple(given) or shared().platform
    for text in texts:
        if "," in text:
            again = " ".join(f"--platform {each}" for each in text.split(",") if each)
            raise click.UsageError(f"--platform {text!r}: is one platform; repeat it, as {again}")
        if text == "all":
            raise click.UsageError("--platform all: does not choose; name the platforms")
    return tuple(map(parse, texts))


def is_path(place: str) -> bool:
    """
    Tell whether this is a path, which no name of an image can be.
    """
    return place.startswith((".", "/"))


def source_of(place: str, options: Options) -> str | Content:
    """
    Give a place, or for a path, `./…` or `/…`, all that the layout there holds.

    A path to a file is that of an archive of either kind.

    Raises:
        NothingThere: there is nothing.
    """
    if not is_path(place):
        return place
    import os

    from ocikit._records import evolve
    from ocikit.cli.sources import content_of

    return content_of(place, evolve(options, platforms=()), whole=os.path.isdir(place))


def write_index(image: str, tag: str | None, make: Callable[[Options], Index]) -> None:
    """
    Make an index, write it to `tag`, else over the image, and print its name.

    Raises:
        UsageError: the image cannot be written over.
    """
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import aim
    from ocikit.crane.places import flush

    if tag is None and is_path(image):
        raise click.UsageError(f"{image}: say where to write what is made of a layout, with -t")
    with shown() as known:
        target = aim(image, known, tag=tag, whole=True)
        made = make(target.loading(known))
        name = flush(target.at(made), made, known)
    emit_content(name, made.descriptor)


def table(children: Sequence[Descriptor], *, annotations: bool) -> Iterator[str]:
    """
    Give the lines of a table: a header, and a line for each child.

    Args:
        children: what an index lists.
        annotations: show those of each child below it.
    """
    rows = [
        ("Digest", "MediaType", "Size", "Platform"),
        *(
            (str(each.digest), _shown(each.media_type), str(each.size), _platform(each))
            for each in children
        ),
    ]
    first, second, third = (max(len(row[at]) for row in rows) for at in range(3))
    said = [(), *(each.annotations.items() if annotations else () for each in children)]
    for row, notes in zip(rows, said, strict=True):
        yield f"{row[0]:{first}}  {row[1]:{second}}  {row[2]:>{third}}  {row[3]}"
        yield from (f"  {_shown(key)}={_shown(value)}" for key, value in notes)


def _platform(said: Descriptor) -> str:
    return _shown(str(said.platform or "")) or "-"


def _shown(text: str) -> str:
    # What an index says must not move the cursor, nor end the line.
    return text if text.isprintable() else text.encode("unicode_escape").decode()
