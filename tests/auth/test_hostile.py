"""
Files that want more than they should, by names that are none.

The numbers are those of a list of attacks on clients of registries.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from ocikit.auth.configfile import file
from ocikit.auth.default import default
from ocikit.auth.helper import HelperFailed
from ocikit.auth.login import store
from ocikit.http.credentials import Basic
from ocikit.name.faults import NameInvalid
from ocikit.name.records import Registry

HUB, MINE = Registry("docker.io"), Registry("r.io")


@pytest.mark.parametrize(
    "name",
    ["/../bin/x", "../x", "x/../../bin/x", "-x", ".x", "x y", "x;y", "$(x)", "x\n", "x\0", "`x`"],
)
def test_s25_a_helper_is_a_program_by_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A folder `docker-credential-` here, and a name that leads out of it, run nothing.
    """
    (tmp_path / "docker-credential-").mkdir()
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/x"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"credHelpers": {"r.io": name}}))
    monkeypatch.chdir(tmp_path)
    environ = {"PATH": f".:{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    with pytest.raises(HelperFailed, match="not the name of a helper"):
        file(config, environ)(MINE)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("host", ["r.io\nx", "r.io\r\n", "r.io\0"])
def test_s25_a_helper_is_asked_for_one_thing(host: str) -> None:
    """
    CVE-2020-5260 and kin: no name of a registry has a second line.
    """
    with pytest.raises(NameInvalid):
        Registry(host)


def test_a_helper_that_is_missing_ends_the_search(tmp_path: Path) -> None:
    """
    CVE-2021-41092: nobody else's credentials go to the registry whose helper is missing,
    nor its own to another.
    """
    config = {
        "credHelpers": {"r.io": "gone"},
        "auths": {"https://index.docker.io/v1/": {"auth": "bWU6cHc="}},
    }
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(json.dumps(config))
    found = default({"HOME": str(tmp_path), "PATH": "/usr/bin", "XDG_RUNTIME_DIR": "/none"})
    with pytest.raises(HelperFailed, match="no such program"):
        found(MINE)
    assert found(HUB) == Basic("me", "pw")


@pytest.mark.parametrize(
    "host", ["ghcr.io.evil.io", "xghcr.io", "ghcr.io:8443", "evil.io", "GHCR.io.evil.io"]
)
def test_a_look_alike_is_somebody_else(host: str, tmp_path: Path) -> None:
    """
    CVE-2024-35192: a host is matched whole.
    """
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"auths": {"ghcr.io": {"auth": "bWU6cHc="}}}))
    assert file(config)(Registry(host)) != Basic("me", "pw")
    assert file(config)(Registry("GHCR.io")) == Basic("me", "pw")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_s26_a_login_closes_the_file(umask: int, tmp_path: Path) -> None:
    """
    Whatever it was, and whatever files are by custom: its owner's alone, and so is a
    folder that is made for it.
    """
    existing = tmp_path / "config.json"
    existing.write_text("{}")
    existing.chmod(0o644)
    fresh = tmp_path / "new/folder/config.json"
    before = os.umask(umask)
    try:
        for path in (existing, fresh):
            store(MINE, Basic("me", "pw"), path=path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(existing.stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.parent.stat().st_mode) == 0o700
