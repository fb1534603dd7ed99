"""
Honest layers of 300 MiB: what a command needs does not depend on how large they are.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit import media
from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.digest import finish, hasher
from ocikit.http.credentials import anonymous
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from tests.real.docker_registry import DockerRegistry

pytestmark = pytest.mark.real

MIB = 1 << 20
LARGE = 300 * MIB
#: How much more memory a large layer may cost than a small one, in MiB: a few segments
#: that come over several lines at once.
BOUND = 60

COMMAND = """
import resource, sys
from ocikit.cli import main

code = main(sys.argv[1:])
if sys.platform == "linux":
    # What rusage says begins with what the parent needed when it forked.
    with open("/proc/self/status") as status:
        peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) >> 10
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
print("peak", peak)
sys.exit(code)
"""


@record
class Zeros:
    """
    Opens so many bytes that are 0.
    """

    size: int

    def open(self) -> io.BufferedReader:
        """
        Give them without having them.
        """
        return io.BufferedReader(_Zeros(self.size))


class _Zeros(io.RawIOBase):
    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        count = min(len(buffer), self.left)
        buffer[:count] = bytes(count)
        self.left -= count
        return count


def zeros(size: int) -> Blob:
    """
    A blob of that many zeros.
    """
    opener = Zeros(size)
    hashed = hasher("sha256")
    with opener.open() as stream:
        for piece in iter(lambda: stream.read(MIB), b""):
            hashed.update(piece)
    digest = finish(hashed)
    descriptor = Descriptor(media_type=media.OCI_LAYER, digest=digest, size=size)
    return Blob(descriptor=descriptor, opener=opener)


@pytest.fixture(scope="module")
def there(docker_registry: DockerRegistry) -> str:
    """
    A repository with an image whose layer is large, and one whose layer is small.
    """
    repository = f"{docker_registry.host}/flat"
    for tag, size in (("large", LARGE), ("small", MIB)):
        blob = zeros(size)
        image = image_of(ConfigFile(), [Layer(blob=blob, diff_id=blob.digest)])
        flush(f"{repository}:{tag}", image, client=Client(keychain=anonymous))
    return repository


def peak(*argv: str | os.PathLike[str]) -> int:
    """
    Run a command, and give how much memory it came to need, in MiB.
    """
    command = [sys.executable, "-c", COMMAND, "-q", *(os.fspath(each) for each in argv)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout.splitlines()[-1].removeprefix("peak "))


@pytest.mark.parametrize("form", ["oci", "tarball"])
def test_a_large_layer_is_pulled_in_little_memory(there: str, tmp_path: Path, form: str) -> None:
    """
    Into a layout, and into an archive.
    """
    small, large = (
        peak("pull", "--format", form, f"{there}:{tag}", tmp_path / tag)
        for tag in ("small", "large")
    )
    assert large - small <= BOUND


def test_a_large_layer_is_pushed_and_copied_in_little_memory(there: str, tmp_path: Path) -> None:
    """
    From a layout to a repository that has nothing yet, and from a registry to a layout.
    """
    host = there.partition("/")[0]
    needed: dict[str, int] = {}
    for tag in ("small", "large"):
        peak("pull", "--format", "oci", f"{there}:{tag}", tmp_path / tag)
        needed[tag] = max(
            peak("push", tmp_path / tag, f"{host}/flat/pushed:{tag}"),
            peak("copy", f"{there}:{tag}", f"oci:{tmp_path}/copied:{tag}"),
        )
    assert needed["large"] - needed["small"] <= BOUND
