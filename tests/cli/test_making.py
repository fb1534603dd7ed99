"""
Commands that make images: append, mutate.
"""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from ocikit import layout, media, tarball
from ocikit.content.image import Image, Index
from ocikit.registry.load import load
from tests.cli.running import done, run


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """
    A folder of one file.
    """
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "run").write_text("echo hello")
    return folder


def loaded(name: str) -> Image:
    """
    Load an image that a command has pushed.
    """
    content = load(name)
    assert isinstance(content, Image)
    return content


def names_in(image: Image, layer: int = -1) -> list[str]:
    """
    List the files of a layer.
    """
    with (
        image.layers[layer].uncompressed() as stream,
        tarfile.open(fileobj=io.BytesIO(stream.read())) as tar,
    ):
        return tar.getnames()


def test_append_a_folder(host: str, image: Image, tree: Path) -> None:
    """
    A folder goes where it is wanted, on top of what is there.
    """
    ran = done("append", "-b", f"{host}/app:1", "-f", tree, "--into", "/opt/x", "-t", f"{host}/n:1")
    made = loaded(ran.lines[0])
    assert ran.lines == [f"{host}/n@{made.digest}"]
    assert made.layers[:-1] == image.layers
    assert names_in(made)[-1].endswith("opt/x/run")


def test_append_to_nothing(host: str, tree: Path) -> None:
    """
    Without a base it says so, and Docker's types are used unless OCI's are asked for.
    """
    ran = done("append", "-f", tree, "-t", f"{host}/n:1")
    assert "base unspecified, using empty image" in ran.err
    assert loaded(ran.lines[0]).media_type == media.DOCKER_MANIFEST
    ran = done("append", "-f", tree, "-t", f"{host}/n:2", "--oci-empty-base")
    assert loaded(ran.lines[0]).media_type == media.OCI_MANIFEST


def test_append_from_stdin_and_files(host: str, tree: Path, tmp_path: Path) -> None:
    """
    Layers come as tars, from stdin too, repeated or with commas, in the order given.
    """
    done("append", "-f", tree, "-o", tmp_path / "x.tar")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(tree / "run", "a")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        tar.add(tree / "run", "b")
    files = f"{tmp_path}/a.tar,{tmp_path}/b.tar.gz"
    stdin = (tmp_path / "a.tar").read_bytes()
    ran = done("append", "-f", files, "-f", "-", "-t", f"{host}/n:1", stdin=stdin)
    made = loaded(ran.lines[0])
    assert [names_in(made, at) for at in range(3)] == [["a"], ["b"], ["a"]]
    assert made.layers[0].diff_id == made.layers[2].diff_id


def test_append_of_an_empty_archive(host: str) -> None:
    """
    An archive without members is a layer that changes nothing.
    """
    ran = done("append", "-f", "-", "-t", f"{host}/n:1", stdin=bytes(1024))
    assert names_in(loaded(ran.lines[0])) == []


def test_append_to_every_platform(host: str, index: Index, tree: Path) -> None:
    """
    An index stays one, and every image of it gets the layer.
    """
    ran = done("append", "-b", f"{host}/both:1", "-f", tree, "-t", f"{host}/n:1")
    made = load(ran.lines[0])
    assert isinstance(made, Index)
    for old, new in zip(index.children, made.children, strict=True):
        assert old.descriptor.platform == new.descriptor.platform
        assert isinstance(new.content, Image)
        assert isinstance(old.content, Image)
        assert len(new.content.layers) == len(old.content.layers) + 1


def test_append_records_its_base(host: str, index: Index, tree: Path) -> None:
    """
    Each image names the image it is built on, and the tag that was asked for.
    """
    flag = "--set-base-image-annotations"
    made = load(
        done("append", "-b", f"{host}/both:1", "-f", tree, "-t", f"{host}/n:1", flag).lines[0]
    )
    assert isinstance(made, Index)
    for old, new in zip(index.children, made.children, strict=True):
        assert isinstance(new.content, Image)
        assert new.content.manifest.annotations == {
            "org.opencontainers.image.base.digest": str(old.descriptor.digest),
            "org.opencontainers.image.base.name": f"{host}/both:1",
        }


def test_append_is_the_same_each_time(
    host: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    SOURCE_DATE_EPOCH bounds the times of files, and --owner sets their owner.
    """
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000")
    argv = ("append", "-f", tree, "--owner", "7:8", "-t")
    one = done(*argv, f"{host}/n:1").lines[0]
    os.utime(tree / "run", (2_000_000_000, 2_000_000_000))
    assert loaded(done(*argv, f"{host}/n:2").lines[0]) == loaded(one)
    with (
        loaded(one).layers[0].uncompressed() as stream,
        tarfile.open(fileobj=io.BytesIO(stream.read())) as tar,
    ):
        file = tar.getmember("run")
    assert (file.uid, file.gid, file.mtime) == (7, 8, 1000)


def test_append_into_a_file_or_a_layout(
    host: str, image: Image, tree: Path, tmp_path: Path
) -> None:
    """
    -o is an archive, tagged when -t says how; -t may be any place. Results can be piped.
    """
    argv = ("append", "-b", f"{host}/app:1", "-f", tree)
    done(*argv, "-o", tmp_path / "a.tar", "-t", "registry.example/n:1")
    in_archive = tarball.load(tmp_path / "a.tar", "registry.example/n:1")
    ran = done(*argv, "-t", f"oci:{tmp_path}/out:1")
    assert ran.lines == [f"oci:{tmp_path}/out:1"]
    assert layout.load(tmp_path / "out", "1") == in_archive
    assert done("digest", ran.lines[0]).lines == [str(in_archive.digest)]


def test_append_tells_json(host: str, tree: Path) -> None:
    """
    `-o json` is how results are printed, as everywhere, and no file of that name.
    """
    ran = done("append", "-f", tree, "-t", f"{host}/n:1", "-o", "json")
    (said,) = ran.objects
    made = loaded(said["reference"])
    assert said["digest"] == str(made.digest)
    assert (said["mediaType"], said["size"]) == (made.media_type, made.size)
    ran = done("--output", "json", "append", "-f", tree, "-t", f"{host}/n:1")
    assert ran.objects == [said]


def test_append_makes_folders_what_they_should_be(host: str, tree: Path) -> None:
    """
    Their modes, what is left out, and what the history says.
    """
    (tree / "run").chmod(0o700)
    (tree / "note.txt").write_text("note")
    (tree / "skip.pyc").write_text("skip")
    argv = ("--mode", "755", "--exclude", "*.pyc", "--created-by", "make, all")
    when = ("--created", "2026-01-01T00:00:00Z", "-t", f"{host}/n:1")
    made = loaded(done("append", "-f", tree, *argv, *when).lines[0])
    with (
        made.layers[0].uncompressed() as stream,
        tarfile.open(fileobj=io.BytesIO(stream.read())) as tar,
    ):
        modes = {member.name: member.mode for member in tar}
    assert modes == {"run": 0o755, "note.txt": 0o644}
    (entry,) = made.config_file.history
    assert (entry.created_by, entry.created) == ("make, all", "2026-01-01T00:00:00Z")


def test_append_nothing(host: str, image: Image) -> None:
    """
    A base alone is that, and records so when asked to; so is an empty one that is wanted.
    """
    assert loaded(done("append", "-b", f"{host}/app:1", "-t", f"{host}/n:1").lines[0]) == image
    flag = "--set-base-image-annotations"
    made = loaded(done("append", "-b", f"{host}/app:1", "-t", f"{host}/n:1", flag).lines[0])
    assert made.manifest.annotations["org.opencontainers.image.base.digest"] == str(image.digest)
    assert loaded(done("append", "--oci-empty-base", "-t", f"{host}/n:1").lines[0]).layers == ()


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["-f", "TREE", "-t", "HOST/n:1", "--mode", "rwx"], 2),
        (["-f", "TREE", "-t", "HOST/n:1", "--created", "soon"], 2),
        (["-f", "nope.tar", "-t", "HOST/n:1"], 3),
        (["-f", "TREE/run", "-t", "HOST/n:1"], 2),
        (["-f", "TREE"], 2),
        (["-t", "HOST/n:1"], 2),
        (["-f", "TREE", "-t", "HOST/n:1", "--owner", "me"], 2),
        (["-f", "TREE", "-t", "HOST/n:1", "-b", "HOST/app:1", "--oci-empty-base"], 2),
        (["-f", "TREE", "-t", "HOST/n:1", "-b", "HOST/nope:1"], 3),
    ],
)
def test_append_of_no_use(host: str, image: Image, tree: Path, argv: list[str], code: int) -> None:
    """
    What cannot be is told by kind, and nothing is pushed.
    """
    given = [text.replace("HOST", host).replace("TREE", str(tree)) for text in argv]
    assert run("append", *given).code == code
    assert run("digest", f"{host}/n:1").code == 3


def test_mutate_everything(host: str, image: Image) -> None:
    """
    Every field that can be set on the command line is set, in the image itself.
    """
    ran = done(
        *("mutate", f"{host}/app:1", "-a", "x=1,y=2", "-l", "a=b, c", "-e", "A=1,2"),
        *("--cmd", "one,two", "-u", "7", "-w", "/srv", "--exposed-ports", "80/tcp"),
        *("--volumes", "/data", "--stop-signal", "SIGINT", "--author", "me"),
        *("--created", "2026-01-01T00:00:00Z", "--set-platform", "linux/arm64"),
    )
    made = loaded(f"{host}/app:1")
    assert ran.lines == [f"{host}/app@{made.digest}"]
    assert made.layers == image.layers
    assert made.manifest.annotations == {"x": "1", "y": "2"}
    file = made.config_file
    assert file.config.labels == {"a": "b, c"}
    assert "A=1,2" in file.config.env
    assert (file.config.cmd, file.config.user) == (("one", "two"), "7")
    assert (file.config.working_dir, file.config.stop_signal) == ("/srv", "SIGINT")
    assert file.config.exposed_ports == frozenset(["80/tcp"])
    assert file.config.volumes == frozenset(["/data"])
    assert (file.author, file.created) == ("me", "2026-01-01T00:00:00Z")
    assert file.architecture == "arm64"


def test_mutate_removes(host: str, image: Image) -> None:
    """
    What was set can be removed again, and then the image is what it was.
    """
    argv = ("mutate", f"{host}/app:1")
    done(*argv, "-l", "a=b", "-e", "A=1", "-u", "7", "-w", "/srv", "-a", "x=1")
    removed = ("--remove-label", "a", "--remove-env", "A", "--remove-annotation", "x")
    done(*argv, *removed, "-u", "", "-w", "")
    assert loaded(f"{host}/app:1") == image


def test_mutate_entrypoint_takes_the_command(host: str, image: Image) -> None:
    """
    A new entrypoint clears the command unless one is given; lists may be JSON.
    """
    done("mutate", f"{host}/app:1", "--cmd", "a")
    done("mutate", f"{host}/app:1", "--entrypoint", '["/bin/sh", "-c", "a, b"]')
    config = loaded(f"{host}/app:1").config_file.config
    assert (config.entrypoint, config.cmd) == (("/bin/sh", "-c", "a, b"), ())
    done("mutate", f"{host}/app:1", "--entrypoint", "/x", "--cmd", "y")
    config = loaded(f"{host}/app:1").config_file.config
    assert (config.entrypoint, config.cmd) == (("/x",), ("y",))
    done("mutate", f"{host}/app:1", "--cmd", "")
    assert loaded(f"{host}/app:1").config_file.config.cmd == ()


def test_mutate_every_image_of_an_index(host: str, index: Index) -> None:
    """
    Labels go to every image; annotations to the index, which was named.
    """
    ran = done("mutate", f"{host}/both:1", "-l", "a=b", "-a", "x=1", "-t", f"{host}/both:2")
    made = load(ran.lines[0])
    assert isinstance(made, Index)
    assert made.manifest.annotations == {"x": "1"}
    for child in made.children:
        assert isinstance(child.content, Image)
        assert child.content.config_file.config.labels == {"a": "b"}
        assert child.content.manifest.annotations == {}
    assert load(f"{host}/both:1") == index


def test_mutate_appends_first(host: str, image: Image, tree: Path) -> None:
    """
    --append puts layers on top before anything else is changed.
    """
    made = loaded(done("mutate", f"{host}/app:1", "--append", tree, "-l", "a=b").lines[0])
    assert names_in(made)[-1] == "run"


def test_mutate_elsewhere(host: str, image: Image, tmp_path: Path) -> None:
    """
    By digest in another repository, into an archive under its tag, or any place.
    """
    argv = ("mutate", f"{host}/app:1", "-l", "a=b")
    name = done(*argv, "--repo", f"{host}/other").lines[0]
    made = loaded(name)
    assert name == f"{host}/other@{made.digest}"
    assert done("ls", f"{host}/app").lines == ["1"]
    assert loaded(f"{host}/app:1") == image
    done(*argv, "-o", tmp_path / "a.tar")
    assert tarball.load(tmp_path / "a.tar", f"{host}/app:1") == made
    done(*argv, "-t", f"oci:{tmp_path}/out:1")
    assert layout.load(tmp_path / "out", "1") == made


def test_mutate_what_is_named_by_digest(host: str, image: Image) -> None:
    """
    What is named by digest cannot be overwritten: the new one has its own digest.
    """
    name = done("mutate", f"{host}/app@{image.digest}", "-l", "a=b").lines[0]
    assert name == f"{host}/app@{loaded(name).digest}"
    assert loaded(f"{host}/app:1") == image


def test_mutate_many(host: str, image: Image) -> None:
    """
    Many references are changed in place; they cannot all go to one.
    """
    done("tag", f"{host}/app:1", "2")
    ran = done("mutate", f"{host}/app:1", f"{host}/app:2", "-l", "a=b", "-o", "json")
    assert len({said["digest"] for said in ran.objects}) == 1
    assert run("mutate", f"{host}/app:1", f"{host}/app:2", "-t", f"{host}/x:1").code == 2


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["-l", "a"], 2, "KEY=VALUE"),
        (["-e", "=1"], 2, "KEY=VALUE"),
        (["--created", "yesterday"], 2, "2026-01-31T12:00:00Z"),
        (["--set-platform", "a/b/c/d"], 2, "os/arch"),
        (["--cmd", "[1]"], 2, "JSON list"),
        (["--append", "nope.tar"], 3, "nope.tar"),
        (["-t", "HOST/App:1"], 2, "App"),
    ],
)
def test_mutate_of_no_use(host: str, image: Image, argv: list[str], code: int, said: str) -> None:
    """
    What cannot be is told, with how to write it; the image stays.
    """
    ran = run("mutate", f"{host}/app:1", *(text.replace("HOST", host) for text in argv))
    assert ran.code == code
    assert said in ran.err
    assert loaded(f"{host}/app:1") == image


def test_validate(host: str, image: Image, index: Index, tmp_path: Path) -> None:
    """
    What is well passes, wherever it is; every finding of what is not is listed.
    """
    done("pull", f"{host}/app:1", tmp_path / "a.tar")
    ran = done(
        *("validate", f"{host}/both:1", "--remote", f"{host}/app:1"),
        *("--tarball", tmp_path / "a.tar"),
    )
    assert ran.lines[0] == f"PASS: docker-archive:{tmp_path}/a.tar"
    assert f"PASS: {host}/both:1" in ran.lines
    done("copy", f"{host}/app:1", f"oci:{tmp_path}/out:1")
    layer = image.layers[1].digest
    path = tmp_path / "out/blobs" / layer.algorithm / layer.hex
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    ran = run("validate", f"oci:{tmp_path}/out:1")
    assert ran.code == 1
    assert ran.lines[0] == f"FAIL: oci:{tmp_path}/out:1"
    assert any(line.startswith("  error: layer 2") for line in ran.lines)
    (said,) = run("validate", "--output", "json", f"oci:{tmp_path}/out:1").objects
    assert said["ok"] is False
    assert said["findings"][0]["severity"] == "error"


def test_validate_fast(host: str, image: Image) -> None:
    """
    --fast asks a registry whether blobs are there, and reads none.
    """
    ran = done("-v", "validate", "--fast", f"{host}/app:1")
    assert ran.lines == [f"PASS: {host}/app:1"]
    assert "HEAD" in ran.err
    assert f"GET http://{host}/v2/app/blobs/" not in ran.err
    assert run("validate").code == 2
    assert run("validate", f"{host}/nope:1").code == 3
