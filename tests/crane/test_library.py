"""
What go-containerregistry's package crane offers to programs, and its tests try.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit import crane
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.compression import Plain
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.errors import Missing
from ocikit.http.credentials import Basic
from ocikit.http.message import Request, Response
from ocikit.name.faults import NameInvalid
from ocikit.platforms import parse
from ocikit.registry.client import Client
from ocikit.registry.settings import Settings
from ocikit.server.auth.basic import basic_auth
from ocikit.server.handler import registry
from tests.crane.conftest import Reach

INDEX = synthetic.index(Random(1), size=10)
NAMES = st.text("abc/", min_size=1, max_size=5).filter(lambda name: not name.endswith("/"))


@given(files=st.dictionaries(NAMES, st.binary(max_size=600), max_size=4))
def test_layers_hold_the_files_that_are_given(files: dict[str, bytes]) -> None:
    """
    Law: in the order of their names, whatever order they come in, and nothing else.
    """
    made = crane.layer(files)
    assert made == crane.layer(dict(reversed(files.items())))
    with tarfile.open(fileobj=io.BytesIO(made.uncompressed().read())) as archive:
        members = archive.getmembers()
        assert [each.name for each in members] == sorted(files)
        assert {(each.mtime, each.uid, each.mode) for each in members} <= {(0, 0, 0o644)}
        for each in members:
            found = archive.extractfile(each)
            assert found is not None
            assert found.read() == files[each.name]


def test_modes_and_compression_are_chosen() -> None:
    """
    crane gives files no permissions at all.
    """
    made = crane.layer({"a": b""}, mode=0, compression=Plain())
    with tarfile.open(fileobj=io.BytesIO(made.blob.content)) as archive:
        assert archive.getmember("a").mode == 0


def test_images_of_files_are_pushed(reach: Reach) -> None:
    """
    As any other.
    """
    made = crane.image({"etc/motd": b"hello"})
    assert crane.load(crane.push(made, "r.example/app:1", reach.options), reach.options) == made
    assert len(made.config_file.history) == len(made.layers) == 1


def test_a_walk_through(reach: Reach, tmp_path: Path) -> None:
    """
    Push, copy, tag, list, look, pull, save, load, delete, as crane's own test of a registry.
    """
    options, made = reach.options, crane.image({"a": b"1", "b": b"2"})
    source, copied = "r.example/test/crane:1", "other.example/test/copy:1"
    pinned = crane.push(made, source, options)
    assert crane.digest(source, options) == crane.digest(pinned, options) == made.descriptor
    assert crane.load(source, options) == made
    assert crane.manifest(source, options) == made.document.raw
    assert crane.config(source, options).content == made.config.content
    assert crane.copy(source, copied, options) == f"other.example/test/copy@{made.digest}"
    assert crane.tag(copied, ["2"], options) == ("other.example/test/copy:2",)
    assert list(crane.ls("other.example/test/copy", options)) == ["1", "2"]
    assert "test/crane" in list(crane.catalog("r.example", options))
    [layer] = made.layers
    found = crane.pull_layer(f"r.example/test/crane@{layer.digest}", options)
    assert found.diff_id == layer.diff_id
    for form in ("tarball", "legacy"):
        archive = f"{tmp_path}/{form}.tar"
        crane.pull([source], archive, options, format=form)
        loaded = crane.load(f"docker-archive:{archive}:{source}", options)
        assert isinstance(loaded, Image)
        assert loaded.config == made.config
    crane.pull([source, copied], f"{tmp_path}/both.tar", options)
    assert crane.load(f"docker-archive:{tmp_path}/both.tar:{copied}", options)
    crane.pull([source], f"{tmp_path}/layout", options, format="oci")
    assert crane.load(f"oci:{tmp_path}/layout", options) == made
    assert b"".join(crane.export(made, options)) == layer.uncompressed().read()
    assert crane.delete(pinned, options) == pinned
    with pytest.raises(Missing):
        crane.digest(source, options)


def test_layers_are_uploaded_alone(reach: Reach) -> None:
    """
    Once: what is there is not sent again, and what another repository has is mounted.
    """
    made = crane.layer({"hello": b"world"})
    name = crane.upload(made, "r.example/a", reach.options)
    assert name == f"r.example/a@{made.digest}"
    reach.asked()
    crane.upload(made.blob, "docker://r.example/a", reach.options)
    again = Layer(blob=crane.blob(name, reach.options))
    crane.upload(again, "r.example/b", reach.options)
    assert not [line for line in reach.asked() if line.startswith(("PATCH", "PUT"))]
    assert crane.pull_layer(f"r.example/b@{made.digest}", reach.options).digest == made.digest


def test_a_copy_of_an_index_is_whole(reach: Reach) -> None:
    """
    With all its images; with a platform it is one of them, under the tag.
    """
    crane.push(INDEX, "r.example/app:1", reach.options)
    crane.copy("r.example/app:1", "r.example/all:1", reach.options)
    assert crane.load("r.example/all:1", reach.options) == INDEX
    child = INDEX.children[0]
    platform = child.descriptor.platform
    assert platform is not None
    one = reach.but(platforms=(parse(str(platform)),))
    crane.copy("r.example/app:1", "r.example/one:1", one)
    assert crane.digest("r.example/one:1", reach.options).digest == child.descriptor.digest
    assert crane.manifest("r.example/app:1", one) == crane.manifest("r.example/one:1", one)


@pytest.mark.parametrize("name", ["/dev/null/@@@@@@", "r.example/A", "r.example/a@sha256:1", ""])
def test_bad_names(reach: Reach, name: str) -> None:
    """
    Every verb says which text it was, and asks nobody.
    """
    options, made = reach.options, crane.image({})
    for call in (
        lambda: crane.push(made, name, options),
        lambda: crane.load(name, options),
        lambda: crane.digest(name, options),
        lambda: crane.manifest(name, options),
        lambda: crane.config(name, options),
        lambda: crane.copy(name, "r.example/x:1", options),
        lambda: crane.copy("r.example/x:1", name, options),
        lambda: crane.tag(name, ["1"], options),
        lambda: crane.delete(name, options),
        lambda: list(crane.ls(name, options)),
        lambda: crane.upload(made.layers[0], name, options),
        lambda: crane.pull_layer(name, options),
    ):
        with pytest.raises(NameInvalid):
            call()
    assert reach.asked() == []


@pytest.mark.parametrize("jobs", [1, 3])
def test_options_are_of_the_client(jobs: int) -> None:
    """
    What carries requests, who we are, what we call ourselves, how much at once.
    """
    agents = set()
    guarded = basic_auth(registry(), {"me": "secret"})

    def send(request: Request) -> Response:
        agents.add(request.headers.get("User-Agent").partition(" ")[0])
        return guarded(request)

    client = Client(
        send=send,
        keychain=lambda resource: Basic("me", "secret"),
        jobs=jobs,
        settings=Settings(user_agent="mine/1"),
    )
    options = crane.Options(client=client)
    made = crane.image({"a": b"1"})
    assert crane.load(crane.push(made, "r.example/a:1", options), options) == made
    assert agents == {"mine/1"}
    assert evolve(options, target=client) != options


@pytest.mark.parametrize(
    "name", ["debian:1", "library/debian:1", "index.docker.io/library/debian:1"]
)
def test_an_image_of_an_archive_by_any_of_its_names(
    reach: Reach, tmp_path: Path, name: str
) -> None:
    """
    Names are compared as what they mean.
    """
    made, archive = crane.image({"a": b"1"}), f"{tmp_path}/saved.tar"
    crane.push(made, "docker.io/library/debian:1", reach.options)
    crane.push(crane.image({"b": b"2"}), "debian:2", reach.options)
    crane.pull(["debian:1", "debian:2"], archive, reach.options)
    found = crane.load(f"docker-archive:{archive}:{name}", reach.options)
    assert isinstance(found, Image)
    assert found.config == made.config


def test_an_image_of_another_platform_has_its_own_digest(reach: Reach) -> None:
    """
    A platform chooses among the images of an index; there is nothing to choose in an image.
    """
    child = INDEX.children[0]
    crane.push(child.content, "r.example/app:1", reach.options)
    one = reach.but(platforms=(parse("plan9/mips"),))
    assert crane.digest("r.example/app:1", one).digest == child.descriptor.digest
    assert len(reach.notices) == 1
