"""
What the README says is so: its Python and its commands run, and its tables are whole.
"""

from __future__ import annotations

import inspect
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings

from ocikit import layout, registry
from ocikit.cli import exits
from ocikit.cli.program import COMMANDS
from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.content.partial import image_of, index_of
from ocikit.mutate.layers import append
from ocikit.mutate.settings import config, platform
from ocikit.server.auth.rules import read_rules
from ocikit.server.handler import registry as make_registry
from ocikit.server.web.serve import serve
from ocikit.spec.config import Config, ConfigFile, History
from ocikit.testing.building import file, layer
from tests.cli.running import done, start

ROOT: Final = Path(__file__).parent.parent
README: Final = (ROOT / "README.md").read_text()
PYTHON: Final = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMAND_LINES: Final = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ") and not line.startswith("$ #")
]
#: `.ci/run` runs the first two from a clean clone, tests/server/test_gateways.py the third.
ELSEWHERE: Final = (
    "python3 -m pip install . && ocikit demo",
    "python3 -m pip install -e '.[test]' && python3 -m pytest",
    "gunicorn --threads 64 "
    """'ocikit.server.app:application(disk="/srv/registry", users="users")'""",
)
SERVING: Final = [line for line in COMMAND_LINES if line.startswith("ocikit registry serve")]
#: Which of the hosts there are served by one registry of the test.
_HOSTS: Final = (
    ("gcr.io", "old.example:5000", "docker.io"),
    ("registry.example",),
    ("mirror.example", "new.example"),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """
    Stand in a folder with what examples take, and give what puts our hosts for theirs.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").mkdir()
    (tmp_path / "build/run").write_text("#!/bin/sh\n")
    (tmp_path / "names").write_text("me/tool\n")
    (tmp_path / "secret").write_text("opensesame\n")
    with ExitStack() as stack:
        servers = [stack.enter_context(serve(make_registry())) for _ in _HOSTS]
        hosts = {name: s.host for s, names in zip(servers, _HOSTS, strict=True) for name in names}
        _fill(hosts)
        yield lambda text: _placed(text, hosts)


def _fill(hosts: Mapping[str, str]) -> None:
    """
    Push what the examples find: two bases, an image that hides a secret, and one more.
    """
    for number, release in enumerate(("12", "13")):
        base = synthetic.image(random.Random(number), layers=2, size=1000)
        index = index_of([base, platform(base, "linux/arm64")])
        registry.flush(f"{hosts['docker.io']}/library/debian:{release}", index)
    secret = layer(file("root/.netrc", b"machine r.io"), file("var/cache/apt/pkgs"))
    image = synthetic.image(random.Random(3), layers=1, size=100)
    for each in (secret, layer("root/.wh..netrc")):
        image = append(image, each)
    registry.flush(f"{hosts['registry.example']}/me/leaky:1", config(image, user="65532"))
    registry.flush(f"{hosts['gcr.io']}/project/app:1", image)


def _placed(text: str, hosts: Mapping[str, str]) -> str:
    text = re.sub(r"(?<![\w./:-])debian:(1[23])", r"docker.io/library/debian:\1", text)
    return re.sub("|".join(map(re.escape, hosts)), lambda found: hosts[found[0]], text)


def test_python_runs(
    here: Callable[[str], str], oci_registry: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The blocks of Python run as they stand, one after the other, and the tests in them too.
    """
    names: dict[str, Any] = {"__name__": "readme"}
    for block in PYTHON:
        exec(compile(here(block), "README.md", "exec"), names)
        for name in re.findall(r"^def (test_\w+)", block, re.MULTILINE):
            _run_test(names[name], oci_registry)
    assert "layer 2 > root/.netrc (12 bytes)" in capsys.readouterr().out
    assert isinstance(names["app"], Index)
    assert names["users"].keys() == set(names["fleet"])
    assert registry.load(here("mirror.example/me/app:2")) == names["app"]
    rebased = registry.load(here("registry.example/me/app:3"), platform="linux/arm64")
    base = registry.load(here("debian:13"), platform="linux/arm64")
    assert isinstance(rebased, Image)
    assert isinstance(base, Image)
    assert rebased.layers == (*base.layers, names["build"])
    made = layout.load("out", "v1")
    assert isinstance(made, Image)
    assert str(made.platform) == "linux/arm64"
    assert made.config_file.config.entrypoint == ("/app/run",)


def _run_test(test: Callable[..., None], oci_registry: Any) -> None:
    if hasattr(test, "hypothesis"):
        # That it can be run is what is tried here; that it holds, in the tests of laws.
        settings(max_examples=5, database=None, deadline=None)(test)()
    elif "oci_registry" in inspect.signature(test).parameters:
        test(oci_registry)
    else:
        test()


def test_commands_run(here: Callable[[str], str], tmp_path: Path) -> None:
    """
    Command lines run in a shell as they stand, one after the other.
    """
    shim = tmp_path / "bin" / "ocikit"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ocikit "$@"\n')
    shim.chmod(0o755)
    layout.flush("out", _drawn(), reference="1")
    lines = [line for line in COMMAND_LINES if line not in {*SERVING, *ELSEWHERE}]
    assert len(lines) > 10
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    for line in lines:
        command = ["bash", "-o", "pipefail", "-c", here(line)]
        ran = subprocess.run(
            command, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, capture_output=True
        )
        assert ran.returncode == 0, (line, ran.stderr.decode())
        assert b"Traceback" not in ran.stderr, line
    facts = [json.loads(line) for line in Path("fleet.jsonl").read_text().splitlines()]
    assert [each["platform"] for each in facts] == ["linux/amd64", "linux/arm64"] * 2
    assert facts[-1]["user"] == "65532"


@pytest.mark.parametrize("line", SERVING)
def test_registries_are_served(line: str, tmp_path: Path) -> None:
    """
    So are those lines that serve until they are told to end; addresses and folders are ours.
    """
    done("registry", "passwd", tmp_path / "users", "ada", "--password-stdin", stdin=b"secret")
    ours = re.sub(r"--address :\d+", "--address 127.0.0.1:0", line)
    for theirs in ("/srv", "/var/cache", "users"):
        ours = ours.replace(f" {theirs}", f" {tmp_path}/{theirs.rpartition('/')[2]}")
    with start(*ours.split()[1:]) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"127.0.0.1:")
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode in (0, 128 + signal.SIGTERM)


def test_the_rules_can_be_read() -> None:
    """
    What people copy from there works; the other TOML is tried with `sync`.
    """
    blocks = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (example,) = [block for block in blocks if "[[rules]]" in block]
    assert read_rules(example).rules


def _drawn() -> Image:
    """
    The image of the README's picture: stored plainly, so that sizes are the same everywhere.
    """
    lists, tool = "var/lib/apt/lists/deb.debian.org_main", "usr/bin/tool"
    layers = [
        layer(file("usr/lib/libc.so.6", bytes(1_900_000)), file("bin/sh", bytes(125_000))),
        layer(file(lists, bytes(400_000)), file("usr/lib/libfoo.so", bytes(600_000))),
        layer(file(tool, bytes(900_000))),
        layer("var/lib/apt/.wh.lists", file(tool, bytes(300_000))),
    ]
    steps = [
        "/bin/sh -c #(nop) ADD file:0a1b in / ",
        "RUN /bin/sh -c apt-get install -y libfoo",
        "COPY tool /usr/bin/ # buildkit",
        "RUN /bin/sh -c strip /usr/bin/tool # buildkit",
    ]
    said = Config(user="65532", entrypoint=("/usr/bin/tool", "serve"))
    history = tuple(History(created_by=step) for step in steps)
    made = ConfigFile(os="linux", architecture="amd64", config=said, history=history)
    return image_of(made, layers)


def test_the_picture_is_what_the_command_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The lines below the command are its own, on a terminal of 80 columns.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    layout.flush("out", _drawn(), reference="1")
    command = ["inspect", "--waste", "oci:out:1"]
    drawn = done(*command).out
    assert f"```console\n$ ocikit {' '.join(command)}\n{drawn}```\n" in README, drawn


def test_every_command_is_in_the_table() -> None:
    """
    The table of commands has each command, and no other.
    """
    listed = {line.split()[0] for line in re.findall(r"^\| `ocikit ([^`]+)`", README, re.MULTILINE)}
    assert listed == set(COMMANDS)


def test_every_exit_code_is_in_the_table() -> None:
    """
    The table of exit codes says what commands say of them.
    """
    rows = [
        f"| {code} | {said}{f': {more}' if more else ''} |\n"
        for code, (_, said, more) in exits.CODES.items()
    ]
    assert "| code | what it says |\n|---|---|\n" + "".join(rows) + "\n" in README


def test_every_profile_is_named() -> None:
    """
    The README names the profiles, and their module tells what each is about.
    """
    from ocikit.server.quirks import profiles

    listed = re.search(r"There are sixteen: (.*?);", README, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed[1])) == set(profiles.PROFILES)
    assert len(profiles.PROFILES) == 16
    assert profiles.__doc__ is not None
    told = re.findall(r"^- ([\w, ]+):", profiles.__doc__, re.MULTILINE)
    assert {name for each in told for name in each.split(", ")} == set(profiles.PROFILES)


def test_links_within_lead_somewhere() -> None:
    """
    Each link to a heading or a file has one.
    """
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^## (.*)$", README, re.MULTILINE)
    }
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert target[1:] in headings if target[0] == "#" else (ROOT / target).exists(), target
