"""
Many images over the processes of a real dask cluster, some of which are killed.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from ocikit import bulk
from ocikit.http.message import Request, Response
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from tests.bulk.fleets import fill, held
from tests.real.process import require_module

#: A client of dask's, which says little of its types.
Cluster: TypeAlias = Any

#: How many images there are, and how many references a stream has.
IMAGES: Final = int(os.environ.get("OCIKIT_TEST_IMAGES", "500"))
STREAM: Final = int(os.environ.get("OCIKIT_TEST_STREAM", "20000"))
#: By how much the driver may grow over a stream, in bytes.
BOUND: Final = 8 << 20

DRIVER: Final = """
import sys
from distributed import Client
from ocikit import bulk

source, target, count, journal, scheduler = sys.argv[1:]
pairs = [(f"{source}:{tag}", f"{target}:{tag}") for tag in range(int(count))]
with Client(scheduler) as client:
    executor = client.get_executor(pure=False)
    for outcome in bulk.copy(pairs, executor=executor, chunk=5, window=8, journal=journal):
        print(outcome.value, flush=True)
"""

#: It has a process of its own, for dask's scheduler has a memory too.
STREAMING: Final = """
import os, sys
from distributed import Client
from ocikit import bulk

def resident():
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * os.sysconf("SC_PAGESIZE")

def run(count):
    names = (f"registry.example/app:{number}" for number in range(count))
    outcomes = bulk.map(len, names, executor=executor, chunk=100, window=16)
    return sum(isinstance(outcome, bulk.Ok) for outcome in outcomes)

with Client(sys.argv[2]) as client:
    executor = client.get_executor(pure=False)
    run(2000)
    before = resident()
    print(run(int(sys.argv[1])), resident() - before)
"""


class Counting:
    """
    A registry that counts which tags are put.
    """

    def __init__(self) -> None:
        self.send = registry()
        self.puts: Counter[str] = Counter()

    def __call__(self, request: Request) -> Response:
        if request.method == "PUT" and "/manifests/" in request.url:
            self.puts[request.url.rpartition("/")[2]] += 1
        return self.send(request)


@pytest.fixture(scope="module")
def client() -> Iterator[Cluster]:
    """
    A cluster of two processes, of two threads each.
    """
    require_module("distributed")
    distributed: Any = importlib.import_module("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_copy_scan_and_delete_while_workers_die(client: Cluster) -> None:
    """
    Each image is told of once, is there in the end, and goes in the end, though a process
    that works on them is killed each time.
    """
    executor = client.get_executor(pure=False)
    how: Any = {"executor": executor, "chunk": 10, "window": 16}
    source, target = registry(), registry()
    made = fill(source, "app", IMAGES)
    with serve(source) as one, serve(target) as other:
        pairs = [(f"{one.host}/app:{tag}", f"{other.host}/app:{tag}") for tag in made]
        copied = dict(_killing(client, bulk.copy(pairs, **how)))
        assert copied == {
            pair: f"{other.host}/app@{digest}"
            for pair, digest in zip(pairs, made.values(), strict=True)
        }
        assert held(target, "app") == made
        targets = [name for _, name in pairs]
        scanned = dict(_killing(client, bulk.scan(targets, **how)))
        found = {name.rpartition(":")[2]: facts.digest for name, facts in scanned.items()}
        assert found == made
        gone = dict(_killing(client, bulk.delete(targets, **how)))
        # Who was killed may have deleted some, and could not tell.
        assert len(gone) == IMAGES
        assert held(target, "app") == {}


def _killing(client: Cluster, outcomes: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    """
    Give outcomes, each of which must be well and the first of its kind; at a quarter of them
    kill a process that works.
    """
    seen: set[Any] = set()
    for outcome in outcomes:
        assert isinstance(outcome, bulk.Ok), outcome
        assert outcome.reference not in seen
        seen.add(outcome.reference)
        yield outcome.reference, outcome.value
        if len(seen) == IMAGES // 4:
            os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)


def test_a_driver_that_was_killed_is_gone_on_with(client: Cluster, tmp_path: Path) -> None:
    """
    What its journal has is not copied again; what it lacks is, and all is told once.
    """
    source, target, count = registry(), Counting(), 200
    made = fill(source, "app", count)
    journal = tmp_path / "journal"
    with serve(source) as one, serve(target) as other:
        names = f"{one.host}/app", f"{other.host}/app"
        argv = [*names, str(count), str(journal), client.scheduler.address]
        with subprocess.Popen(
            [sys.executable, "-c", DRIVER, *argv], stdout=subprocess.PIPE
        ) as driver:
            assert driver.stdout is not None
            for _ in range(count // 4):
                assert driver.stdout.readline()
            driver.kill()
        before = _finished(journal)
        assert count // 4 <= len(before) < count
        puts = dict(target.puts)
        pairs = [(f"{names[0]}:{tag}", f"{names[1]}:{tag}") for tag in made]
        executor = client.get_executor(pure=False)
        outcomes = list(bulk.copy(pairs, executor=executor, chunk=5, journal=journal))
    assert Counter(outcome.reference for outcome in outcomes) == Counter(pairs)
    assert all(isinstance(outcome, bulk.Ok) for outcome in outcomes)
    assert held(target.send, "app") == made
    again = {tag for tag, times in target.puts.items() if times > puts.get(tag, 0)}
    assert not again & before
    assert len(_finished(journal)) == count


def _finished(journal: Path) -> set[str]:
    lines = journal.read_bytes().splitlines(keepends=True)
    known = [json.loads(line) for line in lines[1:] if line.endswith(b"\n")]
    return {line["key"].rpartition(":")[2] for line in known if "value" in line}


def test_a_stream_needs_no_memory(client: Cluster) -> None:
    """
    However many references there are, the driver holds a window of them.
    """
    argv = [sys.executable, "-c", STREAMING, str(STREAM), client.scheduler.address]
    done, growth = map(int, subprocess.run(argv, capture_output=True, check=True).stdout.split())
    assert done == STREAM
    assert growth < BOUND, f"{growth >> 20} MiB for {STREAM} references"
