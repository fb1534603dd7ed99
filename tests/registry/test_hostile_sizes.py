"""
A registry that answers without end: memory stays as it is, and time has an end.

The numbers are those of a list of attacks on clients of registries. Each runs in a
process of its own, which tells how much memory it came to need.
"""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
from collections.abc import Callable
from random import Random

import attrs
import pytest

from ocikit.content import synthetic
from ocikit.http.retry import Policy
from ocikit.registry.client import Client
from ocikit.registry.faults import TimedOut
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from tests.registry.sockets import Talk, listening, ok, request_of

MIB = 1 << 20
FLOOD = 300 * MIB
#: How much more memory an attack may cost, in MiB: what is read at most, a few times over.
BOUND = 48

CLIENT = """
import resource, sys
import ocikit.registry.received, ocikit.spec.converter, urllib3, cattrs
from random import Random
from ocikit.content import synthetic
from ocikit.errors import OciError
from ocikit.http.credentials import Basic
from ocikit.http.retry import NEVER
from ocikit.registry.client import Client
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.list import catalog, tags
from ocikit.registry.load import load
from ocikit.registry.referrers import referrers
from ocikit.registry.settings import Settings

host, verb = sys.argv[1:]
settings = Settings(retry=NEVER)
client = Client(keychain=lambda resource: Basic("me", "pw"), jobs=1, settings=settings)
image = synthetic.image(Random(1))
image.config.content

def drain(image):
    for blob in (image.config, *(layer.blob for layer in image.layers)):
        with blob.open() as stream:
            stream.drain()

verbs = {
    "load": lambda: load(f"{host}/a:1", client=client),
    "pull": lambda: drain(load(f"{host}/a:1", client=client)),
    "head": lambda: head(f"{host}/a:1", client=client),
    "tags": lambda: sum(1 for _ in tags(f"{host}/a", client=client)),
    "catalog": lambda: sum(1 for _ in catalog(host, client=client)),
    "referrers": lambda: sum(
        1 for _ in referrers(f"{host}/a@{image.digest}", client=client)
    ),
    "push": lambda: flush(f"{host}/a:1", image, client=client),
    "delete": lambda: delete(f"{host}/a:1", client=client),
}
def peak():
    if sys.platform == "linux":
        # What rusage says begins with what the parent needed when it forked.
        with open("/proc/self/status") as status:
            return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024
    # In KiB, and in bytes on a Mac.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

before = peak()
try:
    verbs[verb]()
    ended = "well"
except OciError as error:
    ended = type(error).__name__
    assert len(str(error)) < 5000
print(ended, round(peak() - before))
"""


@attrs.frozen
class Flood:
    """
    An answer that goes on and on.
    """

    status: str = "200 OK"
    begin: bytes = b""
    again: bytes = b"x"
    fields: tuple[str, ...] = ()
    total: int = FLOOD
    #: Whether even the head is part of what goes on.
    headless: bool = False

    def pour(self, line: socket.socket) -> None:
        """
        Send it all.
        """
        length = f"Content-Length: {self.total}"
        kind = "Content-Type: application/vnd.oci.image.manifest.v1+json"
        fields = [f"HTTP/1.1 {self.status}", length, kind, "Connection: close", *self.fields]
        head = b"" if self.headless else "\r\n".join(fields).encode() + b"\r\n\r\n"
        line.sendall(head + self.begin)
        piece = self.again * (MIB // len(self.again))
        left = self.total - len(self.begin)
        while left > 0:
            line.sendall(piece[:left])
            left -= len(piece)


#: The answers to the requests that are to be answered as they should be.
Honest = Callable[[bytes], bytes | None]


def flooding(flood: Flood, honest: Honest) -> Talk:
    """
    Answer some requests as they should be, and all others with a flood.
    """

    def talk(line: socket.socket) -> None:
        while request := request_of(line):
            good = honest(request)
            if good is None:
                return flood.pour(line)
            line.sendall(good)
        return None

    return talk


def door(request: bytes) -> bytes | None:
    """
    Let everybody in.
    """
    return ok() if request.startswith(b"GET /v2/ ") else None


def nothing(request: bytes) -> bytes | None:
    """
    Answer nothing as it should be.
    """
    return None


def token_door(request: bytes) -> bytes | None:
    """
    Ask for a token, which nobody gets.
    """
    if request.startswith(b"GET /token"):
        return None
    host = request.partition(b"Host: ")[2].partition(b"\r\n")[0].decode()
    return ok(
        b"", f'WWW-Authenticate: Bearer realm="http://{host}/token"', status="401 Unauthorized"
    )


def begins(request: bytes) -> bytes | None:
    """
    Have nothing, and let uploads begin.
    """
    if request.startswith(b"HEAD"):
        return b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
    if request.startswith(b"POST"):
        return ok(b"", "Location: /v2/a/blobs/uploads/1", status="202 Accepted")
    return door(request)


def tells(request: bytes) -> bytes | None:
    """
    Have nothing, and flood from the first upload on.
    """
    return None if request.startswith(b"POST") else begins(request)


def no_referrers(request: bytes) -> bytes | None:
    """
    Know no referrers, but perhaps a tag that lists them.
    """
    return ok(status="404 Not Found") if b"/referrers/" in request else door(request)


OK = b"HTTP/1.1 200 OK\r\n"
ATTACKS = {
    "S8 manifest": ("load", door, Flood(begin=b'{"x":"'), "DocumentTooLarge"),
    "S8 manifest in chunks": ("load", door, Flood(begin=b"", again=b"["), "DocumentTooLarge"),
    "S8 door": ("load", nothing, Flood(), None),
    "S8b gzip": (
        "load",
        door,
        Flood(
            begin=(bomb := gzip.compress(bytes(64 * MIB))),
            total=len(bomb),
            fields=("Content-Encoding: gzip",),
        ),
        "JSONInvalid",
    ),
    "S9 token": ("load", token_door, Flood(begin=b'{"token":"'), "DocumentTooLarge"),
    "S9 refusal": ("load", token_door, Flood(status="401 Unauthorized"), "Unauthorized"),
    "S10 tags": ("tags", door, Flood(begin=b'{"tags":["'), "DocumentTooLarge"),
    "S10 many tags": (
        "tags",
        door,
        Flood(begin=b'{"tags":["', again=b'a","', total=16 * MIB),
        "JSONInvalid",
    ),
    "S10 tags in tags": (
        "tags",
        door,
        Flood(begin=b'{"tags":[', again=b"[],", total=16 * MIB),
        "JSONInvalid",
    ),
    "S10 catalog": ("catalog", door, Flood(begin=b'{"repositories":["'), "DocumentTooLarge"),
    "S10 referrers": ("referrers", door, Flood(begin=b'{"manifests":['), "DocumentTooLarge"),
    "S10 many referrers": (
        "referrers",
        door,
        Flood(begin=b'{"manifests":[', again=b"{},", total=4 * MIB),
        "NotAReferrersList",
    ),
    "S10 referrers by tag": ("referrers", no_referrers, Flood(begin=b"{"), "DocumentTooLarge"),
    "head of one line": ("head", door, Flood(begin=OK + b"X: ", headless=True), "HeadTooLarge"),
    "head of many lines": (
        "head",
        door,
        Flood(begin=OK, again=b"X: x\r\n", headless=True),
        "HeadTooLarge",
    ),
    "head of warnings": (
        "load",
        door,
        Flood(begin=OK, again=b'Warning: 299 - "beware"\r\n', headless=True),
        "HeadTooLarge",
    ),
    "heads before the head": (
        "load",
        door,
        Flood(again=b"HTTP/1.1 103 Early Hints\r\nX: x\r\n\r\n", headless=True),
        "HeadTooLarge",
    ),
    "size of a chunk": (
        "load",
        door,
        Flood(begin=OK + b"Transfer-Encoding: chunked\r\n\r\n", headless=True),
        "HeadTooLarge",
    ),
    "trailer": (
        "load",
        door,
        Flood(
            begin=OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
            again=b"X: x\r\n",
            headless=True,
        ),
        "HeadTooLarge",
    ),
    "S11 error": ("load", door, Flood(status="500 Oh"), "ServerFailed"),
    "S11 errors": (
        "load",
        door,
        Flood(status="403 No", begin=b'{"errors":[', again=b'{"code":"DENIED"},'),
        "Denied",
    ),
    "S11 missing": ("load", door, Flood(status="404 None"), "ManifestUnknown"),
    "S11 moved": ("load", door, Flood(status="307 Go", fields=("Location: /x",)), None),
    "S11 upload": ("push", tells, Flood(status="202 Accepted"), None),
    "S11 uploaded": ("push", begins, Flood(status="201 Created"), None),
    "S11 not uploaded": ("push", begins, Flood(status="413 Large"), None),
    "S11 deleted": ("delete", door, Flood(status="202 Accepted"), "well"),
    "values": (
        "load",
        door,
        Flood(begin=b'{"layers":[', again=b"{},", total=4 * MIB),
        "JSONInvalid",
    ),
    "depth": ("load", door, Flood(again=b'{"a":', total=4 * MIB), "JSONInvalid"),
    "head": ("head", door, Flood(), None),
}


def attacked(talk: Talk, verb: str) -> tuple[str, int]:
    """
    Let a client of its own meet a server; give how it ended, and by how many MiB it grew.
    """
    with listening(talk) as server:
        command = [sys.executable, "-c", CLIENT, f"127.0.0.1:{server.port}", verb]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    ended, grown = ran.stdout.split()
    return ended, int(grown)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_flood_is_not_drunk(name: str) -> None:
    """
    300 MiB of whatever kind, or a few that stand for as many, cost a fraction of it.
    """
    verb, honest, flood, error = ATTACKS[name]
    ended, grown = attacked(flooding(flood, honest), verb)
    assert error is None or ended == error
    assert grown <= BOUND


@pytest.mark.parametrize("part", ["config", "layer"])
def test_a_flood_in_place_of_a_blob_is_not_drunk(part: str) -> None:
    """
    One byte more than there should be is enough to know.
    """
    image = synthetic.image(Random(1), layers=1, size=1000)

    def honest(request: bytes) -> bytes | None:
        asked = request.partition(b"\r\n")[0]
        if b"/manifests/" in asked:
            return ok(image.document.raw, f"Content-Type: {image.media_type}")
        if part == "layer" and str(image.config.digest).encode() in asked:
            return ok(image.config.content)
        return door(request)

    ended, grown = attacked(flooding(Flood(), honest), "pull")
    assert ended in ("SizeMismatch", "DigestMismatch")
    assert grown <= BOUND


def test_s19_a_stall_is_not_waited_for() -> None:
    """
    A body that stops, and stops again whenever it is asked for, ends in time.
    """

    def stall(line: socket.socket) -> None:
        while request := request_of(line):
            if request.startswith(b"GET /v2/ "):
                line.sendall(ok())
                continue
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            line.recv(1)

    settings = Settings(idle_timeout=0.2, retry=Policy(attempts=2, base=0))
    with listening(stall) as server, pytest.raises(TimedOut, match=r"within 0\.2 s"):
        load(f"127.0.0.1:{server.port}/a:1", client=Client(settings=settings))
