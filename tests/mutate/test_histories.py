"""
Entries of history, and the layers that they are about.
"""

from __future__ import annotations

import pytest

from ocikit.content.image import Image
from ocikit.mutate.histories import upper
from ocikit.spec.config import History
from ocikit.spec.histories import bounded, paired
from tests.query.builders import image, layer


def entries(text: str) -> tuple[History, ...]:
    """
    Make a history: a letter for each entry, a small one for an empty layer, `-` for no text.
    """
    return tuple(
        History(created_by=letter.strip("-"), empty_layer=letter.islower()) for letter in text
    )


def shown(history: tuple[History, ...]) -> str:
    """
    Write it as letters again.
    """
    return "".join(
        each.created_by.lower() if each.empty_layer else each.created_by or "-" for each in history
    )


def made(layers: int, text: str) -> Image:
    """
    Make an image of that many layers and that history.
    """
    said = [
        {"created_by": letter, **({"empty_layer": True} if letter.islower() else {})}
        for letter in text
    ]
    parts = [layer(str(number), closed=True) for number in range(layers)]
    return image("linux/amd64", *parts, config={"history": said or None})


@pytest.mark.parametrize(
    ("text", "layers", "pairs"),
    [
        ("AbC", 2, "AbC"),
        ("", 2, "--"),
        ("", 0, ""),
        ("Ab", 2, "-Ab"),
        ("ABcD", 1, "abcD"),
        ("ABcDe", 0, "abcde"),
    ],
)
def test_every_layer_gets_an_entry(text: str, layers: int, pairs: str) -> None:
    """
    Missing ones are put below, surplus ones stay as those of empty layers.
    """
    assert shown(paired(entries(text), layers)) == pairs
    assert shown(bounded(entries(text), layers)) == pairs.replace("-", "")


@pytest.mark.parametrize(
    ("lower", "history", "own"),
    [
        ("AB", "ABCD", "CD"),
        ("AxB", "AxBcDeFg", "cDeFg"),
        ("ABx", "ABxC", "C"),
        ("ABx", "ABxxC", "xC"),
        # The base's history was written anew, with or without what made no layer.
        ("ABx", "EFxCD", "CD"),
        ("ABx", "EFCD", "CD"),
        ("ABx", "EFyCD", "yCD"),
        # Neither the base nor the image said how its layers were made.
        ("", "", ""),
        ("", "CD", "CD"),
        ("", "cDeF", "cDeF"),
        # Only one of them does.
        ("", "ABCD", "CD"),
        ("AB", "", ""),
        ("AB", "CD", "CD"),
        # Layers came on top of which nobody took a note.
        ("AB", "AB", ""),
        ("AB", "ABC", "C"),
        # There are more entries than layers.
        ("AB", "EFGHCD", "CD"),
        ("AB", "ABCDEF", "EF"),
        ("A", "ACD", "CD"),
        ("A", "EACxD", "CxD"),
    ],
)
def test_own_entries_are_told(lower: str, history: str, own: str) -> None:
    """
    Of an image of two layers on a base of two.
    """
    assert shown(upper(made(4, history), made(2, lower))) == own


def test_images_without_layers_of_their_own() -> None:
    """
    They may still have entries of their own.
    """
    assert shown(upper(made(2, "ABx"), made(2, "AB"))) == "x"
    assert shown(upper(made(2, "EFx"), made(2, "AB"))) == "x"
    assert shown(upper(made(2, "EFGx"), made(2, "AB"))) == "x"
    assert shown(upper(made(1, "xAy"), made(0, "x"))) == "Ay"
