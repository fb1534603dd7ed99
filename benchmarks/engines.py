"""
The works that go through a container engine: into it from a registry, and out of it.

They need root, dockerd, its client and docker-py, and are left out where one is missing.
The engine unpacks what comes in and packs what goes out, whoever asks it to: that is most
of the cost.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

from benchmarks.measure import Contender
from benchmarks.works import OCIKIT, PEERS, SKOPEO, Ground, Work, pick

#: Seconds that an engine may take to come up.
_PATIENCE = 30
_SBIN = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def missing() -> str:
    """
    Say what there would have to be for an engine, if anything.
    """
    if os.name != "posix" or os.geteuid() != 0:
        return "root"
    if not shutil.which("dockerd", path=_SBIN) or not shutil.which("docker"):
        return "dockerd and docker"
    return "" if importlib.util.find_spec("docker") else "docker-py"


@contextlib.contextmanager
def engine() -> Iterator[Path]:
    """
    Run an engine of its own, that all tools find by DOCKER_HOST; gives its folder.

    Raises:
        RuntimeError: it did not come up; what it said is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        host, log = f"unix://{folder / 's'}", folder / "log"
        (folder / "config.json").write_text("{}")
        argv = (
            *("dockerd", "--host", host, "--group", "root", "--pidfile", str(folder / "pid")),
            *("--config-file", str(folder / "config.json"), "--storage-driver=vfs"),
            *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
            *("--iptables=false", "--ip6tables=false", "--bridge=none"),
        )
        with log.open("wb") as out:
            env = {**os.environ, "PATH": _SBIN}
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env
            )
        os.environ["DOCKER_HOST"] = host
        try:
            _wait(process, log)
            yield folder
        finally:
            del os.environ["DOCKER_HOST"]
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while subprocess.run(("docker", "version"), capture_output=True, check=False).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"dockerd did not come up: {log.read_text()[-1000:]}")
        time.sleep(0.1)


def _forget_images() -> None:
    prune = ("docker", "image", "prune", "--all", "--force")
    subprocess.run(prune, check=True, capture_output=True)


def _forget_pushes(folder: Path) -> None:
    # The engine remembers where it pushed which layer, and mounts it the next time.
    for store in folder.glob("data/image/*/distribution/v2metadata-by-diffid"):
        shutil.rmtree(store)


def engine_in(ground: Ground, name: str) -> list[Contender]:
    """
    Bring an image of a registry into an engine that has none.
    """
    source, host = ground.source(name), os.environ.get("DOCKER_HOST", "")
    skopeo = (*SKOPEO, "--dest-daemon-host", host, f"docker://{source}")
    found = pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "copy", source, f"docker-daemon:{source}"),
            "docker": lambda: (*PEERS, "docker", "pull", source),
            "skopeo": lambda: (*skopeo, f"docker-daemon:{source}"),
        }
    )
    return [attrs.evolve(each, before=_forget_images) for each in found] if host else []


def engine_out(ground: Ground, name: str) -> list[Contender]:
    """
    Bring an image of an engine into a registry.
    """
    host = os.environ.get("DOCKER_HOST", "")
    if not host:
        return []
    source = f"localhost/engine/{name}:v"
    load = (*OCIKIT, "-q", "copy", f"oci:{ground.inputs[name]}:v", f"docker-daemon:{source}")
    folder = Path(host.removeprefix("unix://")).parent

    def before() -> None:
        subprocess.run(load, check=True, capture_output=True)
        _forget_pushes(folder)

    skopeo = (*SKOPEO, "--src-daemon-host", host, f"docker-daemon:{source}")
    found = pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "copy", f"docker-daemon:{source}", ground.target()),
            "docker": lambda: (*PEERS, "docker", "push", source, ground.target()),
            "skopeo": lambda: (*skopeo, f"docker://{ground.target()}"),
        }
    )
    return [attrs.evolve(each, before=before) for each in found]


#: Work to its inputs and to its contenders.
WORKS: dict[str, tuple[tuple[str, ...], Work]] = {
    "engine-in": (("small60",), engine_in),
    "engine-out": (("small60",), engine_out),
}
