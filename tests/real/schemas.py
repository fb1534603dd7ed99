"""
The image specification's own JSON schemas, as Debian has them: what documents have to fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from tests.real.process import unavailable

#: Says what of a document does not fit the schema of a name.
Misfits: TypeAlias = Callable[[str, bytes], list[str]]

PACKAGE: Final = "golang-github-opencontainers-image-spec-dev"
FOLDER: Final = Path("/usr/share/gocode/src/github.com/opencontainers/image-spec/schema")


@pytest.fixture(scope="session")
def schema_misfits() -> Misfits:
    """
    Check documents: `schema_misfits("image-manifest-schema", raw)` is [] of a good one.

    The schemas are the specification's (Apache-2.0), of version 1.1.0-rc2 in Debian 12. They
    allow members that they do not know, so what came later passes unchecked.
    """
    if not FOLDER.is_dir():
        unavailable(f"{FOLDER} is missing: apt-get install --no-install-recommends {PACKAGE}")
    from jsonschema import Draft4Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    def read(uri: str) -> Resource[Any]:
        # They refer to each other by file names, relative to identities of several folders.
        name = uri.rpartition("/")[2]
        return DRAFT4.create_resource(json.loads((FOLDER / name).read_bytes()))

    registry: Registry[Any] = Registry(retrieve=read)  # type: ignore[call-arg]
    known = {
        path.stem: Draft4Validator(json.loads(path.read_bytes()), registry=registry)
        for path in FOLDER.glob("*.json")
    }

    def misfits(name: str, raw: bytes) -> list[str]:
        found = known[name].iter_errors(json.loads(raw))
        return [f"{error.json_path}: {error.message}" for error in found]

    return misfits
