"""
One test for each thing that registries and token services do otherwise with tokens.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ocikit._records import FrozenMap
from ocikit.content.image import Content
from ocikit.errors import Missing
from ocikit.http.credentials import IdentityToken
from ocikit.http.faults import Unauthorized
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.server.quirks.tokens import (
    ActionsIgnored,
    ChallengeAtDoor,
    ChallengesAlso,
    DeleteUnknown,
    GrantSays,
    PostRefused,
    RealmAt,
    RealmRelative,
    ScopeOnlyOne,
    ScopesJoined,
)
from ocikit.testing.wires import client
from tests.registry.quirky import IMAGE, LARGE, Quirky

NAME = "r.io/a:1"


def round_trip(one: Quirky, content: Content = IMAGE) -> None:
    """
    Push and pull.
    """
    flush(NAME, content, client=one.client)
    assert load(NAME, client=one.client) == content


def asked(one: Quirky) -> list[list[str]]:
    """
    Give the scopes of each token that was asked for.
    """
    urls = [request.url for request in one.wire.requests if "/token" in request.url]
    return [parse_qs(urlsplit(url).query).get("scope", []) for url in urls]


@pytest.mark.parametrize("member", ["token", "access_token"])
def test_any_may_call_it_token_or_access_token(member: str) -> None:
    """
    Either is enough.
    """
    round_trip(Quirky(GrantSays(without=(member,)), tokens=True))


@pytest.mark.parametrize("lifetime", [None, 0, 5, "30", -1])
def test_any_may_not_say_how_long_or_less_than_a_minute(lifetime: object) -> None:
    """
    It is taken to be good for a minute: one token serves a push and a pull.
    """
    quirk = GrantSays(without=("expires_in",))
    if lifetime is not None:
        quirk = GrantSays(also=FrozenMap({"expires_in": lifetime}))
    one = Quirky(quirk, tokens=True)
    round_trip(one)
    assert len(asked(one)) == 1


def test_any_may_offer_several_ways_in() -> None:
    """
    In fields of their own; the one with tokens is taken, not the first.
    """
    one = Quirky(ChallengesAlso(), tokens=True)
    assert len(one.ask("GET", "/v2/").headers.all("WWW-Authenticate")) == 3
    round_trip(one)
    shown = {r.headers.get("Authorization").split(" ")[0] for r in one.wire.requests}
    assert "Negotiate" not in shown
    assert all("/token" in r.url for r in one.wire.requests if _shows_password(r.headers))


def _shows_password(headers: object) -> bool:
    return "Basic " in str(getattr(headers, "get", lambda name: "")("Authorization"))


def test_any_may_name_scopes_with_spaces_between() -> None:
    """
    They are told apart, and each resource asked for once.
    """
    one = Quirky(ScopesJoined(), tokens=True)
    said = one.ask("PUT", "/v2/a/manifests/1").headers.get("WWW-Authenticate")
    assert 'scope="repository:a:pull repository:a:push"' in said
    round_trip(one)
    assert asked(one) == [["repository:a:pull,push"]]


def test_any_may_name_a_realm_without_a_host() -> None:
    """
    It is the registry's own.
    """
    one = Quirky(RealmRelative(), tokens=True)
    assert 'realm="/token"' in one.ask("GET", "/v2/").headers.get("WWW-Authenticate")
    round_trip(one)


def test_google_says_at_its_door_what_it_wants() -> None:
    """
    Other requests get a bare 401: the door is asked once.
    """
    one = Quirky(ChallengeAtDoor(), tokens=True)
    assert "WWW-Authenticate" not in one.ask("GET", "/v2/a/manifests/1").headers
    round_trip(one)
    assert len(one.answers("GET /v2/ ")) == 1


@pytest.mark.parametrize("status", [404, 401, 405])
def test_google_and_artifactory_give_tokens_by_get_alone(status: int) -> None:
    """
    An identity token is posted first, and then shown as Artifactory has it.
    """
    one = Quirky(PostRefused(status=status), tokens=True)
    knowing = client(one.wire, keychain=lambda resource: IdentityToken("secret"))
    with pytest.raises(Unauthorized):
        # Nobody is called as an identity token's user here; what matters is what was asked.
        flush(NAME, IMAGE, client=knowing)
    tokens = [line.split("?")[0] for line in one.wire.lines if "/token" in line]
    assert tokens[0].startswith("POST /token")
    assert tokens[1].startswith("GET /token")
    assert one.answers("POST /token")[0] == status


def test_docker_hub_grants_the_first_scope() -> None:
    """
    A mount needs two: what is pushed to comes first, so that nothing fails.
    """
    one = Quirky(ScopeOnlyOne(which="first"), tokens=True)
    flush(NAME, LARGE, client=one.client)
    flush("r.io/b:1", load(NAME, client=one.client), client=one.client)
    assert ["repository:b:pull,push", "repository:a:pull"] in asked(one)
    assert load("r.io/b:1", client=one.client) == LARGE


def test_gitlab_grants_the_last_scope() -> None:
    """
    The token of a mount is then not good to push: the blob is uploaded.
    """
    one = Quirky(ScopeOnlyOne(which="last"), tokens=True)
    flush(NAME, LARGE, client=one.client)
    flush("r.io/b:1", load(NAME, client=one.client), client=one.client)
    assert 401 in one.answers("mount=")
    assert load("r.io/b:1", client=one.client) == LARGE


def test_docker_hub_and_gitlab_have_their_tokens_elsewhere() -> None:
    """
    On a host of the same domain, or a known one, which may see credentials.
    """
    for realm, registry in (("gitlab.com", "registry.gitlab.com"), ("auth.docker.io", "docker.io")):
        one = Quirky(RealmAt(path="/jwt/auth", host=realm), tokens=True)
        flush(f"{registry}/me/a:1", IMAGE, client=one.client)
        assert load(f"{registry}/me/a:1", client=one.client) == IMAGE
        hosts = {urlsplit(r.url).hostname for r in one.wire.requests if "/jwt/auth" in r.url}
        assert hosts == {realm}


def test_quay_cannot_read_a_scope_that_deletes() -> None:
    """
    It is asked for everything instead.
    """
    one = Quirky(DeleteUnknown(), tokens=True)
    pinned = flush(NAME, IMAGE, client=one.client)
    one.wire.clear()
    delete(pinned, client=one.client)
    assert ["repository:a:*"] in asked(one)
    with pytest.raises(Missing):
        load(pinned, client=one.client)


def test_openshift_ignores_what_is_to_be_done() -> None:
    """
    Any token is for everything: one is enough to push, and to delete too.
    """
    one = Quirky(ActionsIgnored(), tokens=True)
    round_trip(one)
    delete(f"r.io/a@{IMAGE.digest}", client=one.client)
    with pytest.raises(Missing):
        load(NAME, client=one.client)
