"""
Laws of functions from image to image: what a pipeline should never break.

    from ocikit.testing import laws

    @laws.hold(laws.deterministic, laws.pure, laws.lazy, laws.preserves("user", "platform"))
    def test_hardened(image):
        return harden(image)

The function under the decorator becomes a test that gives each law generated images; it
fails with the smallest image that breaks one. A law by itself is a function of a change
and an image, which raises `LawBroken`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis.strategies import SearchStrategy

from ocikit.content.image import Content, Image
from ocikit.media import is_config
from ocikit.spec.document import make
from ocikit.testing.contents import contents as all_contents
from ocikit.testing.contents import images as all_images
from ocikit.testing.same import differing, differing_files
from ocikit.testing.watch import deeds, watched

Change: TypeAlias = Callable[[Image], Image]
Law: TypeAlias = Callable[[Change, Image], None]

_SHORTCUTS = ("config_file.config", "config_file", "manifest")


class LawBroken(AssertionError):
    """
    A law does not hold; its text says which, and what differs.
    """


def hold(
    *laws: Law, images: SearchStrategy[Image] | None = None
) -> Callable[[Change], Callable[[], None]]:
    """
    Make a test of a change: every law holds for every image.

    Args:
        laws: what is to hold.
        images: the images that the change is for; any when None.

    >>> from ocikit.mutate import config
    >>> test = hold(idempotent, pure)(lambda image: config(image, user="1"))
    >>> test()
    """

    def testing(change: Change) -> Callable[[], None]:
        def test(image: Image) -> None:
            for law in laws:
                law(change, image)

        test.__name__ = test.__qualname__ = getattr(change, "__name__", "test")
        test.__doc__, test.__module__ = change.__doc__, change.__module__
        return given(image=all_images() if images is None else images)(test)

    return testing


def deterministic(change: Change, image: Image) -> None:
    """
    The same image is changed to the same bytes each time: clocks and chance play no part.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import labels
    >>> times = iter("12")
    >>> broken(lambda image: labels(image, set={"made": next(times)}), IMAGE, [deterministic])
    ('not deterministic:\\nconfig > config.Labels.made: "1" | "2"',)
    """
    _equal("deterministic", change(image), change(image))


def idempotent(change: Change, image: Image) -> None:
    """
    Changed again, the result stays as it is.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import config
    >>> idempotent(lambda image: config(image, user="1"), IMAGE)
    """
    once = change(image)
    _equal("idempotent", once, change(once))


def pure(change: Change, image: Image) -> None:
    """
    Files, sockets, processes and the environment are left alone, and so is the image given.

    >>> from ocikit.content.empty import IMAGE
    >>> def looking(image):
    ...     open("/dev/null").close()
    ...     return image
    >>> broken(looking, IMAGE, [pure])
    ('not pure: it opened a file /dev/null',)
    """
    before = _documents(image)
    # What is done once, such as to import, is no part of it.
    change(image)
    if _documents(image) != before:
        raise LawBroken("not pure: it changed the image that it was given")
    with deeds() as told:
        change(image)
    if told:
        raise LawBroken(f"not pure: it {'; it '.join(told)}")


def lazy(change: Change, image: Image) -> None:
    """
    No layer is opened to find out what the changed image is.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import config
    >>> lazy(lambda image: config(image, user="1"), IMAGE)
    """
    known, opened = watched(image)
    changed = change(known)
    # The digest needs all of the document, and so all digests of layers.
    assert changed.digest
    if opened.digests:
        raise LawBroken(f"not lazy: it opened {', '.join(opened.digests)}")


def valid(change: Change, image: Image) -> None:
    """
    What comes out is whole: every digest, size, diff ID and the history agree.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import append
    >>> from ocikit.testing import building
    >>> valid(lambda image: append(image, building.layer("a")), IMAGE)
    """
    from ocikit.query.validate import validate

    found = [each for each in validate(change(image)) if each.severity != "note"]
    if any(each.severity == "warning" for each in found):
        # What was odd before is not of the change's making.
        odd = {each.message for each in validate(image)}
        found = [each for each in found if each.severity == "error" or each.message not in odd]
    if found:
        raise LawBroken(f"not valid: {'; '.join(map(str, found))}")


def keeps_unknown(change: Change, image: Image) -> None:
    """
    Members of documents that nobody here knows survive.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import config
    >>> keeps_unknown(lambda image: config(image, user="1"), IMAGE)
    """
    changed = change(image)
    for where in ("manifest", "config_file"):
        before = set(getattr(image, where).extra)
        if lost := before - set(getattr(changed, where).extra):
            raise LawBroken(f"not keeping what is unknown: {where} lost {sorted(lost)}")


def preserves(*facts: str) -> Law:
    """
    Make a law: some facts stay.

    Args:
        facts: paths of attributes, such as "platform", "layers" or "user". What is no
            attribute of an image is one of its run configuration, of its configuration
            or of its manifest: "user", "author", "annotations".

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import config
    >>> broken(lambda image: config(image, user="1"), IMAGE, [preserves("layers", "user")])
    ("not preserving user: '' became '1'",)
    """

    def preserving(change: Change, image: Image) -> None:
        changed = change(image)
        for fact in facts:
            before, after = value_of(image, fact), value_of(changed, fact)
            if before != after:
                raise LawBroken(f"not preserving {fact}: {before!r} became {after!r}")

    return preserving


def preserves_files(*besides: str) -> Law:
    """
    Make a law: what containers see stays, but for files that match one of some globs.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import append
    >>> from ocikit.testing import building
    >>> preserves_files("tmp/**")(lambda image: append(image, building.layer("tmp/a")), IMAGE)
    Traceback (most recent call last):
    ocikit.testing.laws.LawBroken: not preserving files:
    ...
    """

    def preserving(change: Change, image: Image) -> None:
        if told := differing_files(image, change(image), besides):
            raise LawBroken(f"not preserving files:\n{told}")

    return preserving


def commutes(other: Change) -> Law:
    """
    Make a law: it makes no difference whether this or another change comes first.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import config, labels
    >>> law = commutes(lambda image: labels(image, set={"a": "b"}))
    >>> law(lambda image: config(image, user="1"), IMAGE)
    """

    def commuting(change: Change, image: Image) -> None:
        _equal("commuting", change(other(image)), other(change(image)))

    return commuting


def undone_by(other: Change) -> Law:
    """
    Make a law: another change makes the image as it was.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import annotations
    >>> law = undone_by(lambda image: annotations(image, remove=["a"]))
    >>> law(lambda image: annotations(image, set={"a": "b"}), IMAGE)
    """

    def undone(change: Change, image: Image) -> None:
        _equal("undone", image, other(change(image)))

    return undone


def round_trip(
    there: Callable[[Content], Any],
    back: Callable[[Any], Content],
    *,
    contents: SearchStrategy[Content] | None = None,
) -> Callable[[], None]:
    """
    Make a test: what goes there comes back the same.

    Args:
        there: writes content somewhere, and says where.
        back: reads it from there.
        contents: what can be written; images, artifacts and indexes when None.

    >>> held = {}
    >>> def there(content):
    ...     held[content.digest] = content
    ...     return content.digest
    >>> round_trip(there, held.__getitem__)()
    """

    def test(content: Content) -> None:
        found = back(there(content))
        if found != content:
            raise LawBroken(f"not the same when it comes back:\n{differing(content, found)}")

    return given(content=all_contents() if contents is None else contents)(test)


def broken(change: Change, image: Image, laws: Iterable[Law]) -> tuple[str, ...]:
    """
    Tell which laws a change breaks with one image.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.mutate import labels
    >>> broken(lambda image: labels(image, set={"a": "b"}), IMAGE, [idempotent, lazy])
    ()
    """
    told: list[str] = []
    for law in laws:
        try:
            law(change, image)
        except LawBroken as error:
            told.append(str(error))
    return tuple(told)


def value_of(image: Image, fact: str) -> Any:
    """
    Give a fact of an image by the path of its attribute.

    Raises:
        AttributeError: an image has no such fact.

    >>> from ocikit.content.empty import IMAGE
    >>> value_of(IMAGE, "layers"), value_of(IMAGE, "user")
    ((), '')
    """
    for begin in ("", *_SHORTCUTS):
        value: Any = image
        try:
            for name in f"{begin}.{fact}".strip(".").split("."):
                value = getattr(value, name)
        except AttributeError:
            continue
        return value
    raise AttributeError(f"an image has no fact {fact!r}")


def _documents(image: Image) -> tuple[bytes, bytes]:
    # Records are frozen, but members that nobody knows are lists and dictionaries.
    config = make(image.config_file).raw if is_config(image.config.media_type) else b""
    return make(image.manifest).raw, config


def _equal(law: str, left: Image, right: Image) -> None:
    if left != right:
        raise LawBroken(f"not {law}:\n{differing(left, right)}")
