"""
Copy, scan and delete over many images, in threads and in processes.
"""

from __future__ import annotations

import json
import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import bulk, layout, mutate, registry
from ocikit.auth.given import given
from ocikit.bulk.inventory import read, written
from ocikit.bulk.verbs import Copy, Delete, Scan
from ocikit.content import synthetic
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import index_of
from ocikit.crane.options import Options
from ocikit.crane.read import ls
from ocikit.http.credentials import Basic
from ocikit.http.message import Send
from ocikit.platforms import LINUX_AMD64
from ocikit.registry.client import Client
from ocikit.server.handler import registry as make_registry
from ocikit.server.web.serve import serve
from tests.bulk.fleets import fill

BASE = "org.opencontainers.image.base.name"


@pytest.fixture
def handler() -> Send:
    """
    An empty registry.
    """
    return make_registry()


@pytest.fixture
def host(handler: Send) -> Iterator[str]:
    """
    The same on a socket, as "127.0.0.1:PORT".
    """
    with serve(handler) as server:
        yield server.host


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    """
    Two processes.
    """
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        yield pool


def values(outcomes: Any) -> list[Any]:
    """
    Give the values of outcomes that are all well.
    """
    found = list(outcomes)
    assert [each for each in found if isinstance(each, bulk.Failed)] == []
    return [each.value for each in found]


def entrypoints(content: Content) -> list[str]:
    """
    Stand for a question of somebody's own.
    """
    assert isinstance(content, Image)
    return [*content.config_file.config.cmd, str(content.layers[0].size)]


def test_processes_copy_scan_and_delete(handler: Send, host: str, processes: Executor) -> None:
    """
    Workers open what they need by names; what they tell is what was there.
    """
    digests = fill(handler, "from", 40)
    names = [f"{host}/from:{tag}" for tag in digests]
    pairs = [(name, name.replace("/from", "/to")) for name in names]
    copied = values(bulk.copy(pairs, executor=processes, chunk=5, ordered=True))
    assert copied == [f"{host}/to@{digest}" for digest in digests.values()]
    targets = [target for _, target in pairs]
    scanned = values(bulk.scan(targets, executor=processes, chunk=5, ordered=True))
    assert [found.digest for found in scanned] == list(digests.values())
    asked = bulk.scan(targets, question=entrypoints, executor=processes, chunk=5, ordered=True)
    assert [answer[0] for answer in values(asked)] == list(digests)
    gone = bulk.delete([*targets, targets[0]], executor=processes, chunk=50)
    assert sorted(values(gone)) == [False] + [True] * 40
    assert list(ls(f"{host}/to", Options())) == []


def test_what_fails_is_told_and_the_rest_goes_on(
    handler: Send, host: str, processes: Executor
) -> None:
    """
    A name without an image fails alone, with the error that a single copy raises.
    """
    fill(handler, "from", 2)
    names = [f"{host}/from:{tag}" for tag in ("0", "none", "1")]
    pairs = [(name, f"{host}/to:{number}") for number, name in enumerate(names)]
    outcomes = list(bulk.copy(pairs, executor=processes, ordered=True))
    assert [type(each) for each in outcomes] == [bulk.Ok, bulk.Failed, bulk.Ok]
    failed = outcomes[1]
    assert isinstance(failed, bulk.Failed)
    assert type(failed.error).__name__ == "ManifestUnknown"
    assert sorted(ls(f"{host}/to", Options())) == ["0", "2"]


def test_places_of_all_kinds(handler: Send, host: str, tmp_path: Path) -> None:
    """
    Whatever a copy takes, many take too.
    """
    fill(handler, "from", 2)
    pairs = [(f"{host}/from:{tag}", f"oci:{tmp_path}:{tag}") for tag in ("0", "1")]
    assert len(values(bulk.copy(pairs))) == 2
    assert layout.load(tmp_path, "1") == registry.load(f"{host}/from:1")
    [found] = values(bulk.scan([f"oci:{tmp_path}:1"]))
    assert found.kind == "image"


def test_secrets_do_not_travel(handler: Send, host: str, processes: Executor) -> None:
    """
    Options with a password stay here: that is said for each image, without the password.
    """
    keychain = given({host: Basic("me", "pass:word")})
    options = Options(client=Client(keychain=keychain))
    for function in (Copy(options=options), Delete(options=options)):
        with pytest.raises(Exception, match="secret"):
            pickle.dumps(function)
    fill(handler, "from", 1)
    [failed] = bulk.scan([f"{host}/from:0"], options, executor=processes)
    assert isinstance(failed, bulk.Failed)
    assert "holds a secret" in str(failed.error)
    assert "pass:word" not in repr(failed)


def test_recipes_pickle_and_compare() -> None:
    """
    What goes to workers is a record of plain records.
    """
    for recipe in (
        Copy(options=Options(), referrers=True),
        Scan(options=Options(platforms=(LINUX_AMD64,)), question=bulk.facts),
        Delete(options=Options(client=Client(insecure=True)), swap=True),
    ):
        assert pickle.loads(pickle.dumps(recipe)) == recipe


def test_a_scan_is_gone_on_with(handler: Send, host: str, tmp_path: Path) -> None:
    """
    Facts come back from a journal as they were, and nothing is asked again.
    """
    fill(handler, "from", 3)
    names = [f"{host}/from:{tag}" for tag in range(3)]
    journal = tmp_path / "journal"
    first = list(bulk.scan(names, journal=journal, ordered=True))
    nobody = Options(client=Client(send=lambda request: 1 // 0))  # type: ignore[arg-type, return-value]  # nobody asks
    assert list(bulk.scan(names, nobody, journal=journal, ordered=True)) == first
    for line in journal.read_text().splitlines()[1:]:
        assert json.loads(line)["value"]["kind"] == "image"


def test_journals_are_of_one_question(handler: Send, host: str, tmp_path: Path) -> None:
    """
    Another verb, another question, and other platforms are other runs.
    """
    fill(handler, "from", 1)
    journal = tmp_path / "journal"
    list(bulk.scan([f"{host}/from:0"], journal=journal))
    amd64 = Options(platforms=(LINUX_AMD64,))
    for other in (
        bulk.scan([f"{host}/from:0"], question=entrypoints, journal=journal),
        bulk.scan([f"{host}/from:0"], amd64, journal=journal),
        bulk.delete([f"{host}/from:0"], journal=journal),
        bulk.copy([(f"{host}/from:0", f"{host}/to:0")], journal=journal),
    ):
        with pytest.raises(bulk.JournalOfAnother):
            next(iter(other))


def test_facts_of_an_index() -> None:
    """
    Images of nested indexes are told, attestations are not.
    """
    index = synthetic.index(Random(1), layers=2)
    inner = index_of([synthetic.image(Random(2))])
    whole = index_of([*(child.content for child in index.children), inner])
    found = bulk.facts(whole)
    assert (found.kind, found.digest, found.size) == ("index", str(whole.digest), whole.size)
    assert [image.platform for image in found.images] == [
        "linux/amd64",
        "linux/arm64/v8",
        "linux/amd64",
    ]
    first, told = index.children[0].content, found.images[0]
    assert isinstance(first, Image)
    blobs = [first.config.size, *(layer.size for layer in first.layers)]
    assert told.size == first.size + sum(blobs)
    assert [layer.diff_id for layer in told.layers] == [str(each.diff_id) for each in first.layers]
    assert read(json.loads(json.dumps(written(found)))) == found


def test_a_sparse_index_is_told(host: str) -> None:
    """
    What a repository lacks is told as missing, with what the index says of it.
    """
    index = synthetic.index(Random(1))
    registry.flush(f"{host}/app:1", index)
    registry.delete(f"{host}/app@{index.children[1].descriptor.digest}")
    outcomes = list(bulk.scan([f"{host}/app:1"]))
    rows = list(bulk.rows(outcomes))
    assert [row["missing"] for row in rows] == [False, True]
    assert [row["platform"] for row in rows] == ["linux/amd64", "linux/arm64/v8"]
    assert [row["layers"] for row in rows] == [1, None]


def test_rows_are_flat_and_have_the_same_columns(host: str) -> None:
    """
    Every row has every column, in the same order, with plain values.
    """
    made = synthetic.image(Random(1), layers=2)
    image = mutate.config(made, user="65532", labels={"team": "a", BASE: "old"})
    image = mutate.annotations(image, set={BASE: "debian:12"})
    assert isinstance(image, Image)
    registry.flush(f"{host}/app:1", image)
    registry.flush(f"{host}/app:2", synthetic.artifact(Random(2)))
    registry.flush(f"{host}/app:3", index_of([]))
    names = [f"{host}/app:{tag}" for tag in (1, 2, 3, 4)]
    outcomes = list(bulk.scan(names, ordered=True))
    rows = list(bulk.rows(outcomes, labels=["team"]))
    assert {tuple(row) for row in rows} == {(*bulk.COLUMNS, "label:team")}
    assert all(isinstance(v, str | int | bool | None) for row in rows for v in row.values())
    assert [row["kind"] for row in rows] == ["image", "artifact", "index", None]
    assert rows[0] == {
        "reference": names[0],
        "kind": "image",
        "digest": str(image.digest),
        "media_type": image.media_type,
        "image": str(image.digest),
        "platform": "linux/amd64",
        "artifact_type": None,
        "created": None,
        "size": image.size + image.config.size + sum(layer.size for layer in image.layers),
        "layers": 2,
        "user": "65532",
        "base_name": "debian:12",
        "base_digest": None,
        "source": None,
        "revision": None,
        "version": None,
        "missing": False,
        "error": None,
        "error_text": None,
        "label:team": "a",
    }
    assert str(rows[3]["error"]).endswith(".ManifestUnknown")
    layers = list(bulk.layer_rows(outcomes))
    assert {tuple(row) for row in layers} == {bulk.LAYER_COLUMNS}
    assert [row["position"] for row in layers if row["reference"] == names[0]] == [1, 2]


def test_platforms_are_chosen_of_an_index(host: str) -> None:
    """
    With a platform, its image is what is asked.
    """
    index = synthetic.index(Random(1))
    registry.flush(f"{host}/app:1", index)
    [found] = values(bulk.scan([f"{host}/app:1"], Options(platforms=(LINUX_AMD64,))))
    assert isinstance(index, Index)
    assert found.digest == str(index.children[0].descriptor.digest)
