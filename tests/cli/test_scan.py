"""
`ocikit scan`: what many images are.
"""

from __future__ import annotations

from pathlib import Path

import jsonschema

from ocikit import bulk, mutate, registry
from ocikit.cli.schemas import schema
from ocikit.content.image import Image, Index
from tests.cli.running import done, run


def test_a_line_for_each_image(host: str, image: Image, index: Index) -> None:
    """
    An index has one for each of its images; what is not there is told, and the rest goes on.
    """
    names = [f"{host}/{name}:1" for name in ("app", "none", "both")]
    ran = run("scan", "-", stdin="\n".join(names).encode())
    assert ran.code == 3
    assert ran.err.count("no manifest") == 1
    assert ran.err.startswith(f"Error: {names[1]}: ")
    cells = [line.split("\t") for line in ran.lines]
    assert [row[:3] for row in cells] == [
        [names[0], "linux/amd64", str(image.digest)],
        [names[2], "linux/amd64", str(index.children[0].descriptor.digest)],
        [names[2], "linux/arm64/v8", str(index.children[1].descriptor.digest)],
    ]
    assert cells[0][4:] == ["2", "-"]


def test_objects_have_all_columns(host: str, image: Image) -> None:
    """
    With JSON a line has all that is known, and the labels that were asked for.
    """
    labelled = mutate.labels(image, set={"team": "a\tb"})
    registry.flush(f"{host}/app:2", labelled)
    both = [f"{host}/app:1", f"{host}/app:2"]
    found = done("scan", "--output", "json", "--label", "team", *both).objects
    assert [row["labels"] for row in found] == [{"team": None}, {"team": "a\tb"}]
    assert [row["place"] for row in found] == both
    # As many as the library's rows have, but for the errors, which are on stderr.
    assert len(found[0]) == len(bulk.COLUMNS) - 2 + 1
    for row in found:
        jsonschema.validate(row, schema("scan"))
    lines = done("scan", "--label", "team", *both).lines
    assert [line.split("\t")[-1] for line in lines] == ["-", "a b"]


def test_a_line_for_each_layer(host: str, image: Image) -> None:
    """
    With --layers what images share can be counted.
    """
    ran = done("scan", "--layers", f"{host}/app:1")
    assert [line.split("\t")[3] for line in ran.lines] == [
        str(each.digest) for each in image.layers
    ]
    found = done("--output", "json", "scan", "--layers", f"{host}/app:1").objects
    assert len(found[0]) == len(bulk.LAYER_COLUMNS)
    for row in found:
        jsonschema.validate(row, schema("scan"))
    assert run("scan", "--layers", "--label", "a", f"{host}/app:1").code == 2


def test_platforms_are_chosen(host: str, index: Index) -> None:
    """
    With --platform it is that image of an index.
    """
    [line] = done("scan", "--platform", "linux/arm64", f"{host}/both:1").lines
    assert line.split("\t")[2] == str(index.children[1].descriptor.digest)


def test_a_journal_goes_on(host: str, image: Image, tmp_path: Path) -> None:
    """
    What is finished is told again without asking; what failed is tried again.
    """
    journal, both = tmp_path / "journal", [f"{host}/app:1", f"{host}/app:2"]
    first = run("scan", "--journal", journal, *both)
    assert first.code == 3
    registry.delete(both[0])
    registry.flush(both[1], image)
    ran = done("scan", "--journal", journal, *both)
    assert ran.lines[:1] == first.lines
    assert len(ran.lines) == 2
    assert run("scan", "--platform", "linux/amd64", "--journal", journal, *both).code == 2
