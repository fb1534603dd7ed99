"""
A wheel of ocikit as it is here: by its build backend, or else by hand as that would.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent


def wheel(folder: Path) -> Path:
    """
    Make a wheel in a folder, without any network.
    """
    if find_spec("hatchling") is not None:
        pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
        command = [*pip, "--no-index", "-q", "-w", str(folder), str(ROOT)]
        subprocess.run(command, check=True, timeout=120)
        return next(folder.glob("*.whl"))
    return _by_hand(folder)


def _by_hand(folder: Path) -> Path:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    made = folder / "ocikit-0-py3-none-any.whl"
    parts = dict(_parts(project))
    record = "".join(f"{name},,\n" for name in [*parts, "ocikit-0.dist-info/RECORD"])
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.writestr("ocikit-0.dist-info/RECORD", record)
    return made


def _parts(project: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    for path in sorted((ROOT / "ocikit").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT)), path.read_bytes()
    info = "ocikit-0.dist-info"
    yield f"{info}/METADATA", b"Metadata-Version: 2.1\nName: ocikit\nVersion: 0\n"
    yield f"{info}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    yield f"{info}/entry_points.txt", "\n".join(lines).encode()
