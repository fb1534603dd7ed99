"""
What commands load: no more than they use.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit.content.image import Image
from tests.cli.running import done

TELL = """
import atexit, json, sys
atexit.register(lambda: print("\\n" + json.dumps([*sys.modules])))
from ocikit.cli import main
main(sys.argv[1:])
"""
NETWORK = {"urllib3", "truststore", "ssl"}
#: Never by a command that ends at once.
HEAVY = NETWORK | {"cattrs", "rich", "tarfile", "concurrent.futures", "hypothesis", "pytest"}


def loaded(*argv: str) -> set[str]:
    """
    Run a command in an interpreter of its own, and list the modules it ends with.
    """
    command = [sys.executable, "-c", TELL, *argv]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    return set(json.loads(out.splitlines()[-1]))


@pytest.mark.parametrize(
    "argv",
    [
        *[(), ("--help",), ("version",), ("digest", "--help"), ("append", "--help"), ("nope",)],
        ("index", "append", "--help"),
    ],
)
def test_what_asks_nothing_loads_nothing(argv: tuple[str, ...]) -> None:
    """
    Help, versions and slips of the finger cost neither codec, nor network, nor archives.
    """
    modules = loaded(*argv)
    assert modules & HEAVY == set()
    assert not any(name.startswith("ocikit.registry") for name in modules)


COUNT = """
import atexit, gc, sys
found = []
gc.callbacks.append(lambda phase, info: found.append(phase))
atexit.register(lambda: print(len(found)))
from ocikit.cli import main
before = len(found)
main()
del found[:before]
"""


@pytest.mark.parametrize("argv", [("version",), ("mutate", "HOST/app:1", "-l", "a=b")])
def test_no_garbage_is_looked_for_while_a_command_is_loaded(
    host: str, argv: tuple[str, ...]
) -> None:
    """
    Of all that its modules make nothing is any.
    """
    command = [sys.executable, "-c", COUNT, *(each.replace("HOST", host) for each in argv)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.split()[-1] == b"0"


def test_one_command_loads_no_other() -> None:
    """
    Of the commands, only the one that runs is loaded.
    """
    modules = loaded("version")
    commands = {name for name in modules if name.startswith("ocikit.cli.commands.")}
    assert commands == {"ocikit.cli.commands.version"}


@pytest.mark.parametrize(
    ("argv", "unused"),
    [
        (("digest", "oci:PATH/out:1"), NETWORK | {"tarfile", "rich", "ocikit.mutate.steps"}),
        (("manifest", "oci:PATH/out:1"), NETWORK | {"tarfile", "rich", "ocikit.server.handler"}),
        (("copy", "oci:PATH/out:1", "oci:PATH/two:1"), NETWORK | {"tarfile", "rich"}),
        (("digest", "docker-archive:PATH/a.tar"), NETWORK | {"rich", "ocikit.daemon.engine"}),
        (
            ("digest", "HOST/app:1"),
            {"cattrs", "tarfile", "rich", "ocikit.content.image", "ocikit.spec.config"}
            | {"ocikit.query.select", "ocikit.mutate", "ocikit.tree", "ocikit.server"}
            # What tokens, errors and helpers need waits for a registry that asks for them.
            | {"ocikit.http.token", "ocikit.http.realm", "ocikit.spec.api"}
            # Headers describe it: no document is read.
            | {
                "ocikit.content.verify",
                "ocikit.spec.document",
                "ocikit.spec.gojson",
                "ocikit.spec.schema1",
            }
            | {"ocikit.auth.helper", "ocikit.auth.combine", "ocikit.auth.github"},
        ),
        (("index", "list", "PATH/out"), NETWORK | {"tarfile", "rich", "ocikit.server.handler"}),
        (
            ("ls", "HOST/app"),
            {"cattrs", "tarfile", "rich", "ocikit.layout.load", "ocikit.google.walking"},
        ),
    ],
)
def test_commands_load_what_they_use(
    host: str, image: Image, tmp_path: Path, argv: tuple[str, ...], unused: set[str]
) -> None:
    """
    What is on this machine is read without the network stack; bars only on terminals.
    """
    done("copy", f"{host}/app:1", f"oci:{tmp_path}/out:1")
    done("pull", f"{host}/app:1", tmp_path / "a.tar")
    given = [each.replace("PATH", str(tmp_path)).replace("HOST", host) for each in argv]
    assert loaded(*given) & unused == set()
