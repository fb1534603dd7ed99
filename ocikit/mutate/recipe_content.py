"""
The written forms of layers and images: by what the caller calls them, or whole.

A document is no place for large content. A layer in memory is written with its bytes;
everything else the caller names and finds again.
"""

from __future__ import annotations

from typing import Any, Final

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Image, Index, Loaded
from ocikit.content.layer import Layer
from ocikit.content.streams import BytesOpener
from ocikit.content.verify import check
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.mutate.recipe_faults import NotWritable, RecipeInvalid, shown, within
from ocikit.mutate.recipe_form import Form, Hooks, made, read, write
from ocikit.mutate.recipe_values import check_plain
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.gojson import Number

#: The largest layer that is written whole, in bytes.
MAX_INLINE: Final = 1 << 20

#: Whatever a document can say.
ANYTHING: Final = frozenset[type]([str, int, float, Number, bool, list, dict])


@record(kw_only=True)
class Whole:
    """
    A layer written down with its bytes.
    """

    descriptor: Descriptor
    #: None where the descriptor repeats the content itself.
    data: bytes | None = None
    diff_id: Digest | None = None


@record(kw_only=True)
class Listed:
    """
    An entry of an index written down: what it is listed as, and what the caller calls it.
    """

    descriptor: Descriptor
    content: Any


def layer_form(whole: Form) -> Form:
    """
    Give the form of layers.

    Args:
        whole: the form of `Whole`, which a table with a descriptor is.
    """

    def from_tree(value: Any, hooks: Hooks) -> Any:
        if type(value) is dict and "descriptor" in value:
            return made("a layer", _unpacked, read(whole, value, hooks))
        if hooks.layer is None:
            raise RecipeInvalid(reason=f"nothing says which layer {shown(value)} is; pass `layer`")
        return _expected("a layer", hooks.layer(value), (Layer,))

    def to_tree(layer: Layer, hooks: Hooks) -> Any:
        named = None if hooks.layer is None else hooks.layer(layer)
        return write(whole, _packed(layer), hooks) if named is None else check_plain(named)

    return Form(
        said="a layer",
        takes=ANYTHING,
        holds=lambda value: isinstance(value, Layer),
        from_tree=from_tree,
        to_tree=to_tree,
    )


def _unpacked(whole: Whole) -> Layer:
    said, data = whole.descriptor, whole.data
    if (data is None) == (said.data is None):
        reason = "expected its bytes once, as `data` or in the descriptor"
        raise RecipeInvalid(reason=reason)
    opener = BytesOpener(check(data or said.data or b"", said))
    return Layer(blob=Blob(descriptor=said, opener=opener), diff_id=whole.diff_id)


def _packed(layer: Layer) -> Whole:
    said, opener = layer.descriptor, layer.blob.opener
    held = opener.data if isinstance(opener, BytesOpener) else None
    data = held if said.data is None else said.data
    if data is None:
        raise NotWritable(
            reason=f"the bytes of layer {layer.digest} are not in memory"
            f" ({type(opener).__name__}); pass `layer` to say how it is found again,"
            " and flush it to a place before where it lies in a temporary file"
        )
    if layer.size > MAX_INLINE:
        raise NotWritable(
            reason=f"layer {layer.digest} has {layer.size} bytes, more than the {MAX_INLINE}"
            " that are written whole; pass `layer` to say how it is found again"
        )
    try:
        check(data, said)
    except Corrupt as error:
        raise NotWritable(reason=str(error)) from error
    return Whole(
        descriptor=said, data=data if said.data is None else None, diff_id=layer.known_diff_id
    )


def content_form(kinds: tuple[type, ...], listed: Form) -> Form:
    """
    Give the form of images, indexes and blobs, which only the caller can find.

    Args:
        kinds: those that are allowed; `Child` among them for entries of an index.
        listed: the form of `Listed`, which then a table with a descriptor is.
    """
    said = " or ".join(_WORDS[kind] for kind in kinds)

    def from_tree(value: Any, hooks: Hooks) -> Any:
        if Child in kinds and type(value) is dict and "descriptor" in value:
            entry = read(listed, value, hooks)
            with within("content"):
                content = found(entry.content, hooks)
            return Child(descriptor=entry.descriptor, opener=Loaded(content))
        return _expected(said, found(value, hooks), kinds)

    def to_tree(value: Any, hooks: Hooks) -> Any:
        if isinstance(value, Child):
            with within("content"):
                named = name(value.content, hooks)
            return write(listed, Listed(descriptor=value.descriptor, content=named), hooks)
        return name(value, hooks)

    return Form(
        said=said,
        takes=ANYTHING,
        holds=lambda value: isinstance(value, kinds),
        from_tree=from_tree,
        to_tree=to_tree,
    )


def found(value: Any, hooks: Hooks) -> Content:
    """
    Let the caller find an image, an index or a blob.
    """
    if hooks.image is None:
        raise RecipeInvalid(reason=f"nothing says which image {shown(value)} is; pass `image`")
    content: Content = _expected("content", hooks.image(value), (Image, Index, Blob))
    return content


def name(content: Content, hooks: Hooks) -> Any:
    """
    Let the caller say what an image, an index or a blob is found by.
    """
    if hooks.image is None:
        reason = f"nothing says how {content.digest} is found again; pass `image`"
        raise NotWritable(reason=reason)
    return check_plain(hooks.image(content))


_WORDS: Final[dict[type, str]] = {
    Image: "an image",
    Index: "an index",
    Blob: "a blob",
    Child: "an entry of an index",
}


def _expected(said: str, value: Any, kinds: tuple[type, ...]) -> Any:
    if not isinstance(value, kinds):
        reason = f"expected {said} of the hook, got {type(value).__name__}"
        raise RecipeInvalid(reason=reason)
    return value
