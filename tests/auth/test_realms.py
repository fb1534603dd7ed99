"""
Token services that a person trusts for a registry.
"""

from __future__ import annotations

import json
import os
import pickle
import stat
from pathlib import Path

import pytest

from ocikit.auth.dockerconfig import ConfigInvalid
from ocikit.auth.realms import PinnedRealms, pin, pinned, realms_path
from ocikit.name.records import Registry

ONE, TWO = Registry("one.io"), Registry("two.io:5000")


def test_what_is_pinned_counts_for_its_registry(tmp_path: Path) -> None:
    """
    And for no other: who breaks into one must not be told what is another's.
    """
    environ = {"HOME": str(tmp_path)}
    pin(ONE, ["auth.corp.net", "auth.corp.net"], environ=environ)
    pin(TWO, ["b.net:8443"], environ=environ)
    known = pinned(environ)
    assert known(ONE) == ("auth.corp.net",)
    assert known(TWO) == ("b.net:8443",)
    assert known(Registry("three.io")) == ()
    assert stat.S_IMODE(os.stat(realms_path(environ)).st_mode) == 0o600
    pin(ONE, [], environ=environ)
    assert (known(ONE), known(TWO)) == ((), ("b.net:8443",))


def test_nothing_pinned_makes_no_file(tmp_path: Path) -> None:
    """
    A logout of where nothing was pinned leaves no trace.
    """
    path = tmp_path / "ocikit/realms.json"
    pin(ONE, [], path=path)
    assert not path.exists()
    assert PinnedRealms(path=str(path))(ONE) == ()


def test_other_members_stay(tmp_path: Path) -> None:
    """
    What a later version writes there is not lost.
    """
    path = tmp_path / "realms.json"
    path.write_text('{"later": 1}')
    pin(ONE, ["a.net"], path=path)
    assert json.loads(path.read_text()) == {"later": 1, "realms": {"one.io": ["a.net"]}}


@pytest.mark.parametrize("text", ["[]", '{"realms": []}', '{"realms": {"one.io": "a.net"}}', "{"])
def test_what_cannot_be_understood_is_told(tmp_path: Path, text: str) -> None:
    """
    By its path; nobody is trusted by a file that is broken.
    """
    path = tmp_path / "realms.json"
    path.write_text(text)
    with pytest.raises(ConfigInvalid, match=str(path)):
        PinnedRealms(path=str(path))(ONE)
    with pytest.raises(ConfigInvalid):
        pin(ONE, ["a.net"], path=path)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """
    A file where a folder should be.
    """
    (tmp_path / "ocikit").touch()
    with pytest.raises(ConfigInvalid, match="cannot be written"):
        pin(ONE, ["a.net"], path=tmp_path / "ocikit/realms.json")


def test_it_is_a_recipe() -> None:
    """
    As keychains are.
    """
    assert pickle.loads(pickle.dumps(pinned())) == pinned()
