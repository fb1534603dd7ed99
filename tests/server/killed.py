"""
A registry on disk in a process that is killed, and writers that know what they were told.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import attrs

from tests.server.samples import image

_SERVE: Final = """
import sys
from ocikit.server.disk.storage import Disk
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
with serve(registry(Disk(sys.argv[1], sys.argv[2]))) as server:
    print(server.port, flush=True)
    server.wait()
"""


@attrs.define
class Writer:
    """
    One client: what it was told is there.
    """

    name: str
    #: What its tags begin with; others push to the same repository.
    tag: str
    random: Random
    blobs: dict[str, bytes] = attrs.field(factory=dict)
    manifests: dict[str, bytes] = attrs.field(factory=dict)
    tags: dict[str, str] = attrs.field(factory=dict)
    #: What a tag was about to point to when there was no answer.
    asked: dict[str, str] = attrs.field(factory=dict)
    uploads: dict[str, tuple[int, bytes]] = attrs.field(factory=dict)

    def work(self, port: int) -> None:
        """
        Push until the server is gone.
        """
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            while True:
                self._push(client)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            client.close()

    def _push(self, client: http.client.HTTPConnection) -> None:
        data = self.random.randbytes(self.random.choice([10, 3000, 200_000]))
        if self.random.random() < 0.3:
            self._in_chunks(client, data)
        else:
            self._blob(client, data)
        self._blob(client, b"{}")
        raw = image(data) if data in self.blobs.values() else image()
        named, tag = _digest(raw), f"{self.tag}-{self.random.randrange(5)}"
        self.asked[tag] = named
        if self._ask(client, "PUT", f"manifests/{tag}", raw) == 201:
            self.manifests[named] = raw
            self.tags[tag] = named
            del self.asked[tag]

    def _blob(self, client: http.client.HTTPConnection, data: bytes) -> None:
        if self._ask(client, "POST", f"blobs/uploads/?digest={_digest(data)}", data) == 201:
            self.blobs[_digest(data)] = data

    def _in_chunks(self, client: http.client.HTTPConnection, data: bytes) -> None:
        client.request("POST", f"/v2/{self.name}/blobs/uploads/")
        response = client.getresponse()
        response.read()
        location, at = response.headers["Location"], 0
        for end in (len(data) // 2, len(data)):
            client.request("PATCH", location, body=data[at:end])
            response = client.getresponse()
            response.read()
            assert response.status == 202
            at = end
            self.uploads[location] = at, data
        del self.uploads[location]
        client.request("PUT", f"{location}?digest={_digest(data)}")
        response = client.getresponse()
        response.read()
        assert response.status == 201
        self.blobs[_digest(data)] = data

    def _ask(self, client: http.client.HTTPConnection, method: str, path: str, data: bytes) -> int:
        kind = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
        client.request(method, f"/v2/{self.name}/{path}", body=data, headers=kind)
        response = client.getresponse()
        response.read()
        return response.status


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@contextmanager
def served(path: Path, durability: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """
    Serve a folder in a process of its own, which is killed in the end.
    """
    argv = [sys.executable, "-c", _SERVE, str(path), durability]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=os.getcwd()) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGKILL)


def kill_amid(path: Path, durability: str, writers: list[Writer], seconds: float) -> None:
    """
    Let writers push for some time, and kill the server meanwhile.
    """
    with served(path, durability) as (process, port):
        threads = [threading.Thread(target=each.work, args=(port,)) for each in writers]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
