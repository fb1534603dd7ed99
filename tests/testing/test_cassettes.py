"""
What was recorded is answered again, and has no secret.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given

from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.http.credentials import Basic
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.name.records import Registry, Repository
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.list import tags
from ocikit.registry.load import load
from ocikit.server.auth.bearer import token_auth
from ocikit.server.faults.mishaps import Redirected
from ocikit.server.faults.plan import Fault, faulty
from ocikit.server.handler import registry
from ocikit.testing import strategies as oci
from ocikit.testing.cassettes import CassetteInvalid, NotRecorded, record_to, replay

IMAGE = synthetic.image(random.Random(1), layers=2, size=10_000)
NAME = "r.example/app:1"


def all_of(folder: Path) -> str:
    """
    Give all that a cassette has, but for bodies.
    """
    return (folder / "exchanges.jsonl").read_text()


@given(oci.contents())
def test_what_was_recorded_is_answered(
    tmp_path_factory: pytest.TempPathFactory, content: Content
) -> None:
    """
    A push, a list and a pull: the client cannot tell the cassette from the registry.
    """
    folder = tmp_path_factory.mktemp("tape")
    for begin in (lambda: record_to(folder, registry()), lambda: replay(folder)):
        client = Client(send=begin())
        flush(NAME, content, client=client)
        assert list(tags("r.example/app", client=client)) == ["1"]
        assert load(NAME, client=client) == content


def test_answers_come_in_their_order(tmp_path: Path) -> None:
    """
    A tag that was not there, and then is; and stays.
    """
    request = Request(method="GET", url="https://r.example/v2/")
    statuses = iter([404, 503, 200])

    def send(request: Request) -> Response:
        return Response(status=next(statuses))

    recorder = record_to(tmp_path, send)
    assert [recorder(request).status for _ in range(3)] == [404, 503, 200]
    player = replay(tmp_path)
    assert [player(request).status for _ in range(4)] == [404, 503, 200, 200]


def test_no_secret_is_kept(tmp_path: Path) -> None:
    """
    Neither a password, nor a token, nor what signs an address.
    """
    send: Send = token_auth(registry(), {"ada": "planted-password"})
    seen: list[str] = []

    def listening(request: Request) -> Response:
        seen.extend(value for name, value in request.headers if name == "Authorization")
        return send(request)

    def keychain(resource: Registry | Repository) -> Basic:
        return Basic("ada", "planted-password")

    flush(NAME, IMAGE, client=Client(send=record_to(tmp_path, listening), keychain=keychain))
    secrets = {"planted-password"} | {value.partition(" ")[2] for value in seen}
    assert len(secrets) > 2
    kept = "".join(path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret in kept]
    again = Client(send=replay(tmp_path), keychain=keychain)
    flush(NAME, IMAGE, client=again)


def test_signed_addresses_are_followed(tmp_path: Path) -> None:
    """
    Though what signs them is not kept.
    """
    handler = registry()
    flush(NAME, IMAGE, client=Client(send=handler))
    send = faulty(handler, Fault(Redirected(lifetime=60), kind="blob", times=None))
    for begin in (lambda: record_to(tmp_path, send), lambda: replay(tmp_path)):
        loaded = load(NAME, client=Client(send=begin()))
        assert loaded == IMAGE
        assert [layer.blob.open().read() for layer in IMAGE.layers] == [
            layer.blob.open().read() for layer in getattr(loaded, "layers", ())
        ]
    assert "signature" not in all_of(tmp_path).lower().replace("signature=redacted", "")


def test_what_was_not_recorded_is_told(tmp_path: Path) -> None:
    """
    With what there is of the same path, for mostly a query differs.
    """
    record_to(tmp_path, registry())(Request(method="GET", url="https://r.example/v2/a?n=1"))
    player = replay(tmp_path)
    with pytest.raises(NotRecorded, match=r"nothing .*\?n=2; there is GET .*\?n=1; record"):
        player(Request(method="GET", url="https://r.example/v2/a?n=2"))
    with pytest.raises(NotRecorded):
        player(Request(method="PUT", url="https://r.example/v2/a?n=1", headers=Headers()))


@pytest.mark.parametrize(
    "text", [None, "{", "[]", "{}", '{"request":"x","status":200,"file":"../x"}']
)
def test_what_is_no_cassette_is_told(tmp_path: Path, text: str | None) -> None:
    """
    Missing, damaged, or leading out of its folder.
    """
    if text is not None:
        (tmp_path / "exchanges.jsonl").write_text(text)
    with pytest.raises(CassetteInvalid, match="not a cassette"):
        replay(tmp_path)
