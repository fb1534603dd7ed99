"""
Tests of the contract of places that draw nothing find the bugs that they are for, planted in
a layout that has none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from ocikit import layout
from ocikit._records import evolve
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import image_of, index_of
from ocikit.content.streams import BytesOpener
from ocikit.errors import Missing, OciError, Unreachable
from ocikit.testing.breaking import through
from ocikit.testing.contracts import PlaceContract, all_bytes
from ocikit.testing.contracts_using import names

Flush: TypeAlias = Callable[[Path, Content], None]
Load: TypeAlias = Callable[[Path], Content]
#: What tests end with.
_FAILURES: Final = (Exception, pytest.fail.Exception)
#: What was opened, and is never closed.
_KEPT: Final[list[Any]] = []


def _flush(folder: Path, content: Content) -> None:
    layout.flush(folder, content, reference="x", foreign=True, durable=False)


def _load(folder: Path) -> Content:
    return layout.load(folder, "x")


def _place(flush: Flush = _flush, load: Load = _load) -> PlaceContract:
    class Layout(PlaceContract):
        def flush(self, folder: Path, content: Content) -> None:
            flush(folder, content)

        def load(self, folder: Path) -> Content:
            return load(folder)

    return Layout()


class _Opener:
    def __init__(self, open: Callable[[], Any]) -> None:
        self.open = open


def _reading(open: Callable[[Blob], Any]) -> Load:
    """
    Load what is there, and open it by a way of its own.
    """
    return lambda folder: through(_load(folder), lambda blob: _Opener(lambda: open(blob)))


def _whole(blob: Blob) -> bytes:
    with blob.open() as stream:
        return stream.read()


def reads_ahead(folder: Path) -> Content:
    """
    Reads layers when it is asked what there is, and carries their bytes along.
    """
    return through(_load(folder), lambda blob: BytesOpener(_whole(blob)))


def slurps(blob: Blob) -> Any:
    """
    Reads all of a blob to open it.
    """
    return BytesOpener(_whole(blob)).open()


def opens_two(blob: Blob) -> Any:
    """
    Opens a file more than it closes.
    """
    _KEPT.append(blob.opener.open())
    return blob.opener.open()


def opens_one(folder: Path) -> Content:
    """
    Opens each file once, and goes on where the last reader was.
    """

    def once(blob: Blob) -> _Opener:
        held: list[Any] = []

        def again() -> Any:
            held.extend([] if held else [blob.opener.open()])
            return held[0]

        return _Opener(again)

    return through(_load(folder), once)


def holds_index(folder: Path) -> Content:
    """
    Holds a file of what it loads.
    """
    _KEPT.append((folder / "index.json").open())
    return _load(folder)


def rebuilds(folder: Path) -> Content:
    """
    Takes the files that it finds for what was written.
    """
    found = _load(folder)
    if not isinstance(found, Image):
        return found

    def again(blob: Blob) -> Blob:
        path = folder / "blobs" / blob.digest.algorithm / blob.digest.hex
        return of_bytes(path.read_bytes(), blob.media_type)

    layers = [evolve(layer, blob=again(layer.blob)) for layer in found.layers]
    return image_of(found.config_file, layers)


def vague(blob: Blob) -> Any:
    """
    Tells that something is gone, and not what.
    """
    try:
        return blob.opener.open()
    except Missing:
        raise Missing("something") from None


def misnamed(blob: Blob) -> Any:
    """
    Takes what is gone for what cannot be reached.
    """
    try:
        return blob.opener.open()
    except Missing as error:
        raise Unreachable(str(error)) from None


def sorts(folder: Path, content: Content) -> None:
    """
    Lists children by their digests.
    """
    if isinstance(content, Index):
        children = sorted(content.children, key=lambda child: str(child.descriptor.digest))
        content = index_of([child.content for child in children])
    _flush(folder, content)


def tidies(folder: Path, content: Content) -> None:
    """
    Writes of a configuration what it understands.
    """
    if isinstance(content, Image) and content.config_file.architecture:
        known = evolve(content.config_file, extra={})
        content = image_of(known, content.layers)
    _flush(folder, content)


def opens_twice(folder: Path, content: Content) -> None:
    """
    Reads all, to see whether it is good, and then again.
    """
    all_bytes(content)
    _flush(folder, content)


def forgets_to_close(folder: Path, content: Content) -> None:
    """
    Leaves it to others to close what it opened.
    """

    def begun(blob: Blob) -> Any:
        return BytesOpener(blob.opener.open().read(-1)).open()

    _flush(folder, through(content, lambda blob: _Opener(lambda: begun(blob))))


def never_closes(folder: Path, content: Content) -> None:
    """
    Remembers what it opened.
    """

    def begun(blob: Blob) -> Any:
        _KEPT.append(blob.opener.open())
        return BytesOpener(_KEPT[-1].read()).open()

    _flush(folder, through(content, lambda blob: _Opener(lambda: begun(blob))))


def leaves_parts(folder: Path, content: Content) -> None:
    """
    Leaves what it had begun when it ends badly.
    """
    (folder / "begun").touch()
    _flush(folder, content)
    (folder / "begun").unlink()


def grows(folder: Path, content: Content) -> None:
    """
    Adds a line to a log, file by file.
    """
    _flush(folder, content)
    (folder / f"log{len(names(folder))}").touch()


def wraps(folder: Path, content: Content) -> None:
    """
    Takes every error for one of its own.
    """
    try:
        _flush(folder, content)
    except OciError:
        raise
    except Exception as error:
        raise Unreachable(str(error)) from error


def clears(folder: Path, content: Content) -> None:
    """
    Makes room first, and puts back what was there where it catches an error.
    """
    index = folder / "index.json"
    before = index.read_bytes() if index.exists() else None
    index.unlink(missing_ok=True)
    try:
        _flush(folder, content)
    except Exception:
        if before is not None:
            index.write_bytes(before)
        raise


def writes_layers_alone(folder: Path, content: Content) -> None:
    """
    Writes an image that ends badly as far as it came.
    """
    try:
        _flush(folder, content)
    except Unreachable:
        assert isinstance(content, Image)
        _flush(folder, image_of(content.config_file, content.layers[:1]))
        raise


_PLACES: Final[tuple[tuple[PlaceContract, tuple[str, ...]], ...]] = (
    (
        _place(load=reads_ahead),
        ("loading_opens_no_layer", "what_is_whole_is_read_beside_it", "what_was_loaded_travels"),
    ),
    (_place(load=_reading(slurps)), ("a_large_layer_is_read_in_pieces",)),
    (
        _place(load=_reading(opens_two)),
        ("what_was_read_is_closed", "who_stops_early_closes_all"),
    ),
    (_place(load=opens_one), ("many_are_open_at_once", "in_pieces_of_any_size")),
    (_place(load=holds_index), ("loading_leaves_nothing_open",)),
    (
        _place(load=rebuilds),
        (
            *("a_flipped_bit_is_found", "a_blob_that_ends_early_is_found"),
            *("a_blob_that_goes_on_is_found", "another_blob_in_its_place_is_found"),
            *("no_piece_makes_a_wrong_blob_whole", "loading_opens_no_layer"),
        ),
    ),
    (_place(load=_reading(vague)), ("a_layer_that_is_gone_is_missing",)),
    (
        _place(load=_reading(misnamed)),
        ("a_layer_that_is_gone_is_missing", "a_configuration_that_is_gone_is_missing"),
    ),
    (_place(sorts), ("children_stay_in_their_order", "what_is_said_of_an_index_is_kept")),
    (
        _place(tidies),
        (
            "unknown_members_of_a_configuration_are_kept",
            "explicit_nothing_is_kept",
        ),
    ),
    (_place(opens_twice), ("each_blob_is_opened_once", "what_is_there_is_not_opened")),
    (_place(forgets_to_close), ("all_that_was_opened_is_closed", "what_was_opened_is_closed")),
    (_place(never_closes), ("all_that_was_opened_is_closed", "what_was_opened_is_closed")),
    (_place(leaves_parts), ("no_file_is_left_of_it",)),
    (_place(grows), ("written_twice_is_written_once",)),
    (_place(wraps), ("errors_of_others_come_as_they_are",)),
    (_place(clears), ("an_interrupt_changes_nothing",)),
    (_place(writes_layers_alone), ("a_first_write_that_fails_leaves_nothing",)),
)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [pytest.param(wrong, name, id=name) for wrong, tests in _PLACES for name in tests],
)
def test_each_finds_its_bug(tmp_path: Path, wrong: PlaceContract, name: str) -> None:
    """
    And nothing where there is none.
    """
    for kind in ("wrong", "right"):
        (tmp_path / kind).mkdir()
    # One of them is for errors of any kind.
    asked = {"error": RuntimeError} if name == "no_file_is_left_of_it" else {}
    with pytest.raises(_FAILURES):
        getattr(wrong, f"test_{name}")(tmp_path / "wrong", **asked)
    getattr(_place(), f"test_{name}")(tmp_path / "right", **asked)
    while _KEPT:
        _KEPT.pop().close()
