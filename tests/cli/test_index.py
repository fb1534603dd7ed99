"""
`ocikit index`: append, filter, list, remove, replace, annotate, set-platform.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocikit import layout, media
from ocikit.content.blob import of_bytes
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import artifact
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from tests.cli.running import done, run
from tests.query.builders import attestation, image, index, layer, listed

AMD64, ARM64 = image("linux/amd64", layer("a")), image("linux/arm64", layer("b"))
CHART = artifact("application/vnd.example", [of_bytes(b"x", "text/plain")])
BOTH = index(
    listed(AMD64, "linux/amd64", note="x\x1b[2J"),
    listed(ARM64, "linux/arm64/v8"),
    attestation(AMD64),
    attestation(ARM64),
)


def pushed(place: str, content: Content) -> str:
    """
    Push content, and give its name.
    """
    flush(place, content)
    return place


def loaded(name: str) -> Index:
    """
    Load an index that a command has pushed.
    """
    content = load(name)
    assert isinstance(content, Index)
    return content


@pytest.fixture
def both(host: str) -> str:
    """
    An index of two platforms, each attested.
    """
    return pushed(f"{host}/attested:1", BOTH)


def test_append_to_nothing(host: str, both: str, tmp_path: Path) -> None:
    """
    A new index, of whatever places; its name by digest is printed for the next command.
    """
    place = f"oci:{tmp_path}/out:v"
    done("copy", pushed(f"{host}/a:1", AMD64), place)
    arm = pushed(f"{host}/b:1", ARM64)
    ran = done("index", "append", "-m", f"{place},{arm}", "-t", f"{host}/new:1")
    made = loaded(f"{host}/new:1")
    assert ran.lines == [f"{host}/new@{made.digest}"]
    assert "base unspecified, using empty index" in ran.err
    assert [str(each.platform) for each in made.manifest.manifests] == [
        "linux/amd64",
        "linux/arm64",
    ]
    argv = ("index", "append", "--docker-empty-base", "-m", both, "-t", f"{host}/new:2")
    assert loaded(done(*argv).lines[0]).media_type == media.DOCKER_MANIFEST_LIST


def test_append_in_place(host: str, both: str, tmp_path: Path) -> None:
    """
    Without -t the base is written over; one named by digest gets a new digest.
    """
    chart = pushed(f"{host}/chart:1", CHART)
    ran = done("index", "append", both, chart, "--output", "json")
    made = loaded(both)
    assert ran.objects[0]["digest"] == str(made.digest)
    assert made.manifest.manifests[:4] == BOTH.manifest.manifests
    assert made.manifest.manifests[4].platform is None
    pinned = f"{host}/attested@{BOTH.digest}"
    assert done("index", "append", pinned, "-m", chart).lines == [f"{host}/attested@{made.digest}"]
    for place in (f"oci:{tmp_path}/out:v", f"oci-archive:{tmp_path}/a.tar:v"):
        done("copy", pinned, place)
        assert done("index", "append", place, chart).lines == [place]
        assert done("digest", place).lines == [str(made.digest)]


def test_append_an_index(host: str, both: str) -> None:
    """
    As its children, with all that is said of them, or whole; --platform takes a part.
    """
    argv = ("index", "append", "-m", both, "-t", f"{host}/new:1")
    assert loaded(done(*argv).lines[0]).manifest.manifests == BOTH.manifest.manifests
    assert len(loaded(done(*argv, "--no-flatten").lines[0]).children) == 1
    made = loaded(done(*argv, "--platform", "linux/arm64").lines[0])
    assert made.manifest.manifests == BOTH.manifest.manifests[1::2]


def test_append_to_a_layout(both: str, host: str, tmp_path: Path) -> None:
    """
    Trap: a path is the layout itself, as crane has it; each gets an entry of its own.
    """
    path = f"{tmp_path}/new"
    ran = done("index", "append", path, both)
    assert ran.lines == [f"oci:{path}"]
    assert layout.load(path, platform="linux/arm64") == ARM64
    assert len(done("index", "list", path).lines) == 5
    made = loaded(done("index", "append", path, "-m", both, "-t", f"{host}/new:1").lines[0])
    assert made.manifest.manifests == BOTH.manifest.manifests


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        ([], 2, "-t"),
        (["BOTH"], 2, "name what to append"),
        (["BOTH", "IMAGE", "--docker-empty-base"], 2, "excludes BASE"),
        (["IMAGE", "BOTH"], 8, "for a new index give all with -m"),
        (["BOTH", "HOST/nope:1"], 3, "nope"),
        (["BOTH", "./nope"], 3, "./nope"),
        (["BOTH", "BOTH", "--platform", "linux/s390x", "-t", "HOST/n:1"], 3, "linux/s390x"),
    ],
)
def test_append_of_no_use(
    host: str, both: str, image: Image, argv: list[str], code: int, said: str
) -> None:
    """
    What cannot be is told, and the index stays.
    """
    places = {"BOTH": both, "IMAGE": f"{host}/app:1"}
    ran = run("index", "append", *(places.get(each, each).replace("HOST", host) for each in argv))
    assert ran.code == code
    assert said in ran.err
    assert load(both) == BOTH


def test_filter(host: str, both: str, tmp_path: Path) -> None:
    """
    Over the tag itself or to any place; what attests the others goes, and that is told.
    """
    argv = ("index", "filter", both, "--platform", "linux/arm64")
    ran = done(*argv, "-t", f"oci:{tmp_path}/out:v")
    assert str(BOTH.manifest.manifests[2].digest) in ran.err
    made = layout.load(tmp_path / "out", "v")
    assert isinstance(made, Index)
    assert made.manifest.manifests == BOTH.manifest.manifests[1::2]
    assert load(both) == BOTH
    assert done(*argv).lines == [f"{host}/attested@{made.digest}"]
    assert load(both) == made


def test_filter_by_several_platforms(both: str) -> None:
    """
    Repeated, or given before the command.
    """
    several = ("--platform", "linux/arm64", "--platform", "linux/amd64")
    done("index", "filter", both, *several)
    assert load(both) == BOTH
    done(*several, "index", "filter", both)
    assert load(both) == BOTH


def test_filter_by_a_list_is_refused(both: str) -> None:
    """
    Trap: read as one odd platform, it would keep nothing.
    """
    ran = run("index", "filter", both, "--platform", "linux/amd64,linux/arm64")
    assert ran.code == 2
    assert "repeat it, as --platform linux/amd64 --platform linux/arm64" in ran.err
    assert load(both) == BOTH


def test_filter_by_nothing_is_refused(both: str) -> None:
    """
    Trap: who does not say what to keep does not mean nothing.
    """
    ran = run("index", "filter", both)
    assert ran.code == 2
    assert "say what to keep" in ran.err
    assert run("index", "filter", both, "--platform", "all").code == 2
    assert load(both) == BOTH


def test_filter_that_leaves_nothing_is_an_error(both: str, host: str) -> None:
    """
    Trap: `"manifests":null` is no index. An empty one is written only where it is wanted.
    """
    argv = ("index", "filter", both, "--platform", "linux/s390x")
    ran = run(*argv)
    assert ran.code == 3
    assert "no child is for linux/s390x; there is linux/amd64, linux/arm64/v8" in ran.err
    assert load(both) == BOTH
    name = done(*argv, "--allow-empty", "-t", f"{host}/none:1").lines[0]
    assert json.loads(done("manifest", name).raw)["manifests"] == []
    assert done("index", "list", name, "--output", "json").lines == []


def test_filter_tells_what_names_no_platform(host: str) -> None:
    """
    Trap: it went without a word. It can be kept.
    """
    place = pushed(f"{host}/mixed:1", index(*BOTH.children, listed(CHART)))
    argv = ("index", "filter", place, "--platform", "linux", "-t", f"{host}/new:1")
    ran = done(*argv)
    assert str(CHART.digest) in ran.err
    assert "--keep-unmarked" in ran.err
    assert loaded(ran.lines[0]) == BOTH
    assert load(done(*argv, "--keep-unmarked").lines[0]) == load(place)


def test_list_as_a_table(both: str) -> None:
    """
    In columns; annotations on demand, and nothing in them moves the cursor.
    """
    lines = done("index", "list", both).lines
    assert lines[0].split() == ["Digest", "MediaType", "Size", "Platform"]
    said = BOTH.manifest.manifests
    assert [line.split() for line in lines[1:]] == [
        [str(each.digest), each.media_type, str(each.size), str(each.platform)] for each in said
    ]
    assert len({line.index("linux") for line in lines[1:3]} | {lines[0].index("Platform")}) == 1
    assert done("index", "list", both, "--annotations").lines[2] == "  note=x\\x1b[2J"
    assert len(done("index", "list", both, "--platform", "linux/arm64").lines) == 3


def test_list_as_json(both: str, host: str) -> None:
    """
    An object a line: the descriptor as the index has it.
    """
    said = json.loads(done("manifest", both).raw)["manifests"]
    assert done("index", "list", "--output", "json", both).objects == said
    chart = pushed(f"{host}/mixed:1", index(listed(CHART)))
    assert "platform" not in done("index", "list", "--output", "json", chart).objects[0]
    assert done("index", "list", chart).lines[1].endswith(" -")


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [("HOST/app:1", 8, "is an image, not an index"), ("HOST/nope:1", 3, "nope"), ("./no", 3, "no")],
)
def test_list_of_no_index(host: str, image: Image, place: str, code: int, said: str) -> None:
    """
    What is none is told by code and text.
    """
    ran = run("index", "list", place.replace("HOST", host))
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_remove(host: str, both: str) -> None:
    """
    By platform, digest or annotation: whatever any of them means.
    """
    argv = ("index", "remove", both, "-t", f"{host}/new:1")
    said = BOTH.manifest.manifests
    for option in (("--platform", "linux/amd64"), ("--digest", said[0].digest)):
        ran = done(*argv, option[0], str(option[1]))
        assert loaded(ran.lines[0]).manifest.manifests == said[1::2]
        assert str(said[2].digest) in ran.err
    several = ("--with-annotation", "note", "--digest", str(said[3].digest))
    assert loaded(done(*argv, *several).lines[0]).manifest.manifests == said[1:2]
    ran = done("index", "remove", both, "--platform", "unknown/unknown")
    assert loaded(both).manifest.manifests == said[:2]
    assert str(said[2].digest) not in ran.err


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ([], 2),
        (["--platform", "linux/s390x"], 3),
        (["--platform", "linux/amd64,linux/arm64"], 2),
        (["--platform", "linux"], 2),
        (["--digest", "sha256:1"], 2),
        (["--with-annotation", "note=other"], 3),
    ],
)
def test_remove_of_no_use(both: str, argv: list[str], code: int) -> None:
    """
    What means no child, or all of them, changes nothing.
    """
    assert run("index", "remove", both, *argv).code == code
    assert load(both) == BOTH


def test_replace(host: str, both: str, tmp_path: Path) -> None:
    """
    The child of the image's own platform, or the one that is named.
    """
    newer = image("linux/arm64", layer("newer"))
    place = f"oci:{tmp_path}/out:v"
    done("copy", pushed(f"{host}/newer:1", newer), place)
    ran = done("index", "replace", both, place, "-t", f"{host}/new:1")
    made = loaded(ran.lines[0])
    assert made.manifest.manifests[1].digest == newer.digest
    assert str(BOTH.manifest.manifests[3].digest) in ran.err
    assert len(made.children) == 3
    argv = ("--digest", str(AMD64.digest), "--attestations", "relink")
    done("index", "replace", both, place, *argv)
    assert len(loaded(both).children) == 4
    assert loaded(both).manifest.manifests[0].digest == newer.digest
    assert run("index", "replace", both, f"{host}/nope:1").code == 3
    assert run("index", "replace", both, place, "--digest", str(AMD64.digest)).code == 3


def test_annotate(both: str) -> None:
    """
    The index itself, or entries of it; children keep their digests.
    """
    done("index", "annotate", both, "-a", "a=1,b=2")
    made = loaded(both)
    assert made.manifest.annotations == {"a": "1", "b": "2"}
    assert made.manifest.manifests == BOTH.manifest.manifests
    done("index", "annotate", both, "--each", "-a", "c=3", "--remove-annotation", "note")
    done("index", "annotate", both, "--platform", "linux/arm64", "-a", "d=4")
    said = loaded(both).manifest.manifests
    assert [each.digest for each in said] == [each.digest for each in BOTH.manifest.manifests]
    assert [each.annotations.get("c") for each in said] == ["3"] * 4
    assert said[0].annotations == {"c": "3"}
    assert said[1].annotations == {"c": "3", "d": "4"}


def test_set_platform(both: str, host: str) -> None:
    """
    Of the children that are chosen; from the configurations, of those that name none.
    """
    done("index", "set-platform", both, "linux/arm64", "--digest", str(ARM64.digest))
    assert str(loaded(both).manifest.manifests[1].platform) == "linux/arm64"
    done("index", "set-platform", both, "", "--platform", "linux")
    assert loaded(both).manifest.manifests[0].platform is None
    done("index", "set-platform", both, "--from-config")
    assert [str(each.platform) for each in loaded(both).manifest.manifests[:2]] == [
        "linux/amd64",
        "linux/arm64",
    ]
    assert done("index", "set-platform", both, "--from-config").out.endswith(
        f"{loaded(both).digest}\n"
    )


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["annotate"], 2),
        (["annotate", "-a", "a"], 2),
        (["annotate", "-a", "a=1", "--platform", "linux/s390x"], 3),
        (["set-platform"], 2),
        (["set-platform", "linux/arm64"], 2),
        (["set-platform", "linux/arm64", "--from-config"], 2),
        (["set-platform", "a/b/c/d", "--platform", "linux"], 2),
        (["set-platform", "linux", "--platform", "plan9"], 3),
    ],
)
def test_descriptions_of_no_use(both: str, argv: list[str], code: int) -> None:
    """
    What says nothing, or of no child, changes nothing.
    """
    assert run("index", argv[0], both, *argv[1:]).code == code
    assert load(both) == BOTH


def test_a_layout_itself_is_not_written_over(tmp_path: Path, both: str) -> None:
    """
    By path it can be read; to change an index in it, name its entry.
    """
    done("copy", both, f"oci:{tmp_path}/out:v")
    ran = run("index", "filter", tmp_path / "out", "--platform", "linux/amd64")
    assert ran.code == 2
    assert "-t" in ran.err
    place = f"oci:{tmp_path}/out:v"
    assert done("index", "filter", place, "--platform", "linux/amd64").lines == [place]
    assert len(done("index", "list", place).lines) == 3
