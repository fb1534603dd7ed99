"""
Laws of the protocol as data.
"""

from __future__ import annotations

import json
import pickle
from typing import Any
from urllib.parse import quote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.streams import BytesOpener
from ocikit.http.challenge import challenges_of
from ocikit.http.credentials import Basic, IdentityToken
from ocikit.http.faults import MAX_ERROR, Answered, error_of
from ocikit.http.message import Headers, Request, Response
from ocikit.http.origin import URLInvalid, origin_of
from ocikit.http.paging import LinkInvalid, next_page, pages
from ocikit.http.realm import RealmInvalid, may_see_credentials, realm_url
from ocikit.http.redact import redact_text, redact_url
from ocikit.http.retry import STATUSES, Failure, Outcome, Policy, Retry, decide
from ocikit.http.token import Token, run, token_flow

methods = st.sampled_from(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"])
policies = st.builds(
    Policy,
    attempts=st.integers(1, 20),
    base=st.floats(0, 100),
    factor=st.floats(1, 10),
    cap=st.floats(0, 1000),
    jitter=st.floats(0, 2),
    patience=st.floats(0, 1000),
)
retry_afters = st.one_of(st.just(""), st.integers(-9, 10**6).map(str), st.text(max_size=9))


def _response(status: int, retry_after: str) -> Response:
    return Response(status=status, headers=Headers({"Retry-After": retry_after}))


outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(_response, st.sampled_from(sorted(STATUSES | {200, 404})), retry_afters),
    st.builds(Failure, sent=st.booleans(), transient=st.booleans()),
)


class TestRetry:
    """
    A retry policy stops, whatever the other side does.
    """

    @given(policies, methods, st.data())
    def test_it_stops_within_its_attempts_and_its_time(
        self, policy: Policy, method: str, data: st.DataObject
    ) -> None:
        """
        Delays are never negative, and no longer than cap or patience with their jitter.
        """
        request = Request(method=method, url="https://r.io/")
        longest = max(policy.cap, policy.patience) * (1 + policy.jitter)
        for attempt in range(1, policy.attempts + 1):
            outcome, chance = data.draw(outcomes), data.draw(st.floats(0, 1))
            decision = decide(policy, attempt, request, outcome, chance, now=0.0)
            if not isinstance(decision, Retry):
                return
            assert 0 <= decision.delay <= longest
            assert attempt < policy.attempts

    @given(policies, st.integers(1, 30), methods, outcomes, st.floats(0, 1))
    def test_it_is_a_function(
        self, policy: Policy, attempt: int, method: str, outcome: Outcome, chance: float
    ) -> None:
        """
        The same question has the same answer.
        """
        request = Request(method=method, url="https://r.io/")
        asked = [decide(policy, attempt, request, outcome, chance) for _ in range(2)]
        assert asked[0] == asked[1]


quotable = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20)
tokens = st.text("abcXYZ09-_", min_size=1, max_size=8)
parameters = st.dictionaries(tokens.map(str.lower), quotable, min_size=1, max_size=4)


def _written(scheme: str, parameters: dict[str, str]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return f"{scheme} " + ", ".join(f"{name}={quoted(v)}" for name, v in parameters.items())


class TestChallenges:
    """
    What is written as RFC 9110 says is read back; whatever is written is read.
    """

    @given(st.lists(st.tuples(tokens, parameters), max_size=4), st.sampled_from([", ", ",", " , "]))
    def test_round_trip(self, given_: list[tuple[str, dict[str, str]]], comma: str) -> None:
        """
        In one line, as several headers would be joined.
        """
        line = comma.join(_written(*challenge) for challenge in given_)
        found = challenges_of(Headers({"WWW-Authenticate": line}))
        assert [(c.scheme, dict(c.parameters)) for c in found] == [
            (scheme.lower(), parameters) for scheme, parameters in given_
        ]

    @given(st.text())
    def test_total(self, line: str) -> None:
        """
        No line makes the reader fail.
        """
        challenges_of(Headers({"WWW-Authenticate": line}))


SECRET = "pl4nted-s3cret"
plain = st.text("abcdefgh/._~:@!$'()*+,;=-?#&%[] \"<>{}^`|\\", max_size=12)


class TestRedaction:
    """
    A planted secret is in no text of ours.
    """

    @given(plain, plain, st.sampled_from(["sig", "X-Amz-Signature", "token", "_state", "n[]"]))
    def test_queries(self, path: str, before: str, name: str) -> None:
        """
        Wherever in a query the member stands, and whatever stands before it.
        """
        url = f"https://r.io/{quote(path)}?{before}&{name}={SECRET}"
        assert SECRET not in redact_url(url)
        assert SECRET not in redact_text(f"see {url} for more")

    @given(st.text("abc:", max_size=5), st.text("ab/?&=", max_size=9))
    def test_users(self, user: str, rest: str) -> None:
        """
        Credentials before the host.
        """
        assert SECRET not in redact_url(f"https://{user}{SECRET}@r.io/{rest}")

    @given(st.text())
    def test_total(self, text: str) -> None:
        """
        No text makes the redactor fail, or leaves a control character in what it shows.
        """
        for shown in (redact_url(text), redact_text(text)):
            assert "\n" not in shown
            assert "\x1b" not in shown


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["errors", "code", "message", "detail", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(lambda value: json.dumps({"errors": value}).encode()),
    st.just(b'{"errors":[' + b'{"code":"A"},' * (MAX_ERROR // 8) + b'{"code":"A"}]}'),
)


class TestFaults:
    """
    Every response that was not expected is an error with its status.
    """

    @given(methods, st.integers(100, 999), bodies, retry_afters)
    def test_total(self, method: str, status: int, body: bytes, retry_after: str) -> None:
        """
        It prints in one line, compares, hashes and pickles.
        """
        request = Request(method=method, url="https://r.io/v2/a/manifests/b")
        headers = Headers({"Retry-After": retry_after})
        response = Response(status=status, headers=headers, body=BytesOpener(body).open())
        error = error_of(request, response)
        assert isinstance(error, Answered)
        assert error.status == status
        assert "\n" not in str(error)
        assert pickle.loads(pickle.dumps(error)) == error
        assert hash(error) == hash(pickle.loads(pickle.dumps(error)))


labels = st.sampled_from(["a", "b", "r", "auth", "co", "com", "uk", "io", "azurecr", "localhost"])
hosts = st.one_of(
    st.lists(labels, min_size=1, max_size=4).map(".".join),
    st.sampled_from(["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "8.8.8.8", "0x7f.1"]),
)
urls = st.builds(
    lambda scheme, host, port: f"{scheme}://{host}{port}",
    st.sampled_from(["http", "https"]),
    hosts,
    st.sampled_from(["", ":443", ":80", ":5000"]),
)


class TestRealms:
    """
    Credentials never leave HTTPS, nor reach another owner.
    """

    @given(urls, urls, st.sampled_from([Basic("me", SECRET), IdentityToken(SECRET)]))
    def test_who_is_told(self, base: str, realm: str, credentials: Basic | IdentityToken) -> None:
        """
        Whatever a flow sends with a secret goes to who may see it, in HTTPS if need be.
        """

        def send(request: Request) -> Response:
            sent = "Authorization" in request.headers or request.body.length
            if sent:
                assert may_see_credentials(base, request.url)
                assert origin_of(request.url).is_secure or not origin_of(base).is_secure
                assert not _is_stranger(base, request.url)
            return Response(status=200, body=BytesOpener(b'{"token":"t"}').open())

        found = challenges_of(Headers({"WWW-Authenticate": f'Bearer realm="{realm}/t"'}))
        try:
            token: Token = run(token_flow(found[0], credentials, (), base=base), send)
        except RealmInvalid:
            return
        assert (token.withheld is None) == may_see_credentials(base, realm)

    @given(urls, st.text())
    def test_total(self, base: str, realm: str) -> None:
        """
        Any text is a realm of the registry's right, or is refused.
        """
        try:
            url = realm_url(base, realm)
        except RealmInvalid:
            return
        assert origin_of(url).is_secure or not origin_of(base).is_secure


def _is_stranger(base: str, url: str) -> bool:
    # A rule that is simpler than the one under test, and never stricter.
    one, other = origin_of(base), origin_of(url)
    here = one.is_loopback and other.is_loopback
    return not here and one.host.split(".")[-1] != other.host.split(".")[-1]


class TestOrigins:
    """
    An origin is read as the standard library reads it, or not at all.
    """

    @given(st.text() | urls)
    def test_agreement(self, url: str) -> None:
        """
        Two readers of one URL must not see two hosts.
        """
        try:
            origin = origin_of(url)
        except URLInvalid:
            return
        assert (urlsplit(url).hostname or "").lower() == origin.host.strip("[]")
        assert origin_of(str(origin)) == origin


class TestPaging:
    """
    A list ends, and stays at its server.
    """

    @given(st.text() | urls.map(lambda url: f"<{url}/x>; rel=next"))
    def test_links_stay(self, line: str) -> None:
        """
        Any Link leads to the same origin, to an end, or is refused.
        """
        first = Request(method="GET", url="https://r.io/v2/_catalog")
        try:
            following = next_page(first, _link(line))
        except LinkInvalid:
            return
        assert following is None or origin_of(following.url) == origin_of(first.url)

    @given(st.lists(st.integers(0, 30), min_size=1))
    def test_lists_end(self, jumps: list[int]) -> None:
        """
        However the pages refer to each other, none is read twice.
        """
        asked: list[str] = []

        def send(request: Request) -> Response:
            asked.append(request.url)
            return _link(f"</{jumps[len(asked) % len(jumps)]}>; rel=next")

        try:
            for _ in pages(send, Request(method="GET", url="https://r.io/"), limit=20):
                pass
        except LinkInvalid:
            pass
        assert len(set(asked)) == len(asked) <= 20


def _link(line: Any) -> Response:
    return Response(status=200, headers=Headers({"Link": line}))
