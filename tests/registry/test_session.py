"""
What is kept beside a client, and how a registry is found.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocikit import __version__
from ocikit._records import FrozenMap
from ocikit.errors import Unreachable
from ocikit.http.credentials import Basic, Credentials, Resource, anonymous
from ocikit.http.message import Headers, Request, Response
from ocikit.http.retry import NEVER
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.name.records import Registry
from ocikit.registry.client import Client
from ocikit.registry.faults import (
    CertificateUntrusted,
    ConnectionBroken,
    ConnectionFailed,
    TLSFailed,
)
from ocikit.registry.head import head
from ocikit.registry.proxies import Proxies
from ocikit.registry.session import reach, reach_registry
from ocikit.registry.settings import Settings
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, answer, client, script
from tests.registry.sockets import listening, ok, says

LOCAL, PRIVATE, PUBLIC = map(parse_repository, ("localhost:5000/a", "10.0.0.9:5000/a", "r.io/a"))


def scheme_of(request: Request) -> str:
    return request.url.partition(":")[0]


def speaks(scheme: str, otherwise: Exception) -> Recorder:
    """
    A server that understands one scheme.
    """

    def send(request: Request) -> Response:
        if scheme_of(request) != scheme:
            raise otherwise
        return answer(200)

    return Recorder(send)


TLS = TLSFailed(url="https://x/", reason="wrong version number")
GARBLED = ConnectionBroken(url="http://x/", reason="the answer is not HTTP")


def test_public_registries_are_asked_securely_and_at_once() -> None:
    """
    Nothing is asked to find out what is known.
    """
    wire = script()
    assert reach(client(wire), PUBLIC).base == "https://r.io"
    assert reach(client(wire), parse_repository("debian")).base == "https://registry-1.docker.io"


@pytest.mark.parametrize(
    ("repository", "speech", "schemes"),
    [
        (LOCAL, "http", ["http"]),
        (LOCAL, "https", ["http", "https"]),
        (PRIVATE, "https", ["https"]),
        (PRIVATE, "http", ["https", "http"]),
    ],
)
def test_near_registries_may_be_plain(repository: object, speech: str, schemes: list[str]) -> None:
    """
    On this machine plain is tried first, on a private network last; then it is known.
    """
    wire = speaks(speech, TLS if speech == "http" else GARBLED)
    one = client(wire)
    assert isinstance(repository, type(LOCAL))
    for _ in range(2):
        assert reach(one, repository).base == f"{speech}://{repository.registry}"
    assert [scheme_of(request) for request in wire.requests] == schemes


def test_a_way_is_made_when_it_is_tried() -> None:
    """
    And once: what it takes is looked up for no way that is not needed.
    """
    asked: list[str] = []

    def headers(registry: Registry) -> Headers:
        asked.append(registry.host)
        return Headers()

    one = client(speaks("http", TLS), settings=Settings(headers=headers))
    assert reach(one, LOCAL) is reach(one, LOCAL)
    assert reach(one, LOCAL) is not reach(one, LOCAL, ("pull", "push"))
    assert asked == [LOCAL.registry.host]


def test_any_registry_may_be_plain_when_asked_for() -> None:
    """
    `insecure` allows it, and still asks securely first.
    """
    wire = speaks("http", TLS)
    insecure = Client(send=wire, insecure=True, clock=VirtualTime().clock)
    assert reach(insecure, PUBLIC).base == "http://r.io"
    assert [scheme_of(request) for request in wire.requests] == ["https", "http"]


@pytest.mark.parametrize("repository", [LOCAL, PRIVATE])
def test_a_bad_certificate_is_no_reason_to_speak_plain(repository: object) -> None:
    """
    Who stands between could otherwise choose that there is no TLS.
    """
    bad = CertificateUntrusted(url="https://x/", reason="self-signed")

    def send(request: Request) -> Response:
        if scheme_of(request) == "https":
            raise bad
        # Go's answer to plain HTTP on a port for TLS.
        return answer(400, b"Client sent an HTTP request to an HTTPS server.")

    assert isinstance(repository, type(LOCAL))
    with pytest.raises(CertificateUntrusted):
        reach(client(send), repository)


@pytest.mark.parametrize("says", [400, 301, 308])
def test_a_server_that_wants_tls_may_say_so(says: int) -> None:
    """
    Go answers plain HTTP on a port for TLS by 400, others send it to https://.
    """

    def send(request: Request) -> Response:
        return answer(200 if scheme_of(request) == "https" else says, Location="https://x/")

    assert reach(client(send), LOCAL).base == "https://localhost:5000"


def test_a_server_that_is_only_odd_is_taken() -> None:
    """
    400 may be what a plain server says to `/v2/`, too.
    """

    def send(request: Request) -> Response:
        if scheme_of(request) == "https":
            raise TLS
        return answer(400)

    assert reach(client(send), LOCAL).base == "http://localhost:5000"


@pytest.mark.parametrize(
    "failure",
    [
        TLSFailed(url="https://x/", reason="tlsv13 alert certificate required"),
        ConnectionBroken(url="https://x/", reason="connection reset by peer"),
    ],
)
@pytest.mark.parametrize("repository", [LOCAL, PRIVATE])
def test_a_server_that_speaks_tls_is_not_asked_in_plain(
    repository: object, failure: Unreachable
) -> None:
    """
    One that demands a client's certificate may only say so by an alert, or by hanging up;
    that it wants TLS it tells everybody. What is missing is told, not what plain HTTP got.
    """

    def send(request: Request) -> Response:
        if scheme_of(request) == "https":
            raise failure
        return answer(400, b"Client sent an HTTP request to an HTTPS server.")

    assert isinstance(repository, type(LOCAL))
    with pytest.raises(type(failure)):
        reach(client(send), repository)


def test_a_server_that_wants_a_certificate_is_taken() -> None:
    """
    nginx says under TLS that a certificate is missing, as an answer like any other.
    """

    def send(request: Request) -> Response:
        if scheme_of(request) == "https":
            return answer(400, b"No required SSL certificate was sent")
        return answer(400, b"The plain HTTP request was sent to HTTPS port")

    assert reach(client(send), LOCAL).base == "https://localhost:5000"


def test_the_first_failure_is_told() -> None:
    """
    What matters is why the usual way failed, not the way that was tried after it.
    """
    first = ConnectionFailed(url="http://localhost:5000/v2/", reason="connection refused")
    with pytest.raises(ConnectionFailed) as caught:
        reach(client(script(first, TLS)), LOCAL)
    assert caught.value == first


def test_a_bad_moment_at_the_door_passes() -> None:
    """
    A connection that breaks while we knock is not the end.
    """
    time = VirtualTime()
    wire = script(GARBLED, TLS, answer(200))
    assert reach(client(wire, time=time), LOCAL).base == "http://localhost:5000"
    assert len(time.slept) == 1


def test_a_host_on_a_unix_socket_speaks_plain() -> None:
    """
    Whatever its name, it is on this machine, and was named by who uses it.
    """
    wire = speaks("http", TLS)
    sockets = FrozenMap({"r.io": "/run/registry.sock"})
    one = client(wire, settings=Settings(sockets=sockets))
    assert reach(one, PUBLIC).base == "http://r.io"
    assert [scheme_of(request) for request in wire.requests] == ["http"]


def test_a_registrys_certificates_are_found(tmp_path: Path) -> None:
    """
    In the folder of its host and port; Docker Hub has the names that Docker and podman use.
    """
    for host in ("r.io", "registry-1.docker.io"):
        (tmp_path / host).mkdir()
        (tmp_path / host / "ca.crt").touch()
    settings = Settings(certificate_folders=(str(tmp_path),))
    for name in ("r.io/a", "debian"):
        wire = script(answer(200))
        access = reach(client(wire, settings=settings), parse_repository(name))
        access.ask(Request(method="GET", url=f"{access.base}/v2/"), 200)
        host = access.base.removeprefix("https://")
        assert wire.requests[0].terms.authorities == (str(tmp_path / host / "ca.crt"),)


def test_a_given_certificate_comes_before_a_found_one(tmp_path: Path) -> None:
    """
    What is said counts more than what lies about; authorities add up.
    """
    (tmp_path / "r.io").mkdir()
    for name in ("ca.crt", "client.cert", "client.key"):
        (tmp_path / "r.io" / name).touch()
    settings = Settings(certificate_folders=(str(tmp_path),), certificate="/mine", key="/key")
    wire = script(answer(200))
    access = reach(client(wire, settings=settings), PUBLIC)
    access.ask(Request(method="GET", url=f"{access.base}/v2/"), 200)
    shown = wire.requests[0].terms
    assert (shown.certificate, shown.key) == ("/mine", "/key")
    assert shown.authorities == (str(tmp_path / "r.io" / "ca.crt"),)


def test_a_registry_is_told_a_users_fields() -> None:
    """
    With every request, also when nobody has asked for credentials yet.
    """
    settings = Settings(headers=lambda registry: Headers({"X-For": registry.host}))
    wire = script(answer(401, WWW_Authenticate='Bearer realm="https://r.io/token"'))
    wire.steps += [answer(200, b'{"token": "abc"}'), answer(200)]
    access = reach(client(wire, settings=settings), PUBLIC)
    access.ask(Request(method="GET", url=f"{access.base}/v2/a/tags/list"), 200)
    assert [request.headers.get("X-For") for request in wire.requests] == ["r.io"] * 3


def test_what_the_door_says_is_heard() -> None:
    """
    A 401 at `/v2/` tells what to show: nothing is refused once more.
    """

    def keychain(resource: Resource) -> Credentials:
        return Basic("me", "pw")

    wire = script(answer(401, WWW_Authenticate="Basic"), answer(200))
    access = reach(client(wire, keychain=keychain), LOCAL)
    access.ask(Request(method="GET", url=f"{access.base}/v2/a/tags/list"), 200)
    assert wire.requests[1].headers.get("Authorization") == "Basic bWU6cHc="


def test_equal_clients_share_what_they_know() -> None:
    """
    The record is the key: a client made anew for each call knows its registries still.
    """
    wire = speaks("http", TLS)
    clock = VirtualTime().clock
    for _ in range(3):
        reach(Client(send=wire, clock=clock), LOCAL)
    assert len(wire.requests) == 1
    reach(Client(send=wire, clock=clock, jobs=2), LOCAL)
    assert len(wire.requests) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_begins_anew() -> None:
    """
    Two processes that talk over one socket hear each other's answers.
    """
    wire = speaks("http", TLS)
    one = client(wire)
    reach(one, LOCAL)
    child = os.fork()
    if not child:
        reach(one, LOCAL)
        os._exit(len(wire.requests))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 2


def test_says_who_asks() -> None:
    """
    Registries count by user agent; a program that uses ocikit names itself first.
    """
    wire = Recorder(lambda request: answer(200))
    access = reach(client(wire, settings=Settings(user_agent="mine/1")), PUBLIC)
    access.ask(Request(method="GET", url="https://r.io/v2/"), 200)
    assert wire.requests[0].headers.get("User-Agent") == f"mine/1 ocikit/{__version__}"


def test_lists_of_a_registry_have_a_scope_of_their_own() -> None:
    """
    The catalog is of the registry, not of a repository.
    """
    wire = script(
        answer(401, WWW_Authenticate='Bearer realm="https://r.io/t",service=s'),
        answer(200, b'{"token":"t"}'),
        answer(200),
    )
    access = reach_registry(client(wire), parse_registry("r.io"))
    access.ask(Request(method="GET", url="https://r.io/v2/_catalog"), 200)
    assert wire.requests[1].url == "https://r.io/t?service=s&scope=registry:catalog:%2A"


def test_a_way_may_be_gone_once_only() -> None:
    """
    `single` leaves retries to who counts them in another way.
    """
    wire = script(answer(503))
    with pytest.raises(Unreachable):
        reach(client(wire), PUBLIC).single.ask(Request(method="GET", url="https://r.io/v2/"), 200)


def test_proxies_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where a client says nothing of proxies; what it says goes before.
    """
    heard: list[bytes] = []
    refusal = ok(status="407 Proxy Authentication Required")
    with listening(says(refusal, raw=heard)) as proxy, listening(says(refusal)) as other:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        said = Settings(retry=NEVER, proxies=Proxies(https=other.url))
        for settings in (Settings(retry=NEVER), said):
            with pytest.raises(ConnectionFailed, match="407"):
                head("r.example/a:1", client=Client(keychain=anonymous, settings=settings))
        assert (proxy.connections, other.connections) == (1, 1)
    assert heard[0].startswith(b"CONNECT r.example:443 ")
