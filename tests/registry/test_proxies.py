"""
Which proxy, by Go's rules.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.http.credentials import SecretNotPickled
from ocikit.registry.proxies import Proxies, proxies_of

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("exempt", "url", "without"),
    [
        ("", "https://ghcr.io/v2/", False),
        ("*", "https://ghcr.io/v2/", True),
        ("ghcr.io", "https://ghcr.io/v2/", True),
        ("GHCR.io", "https://ghcr.io/v2/", True),
        ("ghcr.io", "https://sub.ghcr.io/v2/", True),
        ("ghcr.io", "https://notghcr.io/v2/", False),
        (".ghcr.io", "https://sub.ghcr.io/v2/", True),
        (".ghcr.io", "https://ghcr.io/v2/", False),
        ("*.ghcr.io", "https://sub.ghcr.io/v2/", True),
        ("ghcr.io:443", "https://ghcr.io/v2/", True),
        ("ghcr.io:444", "https://ghcr.io/v2/", False),
        ("10.0.0.0/8", "https://10.1.2.3:5000/v2/", True),
        ("10.0.0.0/8", "https://11.1.2.3:5000/v2/", False),
        ("10.0.0.0/8", "https://ghcr.io/v2/", False),
        ("10.1.2.3", "https://10.1.2.3:5000/v2/", True),
        ("fd00::1", "https://[fd00::1]/v2/", True),
        ("[fd00::1]:443", "https://[fd00::1]/v2/", True),
        ("[fd00::1]:1", "https://[fd00::1]/v2/", False),
        ("fd00::/8", "https://[fd00::1]/v2/", True),
        ("nonsense/99", "https://10.1.2.3/v2/", False),
        (" ghcr.io ", "https://ghcr.io/v2/", True),
    ],
)
def test_who_is_reached_without(exempt: str, url: str, without: bool) -> None:
    """
    NO_PROXY as docker's users write it: the standard library knows no ranges.
    """
    proxies = Proxies(https=PROXY, exempt=(exempt,))
    assert (proxies.choose(url) is None) is without


@pytest.mark.parametrize("url", ["http://localhost:5000/", "https://127.0.0.1/", "http://[::1]/"])
def test_this_machine_is_reached_without(url: str) -> None:
    """
    A proxy's own loopback is another.
    """
    assert Proxies(http=PROXY, https=PROXY).choose(url) is None


def test_each_scheme_has_its_own() -> None:
    """
    A proxy for one scheme says nothing of the other; a bare host is plain HTTP.
    """
    assert Proxies(http="proxy:1").choose("http://r.io/") == "http://proxy:1"
    assert Proxies(http="proxy:1").choose("https://r.io/") is None


def test_its_password_is_not_shown() -> None:
    """
    The URL of a proxy may hold a password.
    """
    assert "secret" not in repr(Proxies(https="http://me:secret@proxy:1"))


def test_proxies_are_named_in_either_case() -> None:
    """
    Capitals first; exemptions are a list.
    """
    environ = {"HTTP_PROXY": "a:1", "https_proxy": "b:2", "NO_PROXY": ".corp, 10.0.0.0/8,"}
    found = proxies_of(environ)
    assert (found.http, found.https) == ("a:1", "b:2")
    assert found.exempt == (".corp", "10.0.0.0/8")
    assert proxies_of({}).choose("https://ghcr.io") is None
    assert found.choose("https://ghcr.io/v2/") == "http://b:2"
    assert found.choose("https://r.corp/v2/") is None


def test_a_web_server_s_clients_choose_no_proxy() -> None:
    """
    Under CGI, HTTP_PROXY is a header that anybody may send.
    """
    assert proxies_of({"HTTP_PROXY": "evil:1", "REQUEST_METHOD": "GET"}).http == ""


def test_a_proxys_password_does_not_travel() -> None:
    """
    A proxy without one pickles; one with it is named where it is needed, in each process.
    """
    plain = Proxies(https=PROXY, exempt=("corp",))
    assert pickle.loads(pickle.dumps(plain)) == plain
    with pytest.raises(SecretNotPickled):
        pickle.dumps(Proxies(https="http://me:SECRET@proxy:3128"))
    assert "SECRET" not in repr(Proxies(http="http://me:SECRET@proxy:3128"))
