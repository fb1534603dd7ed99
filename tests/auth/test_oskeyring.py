"""
The keyring of the operating system, by the real package with a ring of our own.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ocikit import auth
from ocikit.auth.chain import everywhere
from ocikit.auth.explain import explain
from ocikit.auth.keys import canonical_key
from ocikit.auth.oskeyring import Keyring, KeyringFailed, keyring
from ocikit.http.credentials import Anonymous, Basic, IdentityToken, Keychain
from ocikit.name.parse import parse_repository
from ocikit.testing.contracts_keychain import KeychainContract
from tests.real.process import require_module

APP = parse_repository("quay.io/team/app")


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """
    The file of a ring, which is the keyring of this process.
    """
    require_module("keyring")
    import keyring as package

    from tests.auth.rings import Ring

    before = package.get_keyring()
    ring: Any = Ring
    package.set_keyring(ring())
    file = tmp_path / "ring.json"
    file.write_text("{}")
    monkeypatch.setenv("RING", str(file))
    yield file
    package.set_keyring(before)


class TestKeyring(KeychainContract):
    """
    By a name for each registry or path.
    """

    follows = True
    known_differences: ClassVar = {
        "test_two_of_them_do_not_mix": "a person has one keyring",
        "test_a_user_that_stands_for_a_token": "keyrings know tokens by that name only",
        "test_a_name_without_a_secret": "a keyring that has no secret has nothing",
    }

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        known = {
            canonical_key(key): [each.username, each.password] for key, each in entries.items()
        }
        Path(os.environ["RING"]).write_text(json.dumps(known))
        return auth.keyring()


def test_names_are_asked_for_in_their_order(ring: Path) -> None:
    """
    The longest first; Docker Hub is known by Docker's name for it, too.
    """
    ring.write_text(json.dumps({"quay.io": ["me", "SECRET"]}))
    assert keyring()(APP) == Basic("me", "SECRET")
    assert [str(step) for step in explain(keyring(), APP)] == [
        "keyring, quay.io/team/app: nothing",
        "keyring, quay.io/team: nothing",
        "keyring, quay.io: a password of me",
    ]
    ring.write_text(json.dumps({"https://index.docker.io/v1/": ["<token>", "SECRET"]}))
    assert keyring()(parse_repository("debian")) == IdentityToken("SECRET")
    ring.write_text(json.dumps({"quay.io": ["me", ""]}))
    assert keyring()(APP) == Anonymous()


def test_one_that_does_not_open_is_an_error(ring: Path) -> None:
    """
    Nobody else is told in its place, and nothing of it is shown.
    """
    ring.write_text('{"locked": true}')
    with pytest.raises(KeyringFailed, match="keyring is locked") as caught:
        auth.first_of(keyring(), auth.default())(APP)
    assert "SECRET" not in str(caught.value)
    assert "locked" in explain(keyring(), APP)[-1].said


def test_a_machine_without_one_says_so() -> None:
    """
    As a server has none.
    """
    import keyring as package
    from keyring.backends import fail

    none: Any = fail.Keyring
    package.set_keyring(none())
    with pytest.raises(KeyringFailed, match="there is none on this machine"):
        keyring()(APP)


def test_it_is_off_by_default(ring: Path) -> None:
    """
    Nothing else asks it: it may ask whoever sits before the screen.
    """
    ring.write_text('{"locked": true}')
    assert everywhere({"HOME": "/none"})(APP) == Anonymous()
    assert auth.kubernetes_chain(environ={"HOME": "/none"})(APP) == Anonymous()


def test_it_is_a_recipe() -> None:
    """
    There is nothing in it.
    """
    assert pickle.loads(pickle.dumps(keyring())) == Keyring()


#: The package is made to be missing, as where the extra is not installed.
WITHOUT = """
import sys
sys.modules["keyring"] = None
from ocikit import auth
from ocikit.name.records import Registry
try:
    auth.keyring()(Registry("quay.io"))
except auth.ExtraMissing as error:
    print(error)
"""


def test_a_missing_extra_is_told() -> None:
    """
    With how it is installed.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=env, capture_output=True, check=True)
    assert b'keyring, which is not installed: pip install "ocikit[keyring]"' in done.stdout
