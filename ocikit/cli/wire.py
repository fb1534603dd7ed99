"""
What passes over the network: logged when asked to, and its warnings kept for the end.
"""

from __future__ import annotations

import functools
import sys
import time
from typing import TYPE_CHECKING, Final

import click

from ocikit.cli.colour import coloured, say, write
from ocikit.http.logged import exchange_line, header_lines, warnings_of
from ocikit.http.message import Request, Response
from ocikit.registry.settings import Settings

if TYPE_CHECKING:
    from ocikit.http.message import Send

#: How many different warnings are kept.
_MOST_WARNINGS: Final = 32
#: From here on a status says that something did not go well.
_FAILURES: Final = 400


class Wire:
    """
    The network as a `Send`, which is not loaded before the first request.
    """

    def __init__(self, *, settings: Settings, insecure: bool, jobs: int, verbose: int) -> None:
        self._settings = settings
        self._insecure = insecure
        self._jobs = jobs
        self._verbose = verbose
        self._warnings: dict[str, None] = {}
        self._failed: tuple[str, ...] = ()
        # Requests are sent by threads, which do not know what `--color` said.
        self._coloured = coloured(sys.stderr)

    def __call__(self, request: Request) -> Response:
        """
        Send a request.
        """
        begun = time.monotonic()
        try:
            response = self._network(request)
        except Exception as error:
            self._log(request, None, type(error).__name__, begun)
            raise
        self._log(request, response, str(response.status), begun)
        for text in warnings_of(request, response):
            if len(self._warnings) < _MOST_WARNINGS:
                self._warnings[text] = None
        return response

    @functools.cached_property
    def _network(self) -> Send:
        from ocikit.registry.transport import network

        # A copy within one registry reads and writes at once.
        return network(self._settings, insecure=self._insecure, connections=2 * self._jobs)

    def failed(self) -> tuple[str, ...]:
        """
        Tell of the last exchange that failed, redacted: what was sent, and what came.
        """
        return self._failed

    def _log(self, request: Request, response: Response | None, answer: str, begun: float) -> None:
        failed = response is None or response.status >= _FAILURES
        if not (self._verbose or failed):
            return
        line = exchange_line(request, answer, time.monotonic() - begun)
        headers = [f"  {each}" for each in header_lines(request, response)]
        if failed:
            self._failed = (line, *headers)
        for each in [line, *headers][: (0, 1, None)[min(self._verbose, 2)]]:
            shown = click.style(each, fg="bright_black") if self._coloured else each
            write(shown)

    def tell_warnings(self) -> None:
        """
        Say what registries warned of, each thing once.
        """
        for text in self._warnings:
            say(f"Warning: {text}", fg="yellow")
        self._warnings.clear()
        sys.stderr.flush()
