"""
What passes over the network: logged when asked to, and its warnings kept for the end.
"""

from __future__ import annotations

import functools
import re
import sys
import time
from typing import TYPE_CHECKING, Final

from ocikit.cli.colour import say
from ocikit.http.message import Headers, Request, Response
from ocikit.http.redact import redact_headers, redact_text, redact_url
from ocikit.registry.settings import Settings

if TYPE_CHECKING:
    from ocikit.http.message import Send

#: distribution-spec, "Warnings": only this code, and only a quoted text, is for people.
_WARNING: Final = re.compile(r'299\s+-\s+"((?:[^"\\]|\\.)*)"')


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

    def __call__(self, request: Request) -> Response:
        """
        Send a request.
        """
        begun = time.monotonic()
        try:
            response = self._network(request)
        except Exception as error:
            self._log(request, type(error).__name__, begun)
            raise
        self._log(request, str(response.status), begun)
        if self._verbose > 1:
            _log_headers("<", response.headers)
        for said in response.headers.all("Warning"):
            if (found := _WARNING.search(said)) is not None:
                text = re.sub(r"\\(.)", r"\1", found[1])
                self._warnings[redact_text(text)] = None
        return response

    @functools.cached_property
    def _network(self) -> Send:
        from ocikit.registry.transport import network

        # A copy within one registry reads and writes at once.
        return network(self._settings, insecure=self._insecure, connections=2 * self._jobs)

    def _log(self, request: Request, answer: str, begun: float) -> None:
        if not self._verbose:
            return
        took = f"{(time.monotonic() - begun) * 1000:.0f} ms"
        say(f"{request.method} {redact_url(request.url)}: {answer}, {took}", fg="bright_black")
        if self._verbose > 1:
            _log_headers(">", request.headers)

    def tell_warnings(self) -> None:
        """
        Say what registries warned of, each thing once.
        """
        for text in self._warnings:
            say(f"Warning: {text}", fg="yellow")
        self._warnings.clear()
        sys.stderr.flush()


def _log_headers(sign: str, headers: Headers) -> None:
    for name, value in redact_headers(headers.pairs):
        say(f"  {sign} {name}: {value}", fg="bright_black")
