"""
What is moved about: layouts of synthetic and of real content, made once a run.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from ocikit.content.build import build_layer
from ocikit.content.compression import Gzip, Plain
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of, index_of
from ocikit.layout.flush import flush
from ocikit.layout.load import load
from ocikit.spec.config import ConfigFile
from ocikit.tarball import flush as tarball_flush

MIB = 1 << 20


@attrs.frozen(kw_only=True)
class Sizes:
    """
    How large the inputs are; `full` is what goals are stated for.
    """

    big: int = 1 << 30
    real_layers: int = 5
    real_layer: int = 110 * MIB
    small_layers: int = 60
    small_layer: int = 20_000
    #: What of the machine's own files one layer holds, with all kinds of members.
    usr: tuple[str, ...] = ("usr/share", "usr/include")


FULL = Sizes()
QUICK = Sizes(
    big=64 * MIB, real_layers=3, real_layer=8 * MIB, small_layers=20, usr=("usr/share/doc",)
)

#: Larger files are passed over: images are mostly of small ones, and members cost too.
_LARGEST = MIB
#: Bytes of files, about, of an image that is there to have worked once.
_TINY = 100_000


def _tar_of(name: str, size: int, data: Iterator[bytes]) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size = size
    yield info.tobuf()
    yield from data
    yield b"\0" * (-size % 512 + 1024)


def _noise(seed: int, size: int) -> Iterator[bytes]:
    source = random.Random(seed)
    for start in range(0, size, MIB):
        yield source.randbytes(min(MIB, size - start))


def _files(roots: tuple[str, ...]) -> Iterator[str]:
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))


def _real_files() -> Iterator[str]:
    return _files(("/usr/lib", "/usr/share"))


def real_tars(sizes: Sizes) -> Iterator[Iterator[bytes]]:
    """
    Give tars of real files of this machine, each about as large as asked.
    """
    files = _real_files()
    for _ in range(sizes.real_layers):
        yield _pack(files, sizes.real_layer)


def _pack(files: Iterator[str], size: int) -> Iterator[bytes]:
    packed = 0
    for path in files:
        if os.path.islink(path) or not os.path.isfile(path) or not os.access(path, os.R_OK):
            continue
        if os.path.getsize(path) > _LARGEST:
            continue
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.add(path, path.lstrip("/"))
        # Less the two blocks of zeros, and what rounds a record up, that end a tar.
        yield buffer.getvalue()[: _used(buffer)]
        packed += buffer.tell()
        if packed >= size:
            break
    yield b"\0" * 1024


def _used(buffer: io.BytesIO) -> int:
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        member = tar.next()
        assert member is not None
        end = member.offset_data + -(-member.size // 512) * 512
    buffer.seek(end)
    return end


def usr_tar(sizes: Sizes) -> Iterator[bytes]:
    """
    Give a tar of folders of this machine as they are, written by tar.
    """
    argv = ("tar", "--create", "--sort=name", "--directory=/", "--file=-", *sizes.usr)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        yield from iter(lambda: process.stdout.read(MIB) if process.stdout else b"", b"")


def _image(layers: list[Layer]) -> Image:
    return image_of(ConfigFile(os="linux", architecture="amd64"), layers)


def _make_index(folder: Path, made: dict[str, Path], sizes: Sizes) -> None:
    # Images of the sizes of a small base, and of some bytes.
    for name, size in {"multi": sizes.small_layer * 50, "tiny.multi": _TINY}.items():
        made[name] = folder / name
        if made[name].exists():
            continue
        children = []
        for number, architecture in enumerate(("amd64", "arm64", "s390x", "ppc64le")):
            config = ConfigFile(os="linux", architecture=architecture)
            tar = _tar_of("noise", size, _noise(number, size))
            children.append(image_of(config, [build_layer(tar)]))
        flush(str(made[name]), index_of(children), reference="v")


def _make_archives(folder: Path, made: dict[str, Path]) -> None:
    # Layers packed, as `crane pull` writes them; and not, as `docker save` and skopeo do.
    for name in ("small60", "real5", "big", "tiny"):
        made[f"{name}.tar"] = packed = folder / f"{name}.tar"
        image = load(str(made[name]), "v")
        assert isinstance(image, Image)
        if not packed.exists():
            tarball_flush(str(packed), image, reference="localhost/in:v")
    for name in ("real5", "tiny"):
        made[f"{name}.saved.tar"] = saved = folder / f"{name}.saved.tar"
        if not saved.exists() and shutil.which("skopeo"):
            source, target = f"oci:{made[name]}:v", f"docker-archive:{saved}:localhost/in:v"
            argv = ("skopeo", "--insecure-policy", "copy", "-q", source, target)
            subprocess.run(argv, check=True, capture_output=True)


def _make_tars(folder: Path, made: dict[str, Path], sizes: Sizes) -> None:
    for name, size in {"layer": sizes.real_layer, "tiny.layer": _TINY}.items():
        made[name] = folder / f"{name}.tar"
        if not made[name].exists():
            with made[name].open("wb") as file:
                file.writelines(_pack(_real_files(), size))


def make(folder: Path, sizes: Sizes) -> dict[str, Path]:
    """
    Make the inputs as OCI layouts, each with one image tagged `v`, by name.
    """
    noise = _tar_of("noise", sizes.big, _noise(1, sizes.big))
    small = (
        build_layer(_tar_of(f"f{n}", sizes.small_layer, _noise(n, sizes.small_layer)))
        for n in range(sizes.small_layers)
    )
    images: dict[str, Callable[[], list[Layer]]] = {
        "big": lambda: [build_layer(noise, compression=Plain())],
        "real5": lambda: [build_layer(tar, compression=Gzip()) for tar in real_tars(sizes)],
        "small60": lambda: list(small),
        "usr": lambda: [build_layer(usr_tar(sizes), compression=Gzip())],
        # What commands are made warm on.
        "tiny": lambda: [build_layer(_pack(_real_files(), _TINY), compression=Gzip())],
    }
    made: dict[str, Path] = {}
    for name, layers in images.items():
        made[name] = folder / name
        if not made[name].exists():
            flush(str(made[name]), _image(layers()), reference="v")
    _make_index(folder, made, sizes)
    _make_archives(folder, made)
    _make_tars(folder, made, sizes)
    return made
