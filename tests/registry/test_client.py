"""
The client as a record.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.auth.default import default
from ocikit.http.credentials import anonymous
from ocikit.registry.client import Client, JobsInvalid
from ocikit.registry.proxies import Proxies
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry


@pytest.mark.parametrize(
    "client",
    [
        Client(),
        Client(jobs=2, insecure=True, settings=Settings(proxies=Proxies(https="http://p:1"))),
        Client(keychain=default()),
        Client(keychain=anonymous),
    ],
)
def test_pickles_and_compares(client: Client) -> None:
    """
    It goes to other processes as a recipe: there it finds its own sockets and secrets.
    """
    assert pickle.loads(pickle.dumps(client)) == client
    assert hash(pickle.loads(pickle.dumps(client))) == hash(client)


def test_can_do_nothing_with_no_jobs() -> None:
    """
    0 is not taken for some other number.
    """
    with pytest.raises(JobsInvalid, match="1 or more"):
        Client(jobs=0)


def test_does_not_show_what_it_sends_with() -> None:
    """
    What carries requests or finds credentials may hold anything.
    """
    assert "Registry" not in repr(Client(send=registry()))
