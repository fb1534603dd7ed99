"""
What is logged of the network, and what registries warn of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.http.message import Request, Response
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from tests.cli.running import done, run


@pytest.fixture
def warning() -> Iterator[str]:
    """
    A registry that warns with every answer.
    """
    inner = registry()
    flush("localhost/app:1", synthetic.image(Random(1)), client=Client(send=inner))

    def handler(request: Request) -> Response:
        response = inner(request)
        headers = response.headers.with_("Warning", '299 - "say \\"please\\""')
        return evolve(response, headers=headers)

    with serve(handler) as server:
        yield server.host


def test_warnings_are_said_once_at_the_end(warning: str) -> None:
    """
    However often a registry warns, a person hears it once, and on stderr.
    """
    ran = done("ls", f"{warning}/app", f"{warning}/app")
    assert ran.lines == ["1", "1"]
    assert ran.err == 'Warning: say "please"\n'


def test_warnings_are_said_of_failures_too(warning: str) -> None:
    """
    What a registry warned of may be why a command failed.
    """
    ran = run("digest", f"{warning}/app:2")
    assert ran.code == 3
    assert 'Warning: say "please"\n' in ran.err


@pytest.mark.parametrize("value", ["299 - nope", '110 - "old"', "", '299 - "never ends'])
def test_odd_warnings_are_left_alone(value: str) -> None:
    """
    Other warnings are not for people, and broken ones harm nobody.
    """
    inner = registry()
    flush("localhost/app:1", synthetic.image(Random(1)), client=Client(send=inner))

    def handler(request: Request) -> Response:
        response = inner(request)
        return evolve(response, headers=response.headers.with_("Warning", value))

    with serve(handler) as server:
        assert done("ls", f"{server.host}/app").err == ""


def test_verbose_logs_each_request(host: str, image: Image) -> None:
    """
    With -v each request is a line on stderr: method, URL, answer, time. Results stay.
    """
    ran = done("digest", "-v", f"{host}/app:1")
    assert ran.lines == [str(image.digest)]
    url = re.escape(f"http://{host}/v2/app/manifests/1")
    assert re.search(rf"^HEAD {url}: 200, \d+ ms$", ran.err, re.MULTILINE)
    assert "  > " not in ran.err


def test_more_verbose_shows_headers(host: str, image: Image) -> None:
    """
    With -vv the headers are shown, too: ours and theirs.
    """
    err = done("-vv", "digest", f"{host}/app:1").err
    assert re.search(r"^  > User-Agent: ocikit/", err, re.MULTILINE)
    assert re.search(rf"^  < Docker-Content-Digest: {image.digest}$", err, re.MULTILINE)


def test_what_cannot_be_reached_is_logged() -> None:
    """
    A request that gets no answer is a line as well.
    """
    ran = run("-v", "digest", "127.0.0.1:1/app:1")
    assert "GET http://127.0.0.1:1/v2/: ConnectionFailed" in ran.err
