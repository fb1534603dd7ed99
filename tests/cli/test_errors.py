"""
What people are told when something is wrong: for every command, and every kind of wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocikit.content.image import Image, Index
from ocikit.server.auth.basic import basic_auth
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from tests.cli.running import run
from tests.cli.test_flags import everything

#: Commands that take an image, as they are run with a wrong one.
IMAGES = """
append -b BAD -f GOOD.tar -t HOST/new:1
attach --artifact-type a/b BAD GOOD.tar
config BAD
convert --to oci BAD -t HOST/new:1
copy BAD HOST/new:1
copy BAD oci:DIR/new:1
copy BAD docker-archive:DIR/new.tar
diff BAD HOST/app:1
diff HOST/app:1 BAD
digest BAD
edit config BAD -t HOST/new:1 < {}
edit fs -f a BAD -t HOST/new:1 < x
edit manifest BAD -t HOST/new:1 < {}
explain BAD HOST/app:1
export BAD DIR/new.tar
files cat BAD a
files find BAD
files list BAD
files ls BAD
files read BAD a
files stat BAD a
flatten BAD -t HOST/new:1
history BAD
index append -m BAD -t HOST/new:1
index filter --platform linux/amd64 BAD -t HOST/new:1
index list BAD
index remove --platform linux/amd64 BAD -t HOST/new:1
index replace HOST/both:1 BAD -t HOST/new:1
index annotate -a a=b BAD -t HOST/new:1
index set-platform --platform linux/amd64 BAD linux/arm -t HOST/new:1
inspect BAD
manifest BAD
mutate -l a=b BAD -t HOST/new:1
mutate -l a=b BAD -o DIR/new.tar
pull BAD DIR/new.tar
pull --format oci BAD DIR/new
rebase --old-base BAD --new-base HOST/app:1 HOST/app:1 -t HOST/new:1
referrers BAD
size BAD
tree BAD
validate BAD
"""
#: Those that take an image of a registry only; `push` has bare paths for others.
NAMES = """
delete BAD
push docker://BAD HOST/new:1
tag BAD 2
"""
#: Those that take what is no registry.
FILES = """
push BAD HOST/new:1
"""
#: By what is wrong: what is named, and the exit code.
WRONG = {
    "name": ("HOST/UPPER:1", "", 2),
    "platform": ("HOST/both:1", "--platform=linux/a/b/c/d", 2),
    "option": ("HOST/app:1", "--progress=loud", 2),
    "unknown option": ("HOST/app:1", "--nope", 2),
    "template": ("HOST/app:1", "--format={", 2),
    "tag": ("HOST/app:nope", "", 3),
    "repository": ("HOST/none/none:1", "", 3),
    "layout": ("oci:DIR/none:1", "", 3),
    "archive": ("docker-archive:DIR/none.tar", "", 3),
    "login": ("LOCKED/app:1", "", 4),
    "junk": ("docker-archive:DIR/junk.tar", "", 5),
    "nobody": ("127.0.0.1:1/app:1", "--retries=0", 7),
}
#: What goes with images of registries alone says so, whatever the other place is.
ONLY_REGISTRIES = ("attach", "referrers docker-archive:")


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    """
    A registry that lets nobody in who has no password.
    """
    with serve(basic_auth(registry(), {"me": "secret"}, realm="r")) as server:
        yield server.host


@pytest.fixture
def folder(tmp_path: Path, host: str, image: Image, index: Index) -> Path:
    """
    A folder with a tar, and with a file that is none.
    """
    run("export", f"{host}/app:1", tmp_path / "good.tar")
    (tmp_path / "junk.tar").write_bytes(b"junk" * 1000)
    return tmp_path


def _lines(*tables: str) -> list[str]:
    return [line for table in tables for line in table.strip().splitlines()]


def _told(line: str, host: str, locked: str, folder: Path) -> tuple[int, str]:
    text, _, stdin = line.partition(" < ")
    before = {path: path.stat().st_size for path in folder.rglob("*")}
    words = [
        word.replace("HOST", host)
        .replace("LOCKED", locked)
        .replace("GOOD.tar", str(folder / "good.tar"))
        .replace("DIR", str(folder))
        for word in text.split()
    ]
    ran = run(*words, stdin=stdin.encode())
    assert ran.out == ""
    assert {path: path.stat().st_size for path in folder.rglob("*")} == before, "half-written"
    return ran.code, ran.err


@pytest.mark.parametrize("wrong", WRONG)
def test_every_command_tells_what_is_wrong(
    wrong: str, host: str, locked: str, folder: Path
) -> None:
    """
    By its code, in one line that begins with Error; a fault of usage says where to read on.

    Nothing is printed on stdout, no file is left, and nothing was written to the registry.
    """
    bad, option, usual = WRONG[wrong]
    is_place = bad.startswith(("oci:", "docker-archive:"))
    faults = []
    for line in _lines(IMAGES, FILES if is_place else NAMES):
        text, sign, stdin = line.replace("BAD", bad).partition(" < ")
        found, err = _told(f"{text} {option}{sign}{stdin}", host, locked, folder)
        code = 2 if is_place and text.startswith(ONLY_REGISTRIES) else usual
        told = [each for each in err.splitlines() if each.startswith("Error: ")]
        if found != code or len(told) != 1 or "Traceback" in err or len(err.splitlines()) > 3:
            faults.append(f"{line}: {found}\n{err}")
    assert faults == [], "\n".join(faults)
    assert run("ls", f"{host}/new").code == 3


def test_every_command_that_takes_an_image_is_tried() -> None:
    """
    A new command has its line above, or is one of those that take none.
    """
    tried = {line.split(" BAD")[0] for line in _lines(IMAGES, NAMES, FILES)}
    others = {
        *(
            "catalog",
            "completion",
            "demo",
            "doctor",
            "gc",
            "help",
            "ls",
            "man",
            "scan",
            "sync",
            "version",
        ),
        *("auth", "blob", "cache", "layout", "registry"),
    }
    for name in everything():
        if name.split()[0] not in others:
            assert any(f"{line} ".startswith(f"{name} ") for line in tried), name


def test_a_folder_that_is_not_there_is_named(host: str, image: Image, tmp_path: Path) -> None:
    """
    And not a name under which a file is written first, which nobody gave.
    """
    for name in ("pull", "export"):
        ran = run(name, f"{host}/app:1", tmp_path / "none/app.tar")
        told = f"{tmp_path}/none/app.tar: there is no folder {tmp_path}/none; make it first"
        assert (ran.code, f"Error: {told}\n" in ran.err) == (9, True), ran.err


def test_a_registry_is_no_repository(host: str) -> None:
    """
    Who wants its repositories is told which command lists them; a mistake in a name stays one.
    """
    ran = run("ls", host)
    assert (ran.code, f"{host}: is a registry; `ocikit catalog`" in ran.err) == (2, True)
    assert "lower case" in run("ls", f"{host}/App").err
    assert run("doctor", f"{host}/").code == 0
