"""
Commands for people who look: inspect, history, size, tree, and diff as a page.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from ocikit.cli.schemas import names, schema
from ocikit.content.image import Image, Index
from ocikit.content.partial import image_of
from ocikit.mutate.settings import config
from ocikit.registry.flush import flush
from ocikit.spec.config import ConfigFile, History
from ocikit.testing import building
from ocikit.testing.building import archive
from tests.cli.running import done, run

HOSTILE = "\x1b[2J<script>\u202e"
LEFT = config(
    building.image(archive(("a", b"1" * 1000), HOSTILE), archive(("a", b"2"))),
    user="me",
    entrypoint=["/bin/sh", "-c"],
    labels={"evil": HOSTILE},
)
RIGHT = building.image(archive(("a", b"1" * 1000), HOSTILE), archive(("b", b"22")))


@pytest.fixture
def sides(host: str) -> tuple[str, str]:
    """
    Two images that differ, in a registry.
    """
    flush(f"{host}/app:1", LEFT)
    flush(f"{host}/app:2", RIGHT)
    return f"{host}/app:1", f"{host}/app:2"


def _attach(host: str, tmp_path: Path) -> None:
    (tmp_path / "bom").write_text("all")
    done("attach", f"{host}/app:1", tmp_path / "bom", "--artifact-type", "text/spdx")


def test_inspect(sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What there is to know, and nothing of it plays with the terminal.
    """
    monkeypatch.setenv("COLUMNS", "90")
    ran = done("inspect", sides[0])
    assert f"digest      {LEFT.digest}" in ran.lines
    assert "user        me" in ran.lines
    assert 'entrypoint  ["/bin/sh", "-c"]' in ran.lines
    assert "  evil  \\x1b[2J<script>\\u202e" in ran.lines
    assert "\x1b" not in ran.out
    assert [line.split()[0] for line in ran.lines[-2:]] == ["1", "2"]
    assert all(line.isprintable() for line in ran.lines)


def test_inspect_reads_layers_when_asked(sides: tuple[str, str]) -> None:
    """
    Waste and files; without either nothing is downloaded.
    """
    ran = done("inspect", "--waste", sides[0])
    assert "0.1% efficient: 1.0 kB of 1.0 kB in layers are not seen" in ran.lines
    assert "UNPACKED" in ran.out
    assert "FILES" in done("inspect", "--files", sides[0]).out
    assert "UNPACKED" not in done("inspect", sides[0]).out


def test_inspect_as_json(sides: tuple[str, str], host: str, index: Index) -> None:
    """
    An object for each, under the names of documents.
    """
    one, both = done(
        "inspect", "--output", "json", "--waste", "--files", sides[0], f"{host}/both:1"
    ).objects
    assert one["place"] == sides[0]
    assert one["config"]["User"] == "me"
    assert [each["unpacked"] for each in one["layers"]] == [1000, 1]
    assert one["waste"]["wasted"] == 1000
    assert one["files"]["size"] == 1
    assert [each["platform"]["architecture"] for each in both["manifests"]] == ["amd64", "arm64"]
    assert both["image"]["platform"] == "linux/amd64"
    assert both["digest"] == str(index.digest)


def test_inspect_tells_of_referrers(host: str, image: Image, tmp_path: Path) -> None:
    """
    They are asked for only when wanted.
    """
    _attach(host, tmp_path)
    assert "text/spdx" not in done("inspect", f"{host}/app:1").out
    assert "about it: text/spdx" in done("inspect", "--referrers", f"{host}/app:1").out


def test_inspect_of_many_goes_on(host: str, image: Image) -> None:
    """
    What fails is told, and the rest is shown.
    """
    ran = run("inspect", f"{host}/nope:1", f"{host}/app:1")
    assert ran.code == 3
    assert f"name        {host}/app:1" in ran.lines


def test_inspect_of_an_artifact(host: str, image: Image, tmp_path: Path) -> None:
    """
    It is shown as what it is; its layers are no files, and that is said.
    """
    _attach(host, tmp_path)
    (name,) = [line.split("\t")[0] for line in done("referrers", f"{host}/app:1").lines]
    ran = done("inspect", "--waste", name)
    assert "artifact type  text/spdx" in ran.lines
    assert "no layer of files" in ran.err


def test_a_page_of_images(sides: tuple[str, str], tmp_path: Path) -> None:
    """
    One file for all of them; - is stdout.
    """
    ran = done("inspect", "--html", tmp_path / "page.html", *sides)
    assert ran.out == ""
    assert "wrote" in ran.err
    page = (tmp_path / "page.html").read_text()
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    assert len([each for each in root.iter() if each.tag == "section"]) == 10
    assert "script" not in {each.tag for each in root.iter()}
    assert "\\x1b[2J&lt;script&gt;\\u202e" in page
    assert done("inspect", "--html", "-", sides[0]).out.startswith("<!DOCTYPE html>")


def test_a_page_of_differences(sides: tuple[str, str], tmp_path: Path) -> None:
    """
    In place of lines, with the same exit code; what is ignored is not drawn.
    """
    ran = run("diff", *sides, "--html", tmp_path / "page.html")
    assert (ran.code, ran.out) == (1, "")
    page = (tmp_path / "page.html").read_text()
    assert "1 added (+2 B), 1 changed (+999 B)" in page
    assert "config &gt; config.User" in page
    ran = run("diff", *sides, "--html", "-", "--ignore-path", "b")
    assert "1 added" not in ran.out
    assert "Files" not in run("diff", *sides, "--html", "-", "--no-files").out
    assert done("diff", sides[0], sides[0], "--html", "-").out.count("the same") == 1
    assert run("diff", *sides, "--html", "-", "--files-only").code == 2


def test_history(sides: tuple[str, str]) -> None:
    """
    The newest first, as docker has it, or the oldest; of several each under its name.
    """
    lines = done("history", sides[1]).lines
    assert lines[0].split() == ["CREATED", "LAYER", "SIZE", "INSTRUCTION"]
    assert [line.split()[-2:] for line in lines[1:]] == [["step", "1"], ["step", "0"]]
    assert done("history", "--oldest-first", sides[1]).lines[1].endswith("step 0")
    assert done("history", *sides).lines.count("") == 1
    first, *_ = done("history", "--output", "json", sides[1]).objects
    assert (first["layer"], first["createdBy"]) == (2, "step 1")


def test_history_is_cut_or_not(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    To the width of the terminal; --no-trunc has all of it.
    """
    step = History(created_by="x" * 300, empty_layer=True)
    flush(f"{host}/long:1", image_of(ConfigFile(history=(step,))))
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, done("history", f"{host}/long:1").lines)) == 80
    assert "x" * 300 in done("history", "--no-trunc", f"{host}/long:1").out


def test_size(sides: tuple[str, str], host: str, index: Index) -> None:
    """
    To pull, unpacked, shared; of an index each of its images.
    """
    ran = done("size", *sides, "--layers", "--unpacked")
    assert "UNPACKED" in ran.lines[0]
    assert ran.lines[3].endswith("together, what is shared counted once")
    assert [line.split()[5] for line in ran.lines if line.endswith("step 0")] == ["2", "2"]
    one, other = done("size", *sides, "--output", "json").objects
    shared = LEFT.layers[0].size
    assert (one["shared"], other["shared"]) == (shared, shared)
    assert [each["images"] for each in one["layers"]] == [2, 1]
    assert "unpacked" not in one
    both = done("size", f"{host}/both:1", "--output", "json").objects
    assert [each["platform"] for each in both] == ["linux/amd64", "linux/arm64/v8"]
    ran = run("size", f"{host}/nope:1", sides[0])
    assert (ran.code, len(ran.lines)) == (3, 2)


def test_names_are_whole_however_narrow(
    sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    They go to the next command, which would not find half of one.
    """
    monkeypatch.setenv("COLUMNS", "60")
    lines = done("size", *sides).lines
    assert [line.split()[-1] for line in lines[1:3]] == [*sides]


def test_tree(host: str, image: Image, tmp_path: Path) -> None:
    """
    As lines, as JSON, for Graphviz and Mermaid, and as a drawing.
    """
    _attach(host, tmp_path)
    place = f"{host}/app:1"
    lines = done("tree", place).lines
    assert lines[0].startswith(place)
    assert lines[-1].startswith("└─ about it: text/spdx")
    assert "about it" not in done("tree", "--no-referrers", place).out
    (found,) = done("tree", "--output", "json", place).objects
    assert {each["kind"] for each in found["nodes"]} == {"image", "config", "layer", "referrer"}
    assert found["root"] == str(image.digest)
    assert done("tree", "--output", "dot", place).lines[0] == "digraph content {"
    assert done("tree", "--output", "mermaid", place).lines[0] == "flowchart LR"
    done("tree", "--svg", tmp_path / "tree.svg", place)
    assert ElementTree.fromstring((tmp_path / "tree.svg").read_text()).tag.endswith("svg")
    assert done("--output", "json", "tree", place).objects == [found]


def test_tree_of_a_layout(host: str, image: Image, tmp_path: Path) -> None:
    """
    A layout knows what refers to what as well; other places do not, and are not asked.
    """
    _attach(host, tmp_path)
    done("copy", "--with-referrers", f"{host}/app:1", f"oci:{tmp_path}/out:1")
    assert "about it: text/spdx" in done("tree", f"oci:{tmp_path}/out:1").out
    done("copy", f"{host}/app:1", f"dir:{tmp_path}/plain")
    assert "about it" not in done("tree", f"dir:{tmp_path}/plain").out


def test_results_are_as_their_schemas_say(
    sides: tuple[str, str], host: str, image: Image, index: Index, tmp_path: Path
) -> None:
    """
    Members of all commands are listed, for templates and for programs; so are these.
    """
    _attach(host, tmp_path)
    for command, options in (
        ("history", ()),
        ("inspect", ("--waste", "--files", "--referrers")),
        ("size", ("--unpacked",)),
        ("tree", ()),
    ):
        checker = Draft202012Validator({**schema(command), "additionalProperties": False})
        if command == "inspect":
            checker = Draft202012Validator(schema(command))
        for place in (sides[1], f"{host}/both:1"):
            for found in done(command, place, *options, "--output", "json").objects:
                checker.validate(found)
                assert set(found) <= set(names(command))
    assert done("size", "--format", "{size:>9}", sides[1]).lines[0].strip().isdigit()


def test_colours(sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Only where they are wanted, and never out of a name.
    """
    assert "\x1b" not in done("inspect", sides[0]).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = done("inspect", sides[0]).out
    assert "\x1b[36m" in coloured
    assert "\x1b[2J" not in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in done("inspect", sides[0]).out
