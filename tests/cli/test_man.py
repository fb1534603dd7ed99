"""
`ocikit man`: a page for each command and topic, which troff has nothing to say about.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ocikit.cli.manual.topics import TOPICS
from tests.cli.running import done
from tests.cli.test_flags import everything


def test_pages(tmp_path: Path) -> None:
    """
    Where man looks for them, by their names; the same each time.
    """
    paths = [Path(line) for line in done("man", tmp_path).lines]
    names = {path.name for path in paths}
    assert {f"ocikit-{name.replace(' ', '-')}.1" for name in everything()} - names <= {
        "ocikit-files-ls.1",
        "ocikit-files-cat.1",
    }
    assert {f"ocikit-{name}.7" for name in TOPICS} <= names
    assert all(path.parent.name == f"man{path.suffix[1:]}" for path in paths)
    pages = {path.name: path.read_text(encoding="ascii") for path in paths}
    assert done("man").out == pages["ocikit.1"]
    for name, page in pages.items():
        lines = page.splitlines()
        assert lines[0].startswith(".TH "), name
        heads = [line for line in lines if line.startswith(".SH ")]
        assert heads[0] == ".SH NAME", name
        assert heads[-1] == ".SH SEE ALSO", name
        assert "\b" not in page
        # What is no request of troff does not look like one.
        requests = {line.split()[0] for line in lines if line.startswith((".", "'"))}
        assert requests <= {".TH", ".SH", ".PP", ".TP", ".B", ".nf", ".fi"}, name
    if shutil.which("groff"):
        told = subprocess.run(
            ["groff", "-man", "-ww", "-z", "-Tutf8", *paths], capture_output=True, check=True
        )
        assert told.stderr == b""
