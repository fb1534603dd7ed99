"""
`ocikit sync`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit import layout
from ocikit.content.image import Image, Index
from ocikit.testing.sockets import RegistryServer
from tests.cli.running import done, run

pytestmark = pytest.mark.usefixtures("image", "index")


@pytest.fixture
def file(tmp_path: Path, host: str) -> Path:
    """
    A file of two entries: a repository to two targets, and one image.
    """
    path = tmp_path / "mirror.toml"
    path.write_text(f"""
    [[sync]]
    name = "app"
    repository = "{host}/app"
    targets = ["{host}/mirror/app", "oci:{tmp_path}/out"]

    [[sync]]
    image = "{host}/both:1"
    targets = "{host}/mirror/both"
    """)
    return path


def test_first_it_tells_then_it_does(
    file: Path, host: str, image: Image, index: Index, oci_registry_server: RegistryServer
) -> None:
    """
    A dry run says what is to be done by 1, and does nothing; a run does it, and tells of each tag.
    """
    ran = run("sync", "--dry-run", file)
    assert ran.code == 1
    assert ran.lines[0] == f"copy     {host}/mirror/app:1  is not there"
    assert not (file.parent / "out").exists()
    ran = done("sync", file, "--state", file.parent / "state", "--output", "json")
    assert [each["outcome"] for each in ran.objects] == ["done"] * 3
    (first,) = [each for each in ran.objects if each["target"] == f"{host}/mirror/app:1"]
    assert first["targetDigest"] == first["digest"] == str(image.digest)
    assert "3 copied, " in ran.err
    assert oci_registry_server.load("mirror/both:1") == index
    assert layout.load(file.parent / "out", "1") == image
    ran = done("sync", "--dry-run", file, "--state", file.parent / "state")
    assert ran.out == ""
    assert "3 to skip" in ran.err


def test_nothing_new_is_nothing_to_tell(file: Path, host: str) -> None:
    """
    Nor where referrers were asked for, and none are new; a program is told of each.
    """
    done("attach", "--artifact-type", "example/note", f"{host}/app:1", f"{file}:text/plain")
    file.write_text(f"[defaults]\nreferrers = true\n{file.read_text()}")
    assert len(done("sync", file).lines) == 3
    again = done("sync", file)
    assert again.out == ""
    assert "3 the same" in again.err
    assert len(done("sync", file, "--output", "json").objects) == 3


def test_what_fails_is_told_and_gone_by(file: Path, host: str) -> None:
    """
    The exit code is that of the first failure, and the rest is done.
    """
    text = file.read_text()
    file.write_text(f'[[sync]]\nimage = "{host}/nope:1"\ntargets = "{host}/x"\n' + text)
    ran = run("sync", file)
    assert ran.code == 3
    assert f"Error: {host}/x:1: " in ran.err
    assert len(ran.lines) == 3
    assert run("sync", file, "--dry-run").code == 3
    assert done("sync", file, "--only", "app").out == ""


def test_deletion_is_asked_for(file: Path, host: str, oci_registry_server: RegistryServer) -> None:
    """
    Neither without `--delete`, nor when it would be most of what is there.
    """
    done("sync", file)
    for tag in "23":
        done("copy", f"{host}/both:1", f"{host}/mirror/app:{tag}")
    assert "deleted" not in done("sync", file, "--only", "app").out
    ran = run("sync", file, "--only", "app", "--delete")
    assert ran.code == 1
    assert ran.lines[0].startswith(f"conflict {host}/mirror/app  2 of 3 tags would be deleted")
    assert run("sync", file, "--only", "app", "--delete", "--dry-run").code == 1
    assert done("sync", file, "--only", "app", "--force-delete", "--no-delete").out == ""
    ran = done("sync", file, "--only", "app", "--force-delete")
    assert sorted(ran.lines) == [f"deleted  {host}/mirror/app:{tag}" for tag in "23"]
    assert oci_registry_server.load("mirror/app:1")


def test_mistakes_are_of_usage(file: Path, tmp_path: Path) -> None:
    """
    Those in the file too, which are told with their line; platforms are for the file to say.
    """
    ran = run("sync", "-", stdin=b"[[sync]]\nimage = 'a'\ntarget = 'b'\n")
    assert ran.code == 2
    assert "stdin, line 3: sync 1, target: there is no such key; did you mean targets" in ran.err
    assert run("sync", tmp_path / "none").code == 3
    assert run("sync", file, "--only", "nope").code == 2
    ran = run("sync", "--platform", "linux/amd64", file)
    assert (ran.code, "write platforms = [...] there" in ran.err) == (2, True)
