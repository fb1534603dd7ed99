"""
Folders of certificates, as Docker and podman lay them out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocikit.auth.certificates import CertificatesInvalid, certificates, folders
from ocikit.http.terms import Terms
from tests.files.places import ROOT, as_nobody, open_place


def fill(folder: Path, *names: str) -> str:
    """
    Make a registry's folder with files of these names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return str(folder)


def test_where_they_are_looked_for() -> None:
    """
    podman's own first, then the system's: containers-certs.d(5), and Docker's with it.
    """
    assert folders({"HOME": "/home/me"}) == (
        "/home/me/.config/containers/certs.d",
        "/home/me/.config/docker/certs.d",
        "/etc/containers/certs.d",
        "/etc/docker/certs.d",
    )
    assert folders()[0].startswith(os.environ["HOME"])


def test_authorities_and_the_first_pair_are_found(tmp_path: Path) -> None:
    """
    `*.crt` are authorities, `*.cert` with its `*.key` is ours; all else is passed over.
    """
    own = fill(
        tmp_path / "r.io:5000",
        *("b.crt", "a.crt", "z.cert", "z.key", "client.cert", "client.key", "README"),
    )
    assert certificates(["r.io:5000"], [str(tmp_path)]) == Terms(
        authorities=(f"{own}/a.crt", f"{own}/b.crt"),
        certificate=f"{own}/client.cert",
        key=f"{own}/client.key",
    )


def test_the_first_folder_that_is_there_is_the_one(tmp_path: Path) -> None:
    """
    Even an empty one: so a person can take back what the machine says.
    """
    fill(tmp_path / "mine" / "r.io")
    fill(tmp_path / "all" / "r.io", "ca.crt")
    places = [str(tmp_path / name) for name in ("none", "mine", "all")]
    assert certificates(["r.io"], places) == Terms()
    assert certificates(["r.io"], places[2:]).authorities
    assert certificates(["r.io:5000"], places) == Terms()


def test_a_registry_may_have_two_names(tmp_path: Path) -> None:
    """
    Docker Hub is docker.io to podman, and registry-1.docker.io to Docker.
    """
    fill(tmp_path / "registry-1.docker.io", "ca.crt")
    assert certificates(["docker.io", "registry-1.docker.io"], [str(tmp_path)]).authorities


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("client.cert",), "client.key is missing"),
        (("client.key",), "client.key has no .cert"),
        (("client.crt", "client.key"), "end in .crt"),
        (("a.cert", "b.key"), "a.key is missing"),
    ],
)
def test_half_a_pair_is_told(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    """
    Docker stops there too: somebody misnamed a file.
    """
    own = fill(tmp_path / "r.io", *names)
    with pytest.raises(CertificatesInvalid, match=said) as caught:
        certificates(["r.io"], [str(tmp_path)])
    assert own in str(caught.value)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """
    It is as if it were not there.
    """
    (tmp_path / "r.io").touch()
    assert certificates(["r.io"], [str(tmp_path)]) == Terms()


def test_a_closed_folder_is_passed_by() -> None:
    """
    Others' certificates are not for us, and the next place may be.
    """
    with open_place() as place:
        closed = place / "closed" / "r.io"
        fill(closed, "ca.crt")
        closed.chmod(0)

        def found() -> Terms:
            return certificates(["r.io"], [str(place / "closed")])

        # Root may read everything.
        assert (as_nobody(found) if ROOT else found()) == Terms()
        closed.chmod(0o700)
