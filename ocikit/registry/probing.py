"""
What one registry says to single questions, each asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

import attrs

from ocikit._records import evolve, record
from ocikit.http.answers import read_body
from ocikit.http.faults import Answered, error_of
from ocikit.http.message import Request, Response, Send
from ocikit.http.origin import origin_of
from ocikit.http.redact import redact_text
from ocikit.registry.client import Client
from ocikit.registry.session import Access, network_of

#: `odd`: it works, but otherwise than the specification has it.
Verdict: TypeAlias = Literal["yes", "no", "odd", "unknown"]

#: The most of an answer that is read, in bytes.
_MOST = 8 << 20


@record(kw_only=True)
class Checked:
    """
    What was found out about a registry.
    """

    name: str
    verdict: Verdict
    detail: str = ""
    #: How much of what was written for this could not be deleted again.
    left: int = 0

    def __str__(self) -> str:
        return f"{self.verdict:7}  {self.name:22}  {self.detail}".rstrip()


@attrs.define(eq=False)
class Watch:
    """
    A `Send` that remembers where requests went and what was answered, without bodies.
    """

    send: Send
    seen: list[tuple[Request, Response]] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        """
        Send a request, and remember it.
        """
        response = self.send(request)
        self.seen.append((request, response))
        return response

    def hosts(self) -> Iterator[str]:
        """
        List the hosts that were asked.
        """
        yield from dict.fromkeys(origin_of(request.url).host for request, _ in self.seen)


def watched(client: Client) -> tuple[Client, Watch]:
    """
    Give a client in whose place a watch sees everything, and the watch.
    """
    watch = Watch(client.send or network_of(client))
    return evolve(client, send=watch), watch


@record(kw_only=True)
class Answer:
    """
    What came of a question: all of it, so that nothing is left open.
    """

    request: Request
    response: Response
    raw: bytes
    #: Hosts that were asked on the way.
    hosts: tuple[str, ...]

    @property
    def status(self) -> int:
        """
        The status of the last response.
        """
        return self.response.status

    def header(self, name: str) -> str:
        """
        Give a header field of it; empty when there is none.
        """
        return self.response.headers.get(name)

    def error(self) -> Answered:
        """
        Read what a registry says of an error.
        """
        from ocikit.content.streams import BytesOpener

        return error_of(self.request, evolve(self.response, body=BytesOpener(self.raw).open()))

    def said(self) -> str:
        """
        Say the status, and what was said with it, in a few words.
        """
        error = self.error()
        words = ", ".join(filter(None, error.codes)) or redact_text(error.text, limit=60)
        return f"{self.status} {words}".strip()


@record(kw_only=True)
class Patient:
    """
    A registry under examination: the way to it, and what passed on it.
    """

    access: Access
    watch: Watch = attrs.field(eq=False)

    def ask(self, request: Request) -> Answer:
        """
        Ask once, with credentials where they are wanted, and read the whole answer.

        Raises:
            Unreachable: nobody answers, or not in time.
        """
        before = len(self.watch.seen)
        response = self.access.once(request)
        raw = read_body(request, response, _MOST)
        passed = self.watch.seen[before:]
        hosts = tuple(dict.fromkeys(origin_of(asked.url).host for asked, _ in passed))
        return Answer(request=request, response=response, raw=raw, hosts=hosts)

    def elsewhere(self, answer: Answer) -> str:
        """
        Name the host that content came from, where it is another than the registry.
        """
        return answer.hosts[-1] if answer.hosts[-1] != self.host else ""

    @property
    def host(self) -> str:
        """
        The host of the registry.
        """
        return origin_of(self.access.base).host


def carefully(name: str, check: Callable[[], Iterator[Checked]]) -> Iterator[Checked]:
    """
    Give what a check finds; an error of the registry ends it, and is told.
    """
    from ocikit.errors import OciError

    try:
        yield from check()
    except OciError as error:
        yield Checked(name=name, verdict="unknown", detail=redact_text(str(error), limit=120))
