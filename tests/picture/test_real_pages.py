"""
Pages as a real browser reads them.
"""

from __future__ import annotations

import struct
import subprocess
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ocikit._records import FrozenMap
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.layout.flush import flush
from ocikit.spec.config import Config, ConfigFile, History
from ocikit.testing.building import archive, file
from ocikit.testing.building import layer as made_layer
from tests.cli.running import done
from tests.picture.drawings import NASTY
from tests.real.process import require

pytestmark = pytest.mark.real

#: How a person says that pages are to be dark.
DARK = "--blink-settings=preferredColorScheme=0"


class _Tags(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.found.append(tag)


@pytest.fixture
def page(tmp_path: Path, busybox_layer_tree: Path) -> Path:
    """
    The page of an image of busybox, under files of the worst names.
    """
    # A member's path is a text without zero bytes, and no more than a path may be.
    names = [word.replace("\0", "").replace("/", "-")[:200] for word in NASTY]
    bad = made_layer(
        archive(*(file(f"bad/{at}{name}", b"x" * 50_000) for at, name in enumerate(names)))
    )
    gone = made_layer(archive("bin/.wh.sh", ("bin/busybox", b"none")))
    history = tuple(History(created_by=f"RUN {word}") for word in NASTY[:3])
    settings = Config(labels=FrozenMap({f"l{at}": word for at, word in enumerate(NASTY)}))
    config = ConfigFile(os="linux", architecture="amd64", history=history, config=settings)
    flush(tmp_path / "out", image_of(config, [layer(busybox_layer_tree), bad, gone]), reference="1")
    done("inspect", "--html", tmp_path / "page.html", f"oci:{tmp_path}/out:1")
    return tmp_path / "page.html"


def _browse(page: Path, *options: str) -> tuple[str, str, bytes]:
    """
    Open a page: what the browser made of it, what it says of that, and what is seen.
    """
    picture = page.with_suffix(".png")
    argv = [require("chromium", "chromium"), "--headless=new", "--no-sandbox", "--disable-gpu"]
    # It would look for news of its own.
    argv += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    argv += [f"--user-data-dir={page.parent}/profile", "--enable-logging=stderr", *options]
    argv += ["--dump-dom", f"--screenshot={picture}", "--window-size=800,600", page.as_uri()]
    ran = subprocess.run(argv, capture_output=True, timeout=120, check=True)
    return ran.stdout.decode(), ran.stderr.decode(errors="replace"), picture.read_bytes()


def _corner(png: bytes) -> tuple[int, ...]:
    """
    Give the colour of the first pixel; no filter changes that.
    """
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return tuple(zlib.decompress(data)[1:4])


def test_a_browser_reads_what_we_wrote(page: Path) -> None:
    """
    The same elements, light and dark as the reader wants it, and nothing to complain about.
    """
    mine = _Tags(page.read_text())
    for options, colour in (((), (255, 255, 255)), ((DARK,), (0x15, 0x15, 0x1A))):
        dom, log, png = _browse(page, *options)
        assert _Tags(dom).found == mine.found
        # A style that the policy refuses, or a script, is told on the console.
        assert "CONSOLE" not in log
        assert _corner(png) == colour
