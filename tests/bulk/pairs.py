"""
Two registries: one to copy from, and one to copy to.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ocikit.bulk.lacking import Lack
from ocikit.bulk.outcome import Failed, Ok
from ocikit.content.partial import artifact
from ocikit.crane.options import Options
from ocikit.http.credentials import anonymous
from ocikit.http.message import Send
from ocikit.registry.client import Client
from tests.google.conftest import IMAGE, INDEX, OTHER, Place, by_host, place

SIGNATURE = artifact("example/signature", subject=IMAGE.descriptor)


@attrs.define
class Pair:
    """
    A registry to copy from, and one to copy to.
    """

    source: Place
    target: Place
    notices: list[str] = attrs.field(factory=list)

    def options(self, send: Send | None = None, *, jobs: int = 2) -> Options:
        """
        Give the way to both.
        """
        wire = send or self.send
        client = Client(send=wire, keychain=anonymous, jobs=jobs, clock=self.source.time.clock)
        return Options(client=client, notice=self.notices.append)

    @property
    def send(self) -> Send:
        """
        Both, by their hosts.
        """
        return by_host(gcr=self.source, r=self.target)

    def written(self) -> list[str]:
        """
        Give the manifests that were put since the last time.
        """
        lines = [line for line in self.target.asked() if line.startswith("PUT")]
        self.source.asked()
        return [line.split()[1] for line in lines if "/manifests/" in line]


def filled() -> Pair:
    """
    Repositories of Google's below `me`, and an empty registry of another kind.
    """
    found = Pair(place("gcr"), place())
    found.source.put("me", INDEX, "1", "latest")
    found.source.put("me/a", IMAGE, "1")
    found.source.put("me/a", SIGNATURE)
    found.source.put("me/a/me", OTHER, "2")
    found.source.asked()
    return found


def done(outcomes: Iterator[Ok[str, Lack] | Failed[str]]) -> dict[str, Lack]:
    """
    Give what was copied; nothing must have failed.
    """
    found = list(outcomes)
    assert not [each for each in found if isinstance(each, Failed)]
    return {each.reference: each.value for each in found if isinstance(each, Ok)}
