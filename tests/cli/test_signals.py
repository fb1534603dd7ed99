"""
Commands that are cut short: by Ctrl-C, by who reads their results, by a full disk.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.content.streams import Stream
from ocikit.http.message import Request, Response
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.web.serve import serve
from tests.cli.running import done, start


class Stalling:
    """
    A registry that stops amid a blob, and says so, until it is let go.
    """

    def __init__(self, inner: RegistryHandler) -> None:
        self.inner = inner
        self.stalled = threading.Event()
        self.go = threading.Event()

    def __call__(self, request: Request) -> Response:
        response = self.inner(request)
        if request.method == "GET" and "/blobs/" in request.url and response.status == 200:
            response = Response(
                status=200, headers=response.headers, body=Half(response.body, self)
            )
        return response


class Half:
    """
    A body whose second half is late.
    """

    def __init__(self, stream: Stream, registry: Stalling) -> None:
        self._stream, self._registry, self._first = stream, registry, True

    def read(self, size: int = -1, /) -> bytes:
        if not self._first:
            self._registry.stalled.set()
            self._registry.go.wait(60)
        self._first = False
        return self._stream.read(1000 if size < 0 else min(size, 1000))

    def readinto(self, buffer: bytearray | memoryview, /) -> int:
        data = self.read(len(buffer))
        memoryview(buffer)[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Half:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _listen_to_signals() -> None:
    # Who runs the tests under nohup, or behind a shell's &, ignores some, and so would we.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)


@pytest.fixture
def stalling() -> Iterator[tuple[str, Stalling]]:
    """
    A registry with an image whose layer does not come to an end.
    """
    inner = registry()
    image = synthetic.image(Random(1), layers=1, size=200_000)
    flush("localhost/app:1", image, client=Client(send=inner))
    handler = Stalling(inner)
    with serve(handler) as server:
        yield server.host, handler
        handler.go.set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("argv", [("pull",), ("pull", "--format", "oci"), ("pull", "-j", "1")])
def test_what_is_interrupted_leaves_nothing(
    stalling: tuple[str, Stalling], tmp_path: Path, number: signal.Signals, argv: tuple[str, ...]
) -> None:
    """
    No half-written file stays, no traceback is shown, and the exit code tells the signal.
    """
    host, handler = stalling
    command = (*argv, f"{host}/app:1", str(tmp_path / "out"))
    with start(*command, preexec_fn=_listen_to_signals) as process:
        assert handler.stalled.wait(60)
        process.send_signal(number)
        handler.go.set()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"Traceback" not in err
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in left if ".part" in path.name or path.name == "index.json"] == []
    assert left == [] or "oci" in argv


def test_interrupted_says_so(stalling: tuple[str, Stalling], tmp_path: Path) -> None:
    """
    A person who presses Ctrl-C is told what it means for their files.
    """
    host, handler = stalling
    command = ("pull", f"{host}/app:1", tmp_path / "out")
    with start(*command, preexec_fn=_listen_to_signals) as process:
        assert handler.stalled.wait(60)
        process.send_signal(signal.SIGINT)
        handler.go.set()
        _, err = process.communicate(timeout=60)
    assert err.decode().splitlines()[-1] == "interrupted; nothing was left half-written"


def test_asked_twice_it_ends_at_once(stalling: tuple[str, Stalling], tmp_path: Path) -> None:
    """
    The second Ctrl-C does not wait for a server that does not answer.
    """
    host, handler = stalling
    command = ("pull", f"{host}/app:1", tmp_path / "out")
    with start(*command, preexec_fn=_listen_to_signals) as process:
        assert handler.stalled.wait(60)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            # It never answers: only the second signal can end it.
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
    assert process.returncode in (-signal.SIGINT, 130)
    assert not handler.go.is_set()


def test_who_reads_may_go_away(host: str) -> None:
    """
    `ocikit ... | head` ends quietly, with the code that a shell gives for SIGPIPE.
    """
    image = synthetic.image(Random(1), layers=1, size=3_000_000)
    flush(f"{host}/app:1", image)
    for argv in (("manifest", f"{host}/app:1"), ("pull", "-q", f"{host}/app:1", "-")):
        read, write = os.pipe()
        os.close(read)
        with start(*argv, stdout=write) as process:
            os.close(write)
            _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, as Linux has it")
def test_a_full_disk_is_told(host: str) -> None:
    """
    Results that could not be written are no success.
    """
    flush(f"{host}/app:1", synthetic.image(Random(1)))
    with open("/dev/full", "wb") as full, start("ls", f"{host}/app", stdout=full) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 9
    assert err == b"Error: No space left on device\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_streams_may_be_closed(host: str, tmp_path: Path, closed: str) -> None:
    """
    What a shell has closed is nothing to stumble over, nor do files get what was meant for it.
    """
    flush(f"{host}/app:1", synthetic.image(Random(1)))
    ours = f'"{sys.executable}" -m ocikit'
    for line in (f"inspect {host}/app:1", f"pull {host}/app:1 {tmp_path}/app.tar"):
        ran = subprocess.run(f"{ours} {line} {closed}", shell=True, capture_output=True)
        assert (ran.returncode, b"Traceback" in ran.stderr) == (0, False)
    done("validate", f"docker-archive:{tmp_path}/app.tar")


def test_signals_of_others_stay(tmp_path: Path) -> None:
    """
    Who calls `main` with arguments, as a test does, keeps their own signal handlers.
    """
    code = "import signal\nfrom ocikit.cli import main\nold = signal.getsignal(signal.SIGINT)\n"
    code += "main(['version'])\nassert signal.getsignal(signal.SIGINT) is old"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
