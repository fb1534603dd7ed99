"""
distribution-spec, where it binds clients: what a registry sees of ours.
"""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.partial import artifact
from ocikit.digest import Digest
from ocikit.http.message import Request, Response
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, client, target
from tests.registry.clauses import CLIENTS
from tests.registry.hosts import with_header

IMAGE = synthetic.image(random.Random(1), layers=2, size=100)
INDEX = synthetic.index(random.Random(2), size=50)
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(("section", "words", "test"), CLIENTS)
def test_each_clause_has_its_test(section: str, words: str, test: str) -> None:
    """
    It is where the table says.
    """
    path, name = test.split("::")
    tree = ast.parse((TESTS / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert section
    assert words


def test_parameters_of_a_type_are_ignored() -> None:
    """
    "The client SHOULD ignore parameters on the `Content-Type` header." (Pulling manifests)
    """
    held = registry()
    flush("r.io/a:1", IMAGE, client=client(held))

    def send(request: Request) -> Response:
        response = held(request)
        kind = response.headers.get("Content-Type")
        return with_header(response, "Content-Type", f"{kind}; charset=utf-8")

    assert load("r.io/a:1", client=client(send)) == IMAGE


def test_an_upload_begins_with_nothing() -> None:
    """
    "the post request MUST include the following header" (Pushing a blob in chunks):
    `Content-Length: 0`. The length of a body is what is sent as that.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", IMAGE, client=client(wire))
    posts = [request for request in wire.requests if request.method == "POST"]
    assert posts
    assert {request.body.length for request in posts} == {0}


def test_a_manifest_is_pushed_as_what_it_says_it_is() -> None:
    """
    "Clients SHOULD set the `Content-Type` header to the type of the manifest being pushed.
    The client SHOULD NOT include parameters on the `Content-Type` header." (Pushing Manifests)
    """
    wire = Recorder(registry())
    for content in (IMAGE, INDEX):
        flush("r.io/a:1", content, client=client(wire))
        last = wire.requests[-1]
        assert last.method == "PUT"
        assert last.headers.get("Content-Type") == content.media_type


def test_no_registry_is_told_of_another_host() -> None:
    """
    "A client SHOULD avoid sending `ns` query parameters to non-proxy registries." (Registry
    Proxying)
    """
    wire = Recorder(registry())
    flush("r.io/a:1", INDEX, client=client(wire))
    assert load("r.io/a:1", client=client(wire)) == INDEX
    assert not [request.url for request in wire.requests if "ns=" in request.url]


def test_another_algorithm_is_told_at_the_beginning() -> None:
    """
    "the client SHOULD also provide a `digest-algorithm` query parameter" (Pushing a blob in
    chunks, development text), where it is not sha256.
    """
    blob = of_bytes(b"well known", "text/plain")
    long = evolve(
        blob, descriptor=evolve(blob.descriptor, digest=Digest.of(b"well known", "sha512"))
    )
    wire = Recorder(registry())
    flush("r.io/a:1", artifact("text/plain", [blob, long]), client=client(wire, jobs=1))
    begun = [target(each) for each in wire.requests if each.method == "POST"]
    told = [each for each in begun if "algorithm" in each]
    assert len(begun) == 3
    assert [each.endswith("digest-algorithm=sha512") for each in told] == [True]
