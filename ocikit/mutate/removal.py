"""
Images without some of their layers, or some of their files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

import attrs

from ocikit import media
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Invalid, Missing
from ocikit.mutate.rebuild import rebuild
from ocikit.mutate.remade import all_layers, with_layers, written_again
from ocikit.sizes import counted
from ocikit.spec.config import History
from ocikit.spec.histories import bounded, full


@attrs.frozen(kw_only=True)
class LayerMissing(Missing):
    """
    An image has no such layer.
    """

    image: Digest
    layers: int
    position: int

    def __str__(self) -> str:
        return f"image {self.image} has no layer {self.position}, but {self.layers} in all"


@attrs.frozen(kw_only=True)
class NothingCreatedBy(Missing):
    """
    No layer of an image was created by anything like that.
    """

    image: Digest
    created_by: str

    def __str__(self) -> str:
        return (
            f"image {self.image} has no layer whose history matches {self.created_by!r};"
            " entries that made no layer do not count"
        )


@attrs.frozen(kw_only=True)
class HistoryUnpaired(Corrupt):
    """
    The history of an image does not tell which of its entries made which layer.
    """

    image: Digest
    layers: int
    entries: int

    def __str__(self) -> str:
        return (
            f"image {self.image} has {counted(self.entries, 'entry')} of history that made a"
            f" layer, for {counted(self.layers, 'layer')}; name the layers by their positions"
        )


@attrs.frozen(kw_only=True)
class PatternInvalid(Invalid):
    """
    A pattern cannot be read, or names what cannot go.
    """

    pattern: str
    reason: str

    def __str__(self) -> str:
        return f"pattern {self.pattern!r}: {self.reason}"


def remove_layers(image: Image, *positions: int, created_by: str | None = None) -> Image:
    """
    Take layers out of an image, with their diff IDs and their entries of history.

    No layer is opened, so that nobody looks whether those above can do without: one that
    has a hard link to a file of a lower layer cannot be unpacked without that.

    Args:
        image: what is changed. An artifact loses layers by position, and keeps its
            configuration.
        positions: which layers; the lowest is 0, negative ones count from the top.
            Where the history has too few entries, they are those of the topmost layers.
        created_by: also those whose history was created by what this regular expression
            finds, anywhere in it. Entries that made no layer stay.

    Raises:
        LayerMissing: there is no layer at a position.
        NothingCreatedBy: there is no layer that was created by such a thing.
        HistoryUnpaired: nobody knows which entry made which layer.
        PatternInvalid: that is no regular expression.
        NotAnImage: an artifact has no history.

    >>> from ocikit.content.synthetic import image, layer
    >>> from ocikit.mutate.layers import append
    >>> import random
    >>> base = image(random.Random(1), layers=2)
    >>> made = append(base, layer(random.Random(2)), created_by="COPY secret /")
    >>> remove_layers(made, created_by="COPY secret") == remove_layers(made, -1) == base
    True
    """
    gone = {_at(image, position) for position in positions}
    if created_by is not None:
        gone |= _created_by(image, created_by)
    if not gone:
        return image
    kept = tuple(layer for number, layer in enumerate(image.layers) if number not in gone)
    if not media.is_config(image.config.media_type):
        return rebuild(image, layers=kept)
    return with_layers(image, kept, _history(image, gone))


def remove_paths(image: Image, *patterns: str) -> Image:
    """
    Take files out of every layer of an image, so that no byte of them is left.

    What is left is what unpacking the image, and then removing the paths, gives. A
    directory goes with all that is in it, and stays when only that goes. Of a file that
    has another name too, in whichever layer, only the name goes. A layer stays as it is
    when nothing in it matches, unless it has a hard link to what goes, or writes through
    links upon a layer that changed. One of which nothing is left is an empty layer, so
    that the history goes on telling of it. Where nothing matches at all, the image stays.

    Args:
        image: its layers are read once for their names, and those that change again.
        patterns: of paths from the root, as `tree.glob` reads them: `*`, `?` and `[...]`
            within a name, `**` for any folders. Links are not followed: where `lib` is a
            link to `usr/lib`, files are in `usr/lib`.

    Raises:
        PatternInvalid: a pattern names the root, or cannot be read.
        NotAnImage, NotALayer: there are no layers of files.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> made = image(random.Random(1))
    >>> remove_paths(made, "etc", "**/*.pyc") is made
    True
    >>> remove_paths(made, "/random/*").layers[0].size < made.layers[0].size
    True
    """
    layers = all_layers(image)
    match = _match(patterns)
    if match is None:
        return image
    from ocikit.tree.checked import checked
    from ocikit.tree.prune import prune

    made = tuple(
        layer if pieces is None else written_again(image, layer, pieces)
        for layer, pieces in zip(layers, prune(checked(layers), match), strict=True)
    )
    return with_layers(image, made)


def _at(image: Image, position: int) -> int:
    layers = len(image.layers)
    if not -layers <= position < layers:
        raise LayerMissing(image=image.digest, layers=layers, position=position)
    return position % layers


def _created_by(image: Image, pattern: str) -> set[int]:
    entries = image.config_file.history
    made = full(entries)
    if len(made) != len(image.layers):
        raise HistoryUnpaired(image=image.digest, layers=len(image.layers), entries=len(made))
    found = _expression(pattern)
    gone = {layer for layer, at in enumerate(made) if found.search(entries[at].created_by)}
    if not gone:
        raise NothingCreatedBy(image=image.digest, created_by=pattern)
    return gone


def _expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise PatternInvalid(pattern=pattern, reason=f"no regular expression: {error}") from None


def _match(patterns: Iterable[str]) -> Callable[[str], object] | None:
    from ocikit.tree.globs import expression
    from ocikit.tree.paths import clean

    parts: list[str] = []
    for pattern in patterns:
        path = clean(pattern.encode("utf-8", "surrogateescape"))
        if not path:
            raise PatternInvalid(pattern=pattern, reason="that is the root, which stays")
        try:
            parts.append(expression(path.decode("utf-8", "surrogateescape")).pattern)
        except re.error as error:
            raise PatternInvalid(pattern=pattern, reason=str(error)) from None
    whole = "|".join(f"(?:{part})" for part in parts)
    return re.compile(whole, re.DOTALL).fullmatch if parts else None


def _history(image: Image, gone: Collection[int]) -> tuple[History, ...]:
    entries, layers = image.config_file.history, len(image.layers)
    made = full(entries)
    if len(made) > layers:
        return bounded(entries, layers - len(gone))
    missing = layers - len(made)
    dropped = {made[layer - missing] for layer in gone if layer >= missing}
    return tuple(entry for at, entry in enumerate(entries) if at not in dropped)
