"""
Results as JSON: every command's are as its schema has them.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ocikit.cli.schemas import BARE, MEMBERS, VERSION, names, schema
from ocikit.content.image import Image, Index
from tests.cli.running import done, run
from tests.cli.test_flags import everything

#: Members of version 1, by command: none of these may go without a new version.
PROMISED = {
    "copy": "source target reference action bytes digest mediaType name",
    "digest": "place digest mediaType size",
    "files list": "path kind mode uid gid size modified layer",
    "ls": "repository tag",
    "manifest": "place digest mediaType size document",
    "mutate": "reference digest mediaType size",
    "pull": "place path digest mediaType size",
    "push": "reference digest mediaType size",
    "referrers": "reference digest mediaType size artifactType annotations",
    "validate": "place ok findings",
}

#: By command: how it is run, with these words in place of what tests make. What a line
#: before it makes is there for the lines after.
RUNS = """
version
help exit-codes
help output
copy APP OUT
copy --dry-run APP HOST/new:1
copy -a HOST/app HOST/all
digest APP OUT
manifest APP
config APP
ls HOST/app
ls --digests HOST/app
catalog HOST
tag APP 2
pull APP DIR/a.tar
push DIR/a.tar HOST/pushed:1
append -b APP -f DIR/a.tar -t HOST/appended:1
mutate -l a=b APP -t HOST/other:1
flatten APP -t HOST/flat:1
convert --to docker APP -t HOST/docker:1
rebase --old-base APP --new-base APP APP -t HOST/rebased:1
rebase --check --old-base APP --new-base APP HOST/other:1
edit config APP -t HOST/edited:1 < {"os":"linux","architecture":"amd64","rootfs":CONFIG}
edit manifest APP -t HOST/edited:2 < MANIFEST
edit fs -f /etc/motd APP -t HOST/edited:3 < hello
export APP DIR/rootfs.tar
diff APP HOST/other:1
explain APP HOST/other:1
files list APP
files ls APP
files find APP --type f
files stat APP PATH
index list BOTH
index append -m APP -t HOST/index:1
index filter --platform linux/amd64 BOTH -t HOST/index:2
index remove --platform linux/amd64 BOTH -t HOST/index:3
index replace --platform linux/amd64 BOTH APP -t HOST/index:4
index annotate -a a=b BOTH -t HOST/index:5
index set-platform --platform linux/amd64 BOTH linux/riscv64 -t HOST/index:6
layout list DIR/out
layout annotate -a a=b OUT
layout remove OUT
layout gc DIR/out
layout fsck DIR/out
attach --artifact-type a/b APP DIR/note.txt
referrers APP
blob put HOST/app DIR/note.txt
blob head BLOB
blob get BLOB -o DIR/blob
blob delete BLOB
validate APP
inspect APP
tree APP
size APP
history APP
scan APP BOTH
sync --dry-run DIR/sync.toml
sync DIR/sync.toml
gc HOST/app
doctor HOST/app
man DIR/man
demo
cache info --cache DIR/cache
cache prune --size 0 --cache DIR/cache
cache clear --cache DIR/cache
auth login HOST -u me --no-verify --password-stdin < secret
auth get HOST
auth explain HOST
auth logout HOST
registry passwd DIR/users ada --password-stdin < secret
registry gc DIR/registry
registry fsck DIR/registry
delete HOST/other:1
"""
#: What has nothing to tell where nothing is wrong, or superfluous.
SILENT = {"cache clear", "gc", "layout fsck", "layout gc", "registry fsck", "registry gc"}
#: What tests of their own run: a server, and a token service.
ELSEWHERE = {"registry serve", "auth token"}


def command_of(words: list[str]) -> str:
    """
    Find the command that words begin with.
    """
    return next(
        name
        for name in sorted(everything(), reverse=True)
        if words[: len(name.split())] == name.split()
    )


@pytest.fixture
def given(host: str, image: Image, index: Index, tmp_path: Path) -> dict[str, str]:
    """
    What stands for the words in capitals; a registry, folders, and a cache with things in it.
    """
    (tmp_path / "note.txt").write_text("hello")
    entry = f'[[sync]]\nimage = "{host}/app:1"\ntargets = "{host}/mirror"\n'
    (tmp_path / "sync.toml").write_text(entry)
    (tmp_path / "registry").mkdir()
    done("digest", f"{host}/app:1")
    done("pull", "--cache", tmp_path / "cache", f"{host}/app:1", tmp_path / "cached.tar")
    config = json.loads(image.config.content)
    paths = done("files", "list", f"{host}/app:1").lines
    blob = done("blob", "put", f"{host}/app", tmp_path / "note.txt").lines[0]
    return {
        "MANIFEST": image.document.raw.decode() + " ",
        "CONFIG": json.dumps(config["rootfs"]),
        "APP": f"{host}/app:1",
        "BOTH": f"{host}/both:1",
        "OUT": f"oci:{tmp_path}/out:1",
        "HOST": host,
        "DIR": str(tmp_path),
        "PATH": paths[-1],
        "BLOB": blob,
    }


def test_every_command_keeps_to_its_schema(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Each line that it prints is an object as the schema has it; and each prints one.
    """
    monkeypatch.setenv("DOCKER_CONFIG", f"{given['DIR']}/docker")
    told: dict[str, int] = {}
    for line in RUNS.strip().splitlines():
        text, _, stdin = line.partition(" < ")
        command = command_of(text.split())
        argv = [_filled(word, given) for word in text.split()]
        ran = run(*argv, "--output", "json", stdin=_filled(stdin, given).encode())
        assert ran.code in (0, 1), (line, ran.err)
        for each in ran.objects:
            jsonschema.validate(each, schema(command))
            assert set(each) <= set(names(command)), command
        told[command] = told.get(command, 0) + len(ran.objects)
    assert {name for name, count in told.items() if not count} <= SILENT
    assert set(MEMBERS) - set(told) == ELSEWHERE, "add a line to RUNS"


def _filled(text: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        text = text.replace(name, value)
    return text


def test_every_command_has_a_schema() -> None:
    """
    But for those whose results are no objects.
    """
    assert set(everything()) - BARE == set(MEMBERS), "list it in ocikit/cli/schemas.py"


def test_members_stay() -> None:
    """
    What a version promises is there until the next one.
    """
    assert VERSION == 1
    for command, members in PROMISED.items():
        assert set(members.split()) <= set(names(command))


@pytest.mark.parametrize("command", MEMBERS)
def test_schemas_are_schemas(command: str) -> None:
    """
    As JSON Schema has them, and as the help prints them.
    """
    jsonschema.Draft202012Validator.check_schema(schema(command))


def test_the_help_prints_them() -> None:
    """
    One for each command, beside its members.
    """
    told = {each["name"]: each for each in done("help", "output", "--output", "json").objects}
    assert all(told[command]["schema"] == schema(command) for command in MEMBERS)
