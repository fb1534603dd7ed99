"""
Health checks, whole and in parts.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit.content.image import Image, NotAnImage
from ocikit.mutate.changes import ConfigInvalid
from ocikit.mutate.healthcheck import check, healthcheck
from ocikit.mutate.settings import config
from tests.query.builders import artifact, image

CHECK = {"Test": ["CMD", "x"], "x-new": 1, "Retries": 3}
BASE = image(config={"config": {"Healthcheck": CHECK, "User": "u"}})


def said(made: Image) -> Any:
    """
    Give the check as it is written.
    """
    return json.loads(made.config.content)["config"].get("Healthcheck")


def test_parts_are_set_and_removed() -> None:
    """
    What is not named stays, unknown members too.
    """
    made = healthcheck(BASE, interval="30s", retries=None)
    assert said(made) == {"Test": ["CMD", "x"], "Interval": 30 * 10**9, "x-new": 1}
    assert healthcheck(made, interval=None, retries=3).config_file == BASE.config_file
    assert healthcheck(BASE) is BASE
    assert healthcheck(BASE, retries=3, timeout=None) is BASE


def test_a_check_is_made_of_nothing() -> None:
    """
    And is none again when nothing of it is left.
    """
    made = healthcheck(image(), test="curl -f localhost || exit 1", start_interval=5)
    assert said(made) == {
        "Test": ["CMD-SHELL", "curl -f localhost || exit 1"],
        "StartInterval": 5,
    }
    assert healthcheck(made, test=None, start_interval=None) == image()
    assert said(healthcheck(image(), test=["NONE"])) == {"Test": ["NONE"]}
    assert config(made, healthcheck=None) == image()
    assert healthcheck(image(), test=None) is not None


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("30s", 30 * 10**9),
        ("1m30s", 90 * 10**9),
        ("1.5h", 5400 * 10**9),
        ("250ms", 250 * 10**6),
        ("1us1ns", 1001),
        ("2µs", 2000),
        ("0s", 0),
        (7, 7),
    ],
)
def test_durations(text: int | str, nanoseconds: int) -> None:
    """
    As Go and Dockerfiles write them, or nanoseconds.
    """
    made = healthcheck(image(), test=["CMD", "x"], start_period=text)
    found = made.config_file.config.healthcheck
    assert found is not None
    assert found.start_period == nanoseconds


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"interval": "30"}, "'30' is no duration such as 1m30s"),
        ({"interval": ""}, "is no duration"),
        ({"interval": "s"}, "is no duration"),
        ({"interval": "1s-"}, "is no duration"),
        ({"interval": -1}, "expected nanoseconds"),
        ({"interval": True}, "expected nanoseconds"),
        ({"retries": "3"}, "expected a whole number"),
        ({"test": ["curl", "x"]}, "expected text, or a sequence after"),
        ({"test": []}, "expected text, or a sequence after"),
        ({"test": ["CMD", 1]}, "expected text, or a sequence after"),
        ({"test": 1}, "expected text"),
        ({"Test": ["NONE"]}, "healthcheck.Test: there is no such part"),
        ({"extra": {}}, "no such part"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    """
    Trap: a command without CMD before it is taken for a kind of check.
    """
    with pytest.raises(ConfigInvalid, match=message):
        check(image(), changes)


def test_artifacts_have_no_check() -> None:
    """
    Their configuration is opaque.
    """
    with pytest.raises(NotAnImage):
        healthcheck(artifact(), retries=1)
