"""
What a server did, counted in the text form that Prometheus reads, and whether it is well.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.server.answers import RequestRefused
from ocikit.server.route import find, split
from ocikit.server.storage import Storage
from ocikit.server.web.guard import Exchange

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
#: Upper bounds of seconds.
_BOUNDS: Final = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_READS: Final = frozenset({"GET", "HEAD"})


class Metrics:
    """
    Counts exchanges; it is a log for a server, and threads may share it.

    >>> metrics = Metrics()
    >>> metrics(Exchange(peer="", method="GET", target="/v2/", status=200, received=0, sent=2,
    ...     seconds=0.01))
    >>> next(line for line in metrics.text().splitlines() if "kind" in line)
    'ocikit_requests_total{method="GET",kind="base",status="200"} 1'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0
        self._received = self._sent = self._failures = 0
        self._uploads = 0

    def __call__(self, exchange: Exchange) -> None:
        """
        Count an exchange.
        """
        # What clients make up must not become a line each.
        method = exchange.method if exchange.method in _METHODS else "other"
        key = (method, kind_of(exchange.target), exchange.status)
        with self._lock:
            self._requests[key] += 1
            self._buckets[bisect_left(_BOUNDS, exchange.seconds)] += 1
            self._seconds += exchange.seconds
            self._received += exchange.received
            self._sent += exchange.sent
            self._failures += exchange.failure is not None

    def upload(self, count: int) -> None:
        """
        Tell that an upload began, with 1, or ended, with -1.
        """
        with self._lock:
            self._uploads += count

    def text(self) -> str:
        """
        Write all that was counted.
        """
        with self._lock:
            return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield "# HELP ocikit_requests_total Requests that were answered."
        yield "# TYPE ocikit_requests_total counter"
        for (method, kind, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",kind="{kind}",status="{status}"'
            yield f"ocikit_requests_total{{{labels}}} {count}"
        yield from _counter("received_bytes_total", "Bytes of bodies of requests.", self._received)
        yield from _counter("sent_bytes_total", "Bytes of bodies of responses.", self._sent)
        yield from _counter(
            "failures_total", "Requests that broke off, or that failed here.", self._failures
        )
        yield "# HELP ocikit_uploads_under_way Requests that upload content now."
        yield "# TYPE ocikit_uploads_under_way gauge"
        yield f"ocikit_uploads_under_way {self._uploads}"
        yield "# HELP ocikit_request_seconds How long requests took, with their bodies."
        yield "# TYPE ocikit_request_seconds histogram"
        total = 0
        for bound, count in zip((*_BOUNDS, "+Inf"), self._buckets, strict=True):
            total += count
            yield f'ocikit_request_seconds_bucket{{le="{bound}"}} {total}'
        yield f"ocikit_request_seconds_sum {self._seconds:.6f}"
        yield f"ocikit_request_seconds_count {total}"


def _counter(name: str, told: str, value: int) -> Iterator[str]:
    yield f"# HELP ocikit_{name} {told}"
    yield f"# TYPE ocikit_{name} counter"
    yield f"ocikit_{name} {value}"


def kind_of(target: str) -> str:
    """
    Tell which part of a registry a request is for, in a word; "other" when it is for none.
    """
    try:
        return find(split(target)[0]).kind
    except RequestRefused:
        return "other"


@record(kw_only=True)
class Metered:
    """
    A handler that answers `/metrics` too, and tells of uploads while they come.
    """

    handler: Send
    metrics: Metrics

    def __call__(self, request: Request) -> Response:
        """
        Answer one request.
        """
        if split(request.url)[0] == "/metrics" and request.method in _READS:
            return _text(request, 200, self.metrics.text(), TYPE)
        if request.method in _READS or kind_of(request.url) not in ("upload", "uploads"):
            return self.handler(request)
        self.metrics.upload(1)
        try:
            return self.handler(request)
        finally:
            self.metrics.upload(-1)


@record(kw_only=True)
class Healthy:
    """
    A handler that answers `/healthz` too: 200 while its storage can be read, else 503.
    """

    handler: Send
    storage: Storage

    def __call__(self, request: Request) -> Response:
        """
        Answer one request.
        """
        if split(request.url)[0] != "/healthz" or request.method not in _READS:
            return self.handler(request)
        try:
            self.storage.repositories("", 1)
        except Exception:
            # Why is for the log of what people ask; this is asked by machines.
            return _text(request, 503, "the storage cannot be read\n", "text/plain")
        return _text(request, 200, "ok\n", "text/plain")


def _text(request: Request, status: int, text: str, kind: str) -> Response:
    data = text.encode()
    headers = Headers((("Content-Type", kind), ("Content-Length", str(len(data)))))
    body = b"" if request.method == "HEAD" else data
    return Response(status=status, headers=headers, body=BytesOpener(body).open())
