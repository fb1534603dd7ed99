"""
Single entries of an image's history.
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from ocikit.content.image import NotAnImage
from ocikit.mutate.changes import ConfigInvalid
from ocikit.mutate.history import EntryMissing, history, revise
from ocikit.query.validate import validate
from tests.query.builders import artifact, image, layer

ENTRIES: list[dict[str, Any]] = [
    {"created": "2026-01-02T03:04:05Z", "created_by": "ADD rootfs", "x": {"b": 1}},
    {"created_by": "ENV TOKEN=secret", "empty_layer": True, "comment": "c", "author": "me"},
]
BASE = image("linux/amd64", layer("a"), config={"history": ENTRIES})


def test_one_entry_is_changed() -> None:
    """
    Its other members and all other entries stay, unknown ones and their order too.
    """
    made = history(BASE, 1, created_by="ENV TOKEN", comment=None)
    assert json.loads(made.config.content)["history"] == [
        ENTRIES[0],
        {"created_by": "ENV TOKEN", "empty_layer": True, "author": "me"},
    ]
    assert validate(made) == ()
    assert history(BASE, -2, author="you").config_file.history[0].author == "you"
    made = history(BASE, 0, created="2026-05-06T07:08:09Z")
    assert list(json.loads(made.config.content)["history"][0]) == list(ENTRIES[0])


def test_nothing_changed_is_the_image_itself() -> None:
    """
    Also where what is removed is not there.
    """
    assert history(BASE, 0) is BASE
    assert history(BASE, 0, comment=None, created_by="ADD rootfs") is BASE
    assert history(BASE, 1, created=None) is BASE


@pytest.mark.parametrize("position", [2, -3])
def test_entries_that_are_not_there(position: int) -> None:
    """
    The error tells how many there are.
    """
    with pytest.raises(EntryMissing, match=f"has no entry {position}, but 2 in all") as it:
        history(BASE, position, comment="x")
    assert pickle.loads(pickle.dumps(it.value)) == it.value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"created": "today"}, "history.created: 'today' is not like"),
        ({"comment": 1}, "history.comment: expected text, got 1"),
        ({"empty_layer": True}, "no such member that can be set"),
        ({"extra": {}}, "no such member that can be set"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    """
    Whether an entry made a layer is not for it to say.
    """
    with pytest.raises(ConfigInvalid, match=message):
        revise(BASE, 0, changes)


def test_artifacts_have_no_history() -> None:
    """
    Their configuration is opaque.
    """
    with pytest.raises(NotAnImage):
        history(artifact(), 0, comment="x")
