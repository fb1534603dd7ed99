"""
A registry that wants to know more than it should, or to send us where we should not go.

The numbers are those of a list of attacks on clients of registries.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.errors import Corrupt, Missing, OciError, Unreachable
from ocikit.http.answers import LocationInvalid
from ocikit.http.credentials import Basic, Credentials, IdentityToken, RegistryToken, Resource
from ocikit.http.faults import Answered
from ocikit.http.message import Request, Response, Send
from ocikit.http.paging import MAX_PAGES, LinkInvalid
from ocikit.http.reach import PlaceForbidden
from ocikit.http.realm import CredentialsWithheld, RealmInvalid
from ocikit.http.retry import Policy
from ocikit.mutate.layers import append
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.list import tags
from ocikit.registry.load import load
from ocikit.registry.redirect import MAX_HOPS, RedirectedTooOften
from ocikit.registry.settings import Settings
from ocikit.server.auth.basic import basic_auth
from ocikit.server.auth.bearer import token_auth
from ocikit.server.handler import registry
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import World, answer, client
from tests.registry.hosts import gate, moved, says, twisted, with_header, world_of

IMAGE = synthetic.image(Random(1), layers=1)
USERS = {"ada": "password-SECRET"}
ADA = Basic("ada", "password-SECRET")
EVIL = "evil.io"


def known(inner: Send) -> Send:
    """
    Put the image into a registry, past its guard.
    """
    flush("localhost/a:1", IMAGE, client=client(inner))
    return inner


def by_password() -> Send:
    """
    A registry that has the image, and wants a password.
    """
    return basic_auth(known(registry()), USERS)


def by_token() -> Send:
    """
    A registry that has the image, and wants a token of its own.
    """
    return token_auth(known(registry()), USERS)


GUARDS = pytest.mark.parametrize("guard", [by_password, by_token])


def going(world: World, credentials: Credentials = ADA) -> Client:
    """
    A client with all that could leak: credentials, a field, a certificate.
    """

    def keychain(resource: Resource) -> Credentials:
        return credentials

    settings = Settings(
        headers=gate,
        certificate="/cert.pem",
        certificate_folders=(),
        retry=Policy(attempts=2, base=0),
    )
    return Client(
        send=world, keychain=keychain, jobs=1, clock=VirtualTime().clock, settings=settings
    )


def read_all(one: Client) -> None:
    """
    Pull the image and every byte of it.
    """
    image = load("r.io/a:1", client=one)
    assert isinstance(image, Image)
    for blob in (image.config, *(layer.blob for layer in image.layers)):
        with blob.open() as stream:
            stream.drain()


def test_the_registry_itself_is_told() -> None:
    """
    The tests below would pass for a client that shows nobody anything.
    """
    for guard in (by_password, by_token):
        world = world_of({"r.io": guard()})
        read_all(going(world))
        assert world.told("r.io") == {"Authorization", "X-Gate", "certificate"}


REALMS = ["https://evil.io/token", "https://r.io.evil.io/token", "https://evil-r.io/token"]


@pytest.mark.parametrize("realm", REALMS)
@pytest.mark.parametrize("credentials", [ADA, IdentityToken("identity-SECRET")])
def test_s1_a_realm_of_another_host_sees_no_credentials(
    realm: str, credentials: Credentials
) -> None:
    """
    Whoever a challenge names must not be told for that (CVE-2026-48978 and kin).
    """

    def misled(request: Request, response: Response) -> Response:
        return with_header(response, "WWW-Authenticate", f'Bearer realm="{realm}",service="r"')

    host = realm.split("/")[2]
    world = world_of(
        {"r.io": twisted(by_token(), misled), host: says(200, b'{"token": "anonymous"}')}
    )
    with pytest.raises(CredentialsWithheld, match="were not sent"):
        load("r.io/a:1", client=going(world, credentials))
    assert world.asked(host)
    assert world.told(host) == set()
    assert not any(b"SECRET" in request.body.opener.open().read() for request in world.heard[host])


@pytest.mark.parametrize(
    "realm",
    [
        *("http://r.io/token", "https://127.0.0.1/token", "https://169.254.169.254/latest"),
        *("https://10.0.0.1/token", "https://0x7f.1/t", "https://[::ffff:127.0.0.1]/t"),
        *("https://ada:x@evil.io/t", "file:///etc/passwd", "https://\u2024evil.io/t"),
    ],
)
def test_s1_some_realms_are_not_even_asked(realm: str) -> None:
    """
    Downgrades, inner networks, metadata services, and what is no URL.
    """

    def misled(request: Request, response: Response) -> Response:
        return with_header(response, "WWW-Authenticate", f'Bearer realm="{realm}"')

    world = world_of({"r.io": twisted(by_token(), misled)})
    with pytest.raises(RealmInvalid):
        load("r.io/a:1", client=going(world))
    assert set(world.heard) == {"r.io"}


def test_s1_a_token_of_the_registry_is_the_registrys() -> None:
    """
    It needs no service, and none is asked.
    """

    def misled(request: Request, response: Response) -> Response:
        return with_header(response, "WWW-Authenticate", 'Bearer realm="https://evil.io/token"')

    world = world_of({"r.io": twisted(by_token(), misled)})
    with pytest.raises(Answered):
        load("r.io/a:1", client=going(world, RegistryToken("token-SECRET")))
    assert set(world.heard) == {"r.io"}


@GUARDS
def test_s2_the_place_of_a_blob_is_told_nothing(guard: Callable[[], Send]) -> None:
    """
    A storage is asked for the blob, and not told by whom.
    """
    storage = known(registry())
    way = moved(lambda request: request.url.replace("r.io", "cdn.io") + "?sig=1", "/blobs/")
    world = world_of({"r.io": twisted(guard(), way), "cdn.io": storage})
    read_all(going(world))
    assert len(world.asked("cdn.io")) == 2
    assert world.told("cdn.io") == set()


CHALLENGES = ['Bearer realm="https://r.io/token",service="ocikit"', 'Basic realm="r"']


@GUARDS
@pytest.mark.parametrize("challenge", CHALLENGES)
@pytest.mark.parametrize("part", ["/manifests/", "/blobs/"])
def test_s3_s4_a_challenge_of_elsewhere_is_not_met(
    guard: Callable[[], Send], challenge: str, part: str
) -> None:
    """
    Whoever a registry sends us to may ask for a password, or name the registry's own
    token service: what it gets is nothing (CVE-2025-50181 and kin).
    """
    way = moved(lambda request: "https://evil.io/x?sig=1", part, status=302)
    world = world_of({"r.io": twisted(guard(), way), EVIL: says(401, WWW_Authenticate=challenge)})
    with pytest.raises(OciError):
        read_all(going(world))
    assert world.asked(EVIL)
    assert world.told(EVIL) == set()


@GUARDS
def test_s5_where_an_upload_goes_on_is_told_nothing(guard: Callable[[], Send]) -> None:
    """
    Neither token nor password goes to any `Location` (CVE-2026-50151). The bytes do go
    there: so some registries work.
    """

    def elsewhere(request: Request, response: Response) -> Response:
        if request.method != "POST" or response.status != 202:
            return response
        return with_header(response, "Location", "https://evil.io/upload?state=1")

    world = world_of({"r.io": twisted(guard(), elsewhere), EVIL: says(201)})
    fresh = synthetic.image(Random(2), layers=2)
    with pytest.raises(OciError):
        # The blobs are not there, and the registry says so.
        flush("r.io/b:1", fresh, client=going(world))
    assert "PUT /upload" in world.asked(EVIL)
    assert world.told(EVIL) == set()


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://r.io/upload", LocationInvalid),
        ("http://evil.io/upload", LocationInvalid),
        ("https://169.254.169.254/latest", PlaceForbidden),
        ("https://0x7f.1/upload", PlaceForbidden),
        ("file:///etc/passwd", LocationInvalid),
        ("https://ada:x@evil.io/", LocationInvalid),
    ],
)
def test_s5_an_upload_does_not_go_everywhere(location: str, error: type[OciError]) -> None:
    """
    Not out of TLS, and not to what no registry may name.
    """

    def elsewhere(request: Request, response: Response) -> Response:
        located = request.method == "POST" and response.status == 202
        return with_header(response, "Location", location) if located else response

    world = world_of({"r.io": twisted(by_token(), elsewhere)})
    with pytest.raises(error):
        flush("r.io/b:1", synthetic.image(Random(2)), client=going(world))
    assert set(world.heard) == {"r.io"}


def listing(link: Callable[[int], str]) -> World:
    """
    A registry whose list of tags goes on where a link says.
    """
    count = itertools.count(1)

    def pages(request: Request) -> Response:
        return answer(200, b'{"tags": ["x"]}', Link=link(next(count)))

    return world_of({"r.io": pages})


@pytest.mark.parametrize(
    "link",
    [
        *("<https://evil.io/v2/a/tags/list>", "<//evil.io/v2/a/tags/list>"),
        *("<http://r.io/v2/a/tags/list>", "<https://r.io:8443/v2/a/tags/list>"),
        *("<https://r.io@evil.io/>", "<https://169.254.169.254/>"),
    ],
)
def test_s6_a_list_does_not_go_on_elsewhere(link: str) -> None:
    """
    The next page is the same server's (CVE-2026-85732).
    """
    world = listing(lambda number: f'{link}; rel="next"')
    with pytest.raises(LinkInvalid):
        list(tags("r.io/a", client=going(world)))
    assert set(world.heard) == {"r.io"}


def test_s7_a_list_does_not_go_in_circles() -> None:
    """
    Of one page, or of three.
    """
    for circle in (1, 3):
        world = listing(lambda number: f'</v2/a/tags/list?page={number % circle}>; rel="next"')  # noqa: B023
        with pytest.raises(LinkInvalid, match="leads back"):
            list(tags("r.io/a", client=going(world)))
        assert len(world.asked("r.io")) <= circle + 1


def test_s7_a_list_ends() -> None:
    """
    Or for ever new ones.
    """
    world = listing(lambda number: f'</v2/a/tags/list?page={number}>; rel="next"')
    with pytest.raises(LinkInvalid, match="one too many"):
        list(tags("r.io/a", client=going(world)))
    assert len(world.asked("r.io")) == MAX_PAGES


@pytest.mark.parametrize("place", ["https://evil.io/layer", "https://127.0.0.1/layer"])
def test_s12_foreign_places_are_not_asked(place: str) -> None:
    """
    CVE-2020-15157 and kin: a layer that the registry does not have is missing, whatever
    its `urls` say.
    """

    layer = IMAGE.layers[0]
    descriptor = evolve(layer.descriptor, media_type=media.DOCKER_FOREIGN_LAYER, urls=(place,))
    foreign = Layer(blob=evolve(layer.blob, descriptor=descriptor), diff_id=layer.diff_id)
    image = append(synthetic.image(Random(3), docker=True), foreign)
    world = world_of({"r.io": registry()})
    one = going(world)
    flush("r.io/a:1", image, client=one)
    with pytest.raises(Missing):
        read_all(one)
    assert set(world.heard) == {"r.io"}


@pytest.mark.parametrize("hosts", [["r.io"], ["r.io", "cdn.io"], ["cdn.io", "evil.io"]])
def test_s18_redirects_end(hosts: list[str]) -> None:
    """
    On one host, or over two.
    """
    count = itertools.count()

    def whirl(request: Request) -> Response:
        return answer(307, Location=f"https://{hosts[next(count) % len(hosts)]}/x")

    way = moved(lambda request: f"https://{hosts[0]}/x", "/blobs/")
    servers: dict[str, Send] = dict.fromkeys(hosts, whirl)
    front = twisted(known(registry()), way)
    servers["r.io"] = lambda request: front(request) if "/v2/" in request.url else whirl(request)
    world = world_of(servers)
    with pytest.raises(RedirectedTooOften):
        read_all(going(world))
    assert sum(map(len, world.heard.values())) <= 2 * (MAX_HOPS + 2)


@pytest.mark.parametrize(
    "place", ["https://169.254.169.254/latest/meta-data", "https://[::ffff:169.254.169.254]/"]
)
def test_a_blob_does_not_lie_everywhere(place: str) -> None:
    """
    No registry sends us to a metadata service; what a name resolves to, and addresses of
    inner networks, are the network's to judge (tests/registry/test_lines.py).
    """
    way = moved(lambda request: place, "/blobs/")
    world = world_of({"r.io": twisted(known(registry()), way)})
    with pytest.raises(PlaceForbidden):
        read_all(going(world))
    assert set(world.heard) == {"r.io"}


def test_what_is_refused_is_told_by_family() -> None:
    """
    A registry that lies is `Corrupt`; one that never ends is that too, or `Unreachable`.
    """
    for error in (PlaceForbidden, RealmInvalid, LinkInvalid, LocationInvalid):
        assert issubclass(error, Corrupt)
    assert issubclass(RedirectedTooOften, Unreachable)
