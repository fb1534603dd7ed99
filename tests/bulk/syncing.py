"""
Two registries in this process, what they hold, and runs between them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, Final

import attrs

from ocikit._records import evolve
from ocikit.bulk.sync import summary, survey_sync, sync
from ocikit.bulk.sync_actions import Action, Result
from ocikit.bulk.sync_file import read_sync
from ocikit.bulk.sync_survey import Choice
from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.crane.options import Options
from ocikit.http.message import Request, Response
from ocikit.registry.flush import flush
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import World, client

IMAGES: Final = tuple(synthetic.image(random.Random(n), size=100) for n in range(3))
INDEX: Final = synthetic.index(random.Random(7), size=100)

ALL: Final = """
[[sync]]
repository = "s.io/app"
targets = "t.io/mirror"
"""


class Here(Executor):
    """
    Does what it is given at once, so that a death in the middle of it is one of all.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        call: Future[Any] = Future()
        call.set_result(fn(*args, **kwargs))
        return call


@attrs.define
class Mirrors:
    """
    A source `s.io` and a target `t.io`, with a client of both.
    """

    time: VirtualTime = attrs.field(factory=VirtualTime)
    source: Memory = attrs.field(factory=Memory)
    target: Memory = attrs.field(factory=Memory)
    notices: list[str] = attrs.field(factory=list)
    #: Called with each request before it is sent.
    before: Callable[[Request], None] = lambda _: None
    world: World = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.world = World({"s.io": registry(self.source), "t.io": registry(self.target)})

    def send(self, request: Request) -> Response:
        """
        Send a request to the one that is meant.
        """
        self.before(request)
        return self.world(request)

    @property
    def options(self) -> Options:
        """
        What to run with.
        """
        return Options(client=client(self.send, time=self.time), notice=self.notices.append)

    def put(self, contents: Mapping[str, Content]) -> None:
        """
        Put content under names such as "s.io/app:1".
        """
        for name, content in contents.items():
            flush(name, content, client=client(self.world))

    def run(
        self,
        text: str = ALL,
        *,
        state: Path | None = None,
        executor: Executor | None = None,
        **choice: Any,
    ) -> list[Result]:
        """
        Do what a file says.
        """
        self.world.heard.clear()
        file = read_sync(text)
        made = Choice(**choice)
        return list(sync(file, self.options, state=state, choice=made, executor=executor))

    def plan(self, text: str = ALL, *, state: Path | None = None, **choice: Any) -> list[Action]:
        """
        Tell what a file would do.
        """
        self.world.heard.clear()
        return list(
            survey_sync(read_sync(text), self.options, state=state, choice=Choice(**choice))
        )

    def done(self, text: str = ALL, **how: Any) -> str:
        """
        Do what a file says, and tell what that was.
        """
        return str(evolve(summary(self.run(text, **how)), bytes=0))

    def tags(self, repository: str = "mirror") -> dict[str, str]:
        """
        Give the tags of a repository of the target, and what they name.
        """
        names = self.target.tags(repository, "", 10_000) or ()
        return {name: str(self.target.tagged(repository, name)) for name in names}

    def count(self, *methods: str, host: str = "") -> int:
        """
        Count the requests of some methods since the last run began.
        """
        return sum(
            request.method in methods
            for name, requests in self.world.heard.items()
            for request in requests
            if host in ("", name)
        )

    @property
    def writes(self) -> int:
        """
        How many requests of the last run changed something.
        """
        return self.count("PUT", "POST", "PATCH", "DELETE")
