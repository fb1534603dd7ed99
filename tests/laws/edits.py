"""
Steps, and what each of them may change: drawn for an image that they fit.

Those of the kit fit any image, and nothing is told of what they change. Here positions and
bases are those of an image, and all that may change is listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from ocikit._records import record
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Image
from ocikit.mutate.removal import remove_layers
from ocikit.mutate.steps import (
    Canonical,
    EditHistory,
    Flatten,
    Rebase,
    Recompress,
    RemoveLayers,
    RemovePaths,
    Retime,
    SetHealthcheck,
    Squash,
)
from tests.laws.wild import NAMES, images, text

#: What a change of the configuration changes in a manifest.
CONFIG: Final = ("config/digest", "config/size", "config/data")
LAYERS: Final = (*CONFIG, "layers")
FILES: Final = ("rootfs/diff_ids", "history")
PLATFORM: Final = ("os", "architecture", "variant", "os.version", "os.features")
TIMES: Final = ("rootfs/diff_ids", "created", "history/*/created")
MADE_BY: Final = ("container", "docker_version", "config/Hostname")


@record
class Edit:
    """
    A step, and the members that it may change: of the manifest, of the configuration.
    """

    step: Any
    manifest: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    #: Whether it sets a state, so that doing it again changes nothing.
    idempotent: bool = True


compressions = st.sampled_from([Gzip(), Gzip(9), Zstd(1), Plain()])
whens = st.sampled_from([0, 10**9, "2026-01-02T03:04:05.5+01:00"])
patterns = st.sampled_from([*NAMES, "c", "*", "**/d", "x"])
spans = st.integers(-3, 3)

#: Steps that fit any image of files; they open its layers.
remakes = st.one_of(
    st.builds(lambda c: Edit(Flatten(c), LAYERS, FILES), st.none() | compressions),
    st.builds(lambda c, f: Edit(Recompress(c, f), ("layers",)), compressions, st.booleans()),
    st.builds(lambda when, clamp: Edit(Retime(when, clamp), LAYERS, TIMES), whens, st.booleans()),
    st.just(Edit(Canonical(), LAYERS, (*TIMES, *MADE_BY))),
    st.builds(
        lambda chosen: Edit(RemovePaths(chosen), LAYERS, FILES[:1]), st.lists(patterns, max_size=2)
    ),
    st.builds(
        lambda start, stop: Edit(Squash(start, stop), LAYERS, FILES, idempotent=False),
        spans,
        st.none() | spans,
    ),
)
checks = st.fixed_dictionaries(
    {},
    optional={
        "test": st.none() | text | st.just(["CMD", "x"]),
        "interval": st.none() | st.integers(0, 5) | st.just("1m30s"),
        "retries": st.none() | st.integers(0, 5),
    },
)
#: Steps that fit any image, and open no layer.
resettings = st.builds(
    lambda given: Edit(SetHealthcheck(given), CONFIG, ("config/Healthcheck",)), checks
)


def removals(image: Image) -> st.SearchStrategy[Edit]:
    """
    Give steps that remove layers which an image has.
    """
    count = len(image.layers)
    positions = st.lists(st.integers(-count, count - 1), max_size=2) if count else st.just([])
    return positions.map(
        lambda chosen: Edit(RemoveLayers(chosen), LAYERS, FILES, idempotent=not chosen)
    )


def rebases(image: Image) -> st.SearchStrategy[Edit]:
    """
    Give steps that put what an image has on top of some of its layers on another base.
    """
    bases = st.integers(0, len(image.layers)).map(lambda count: lower(image, count))
    return st.builds(
        lambda old, new: Edit(Rebase(old, new), LAYERS, (*FILES, *PLATFORM), idempotent=False),
        bases,
        images(closed=False) | st.just(image),
    )


def lower(image: Image, count: int) -> Image:
    """
    Give the image of the lowest layers.
    """
    return remove_layers(image, *range(count, len(image.layers)))


def revisions(image: Image) -> st.SearchStrategy[Edit]:
    """
    Give steps that change an entry of an image's history.
    """
    count = len(image.config_file.history)
    changes = st.fixed_dictionaries({}, optional={"created_by": st.none() | text, "author": text})
    steps = st.builds(
        lambda at, given: Edit(EditHistory(at, given), CONFIG, ("history",)),
        st.integers(-count, count - 1) if count else st.nothing(),
        changes,
    )
    return steps if count else st.nothing()


def edits_of(image: Image) -> st.SearchStrategy[Edit]:
    """
    Give every kind of step that is told by the layers or the history of an image.
    """
    return st.one_of(
        remakes, remakes, resettings, removals(image), rebases(image), revisions(image)
    )


def steps_of(edits: Sequence[Edit]) -> list[Any]:
    """
    Give the steps alone.
    """
    return [edit.step for edit in edits]
