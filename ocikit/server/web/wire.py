"""
The incoming half of a connection: HTTP/1.1 requests, read strictly (RFC 9112).

Whatever two readers could understand differently is refused: bare line feeds, folded
lines, two lengths, a length beside chunks. All that a client can send is bounded, in
bytes and in time.
"""

from __future__ import annotations

import socket
import time
from typing import Final

from ocikit._records import record
from ocikit._regex import regex
from ocikit.http.message import Headers
from ocikit.server.answers import RequestRefused

#: The most bytes of a request line, and of it with all headers.
MOST_LINE: Final = 8 << 10
MOST_HEAD: Final = 64 << 10
MOST_CHUNK_LINE: Final = 256
#: How much is asked of the socket at a time.
PIECE: Final = 256 << 10
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_LINE: Final = regex(rf"({_WORD}) ([!-~]+) HTTP/([0-9])\.([0-9])")
_FIELDS: Final = regex(rf"(?:{_WORD}:[\t\x20-\x7e\x80-\xff]*\r\n)*")
_HOST: Final = regex(r"[A-Za-z0-9.:_\[\]-]*")


@record(kw_only=True)
class Patience:
    """
    How long clients are waited for, in seconds.
    """

    #: For the next request on a connection.
    idle: float = 60.0
    #: For the whole head of a request, once it began; and for a TLS handshake.
    head: float = 10.0
    #: For the next bytes of a body, in either direction.
    body: float = 60.0
    #: A body comes with this many bytes in each time of `body`, or not at all.
    slowest: int = 60 << 10


class BodyBroken(ConnectionError):
    """
    The client went away before it had sent all.
    """


@record
class Head:
    """
    A request line and its headers.
    """

    method: str
    target: str
    #: The minor version of HTTP/1.
    minor: int
    headers: Headers
    #: The length of the body; None when it comes in chunks.
    length: int | None

    @property
    def keeps(self) -> bool:
        """
        Whether the client wants the connection for further requests.
        """
        return self.minor > 0 and "close" not in self.headers.get("Connection").lower()

    @property
    def waits(self) -> bool:
        """
        Whether the client sends its body only when it is asked for it.
        """
        return self.minor > 0 and self.headers.get("Expect").lower() == "100-continue"


class Wire:
    """
    What comes in on a socket, with what was read too far kept for later.
    """

    def __init__(self, socket: socket.socket, patience: Patience | None = None) -> None:
        self._socket, self._patience = socket, patience or Patience()
        self._ahead = bytearray()
        self._since = time.monotonic()
        self._seen = 0
        #: When the head that is being read began to come, and when the last one was done.
        self._begun = self._rested = self._since
        self._gone = False

    @property
    def due(self) -> float:
        """
        When the patience with the next head ends, by `time.monotonic`.
        """
        if self._ahead:
            return self._begun + self._patience.head
        return self._rested + self._patience.idle

    def wait(self, seconds: float) -> bool:
        """
        Wait up to so long for the next head; whether `head` would give one, or the end.

        With 0 seconds no more than once is read.

        Raises:
            OSError: the client is gone.
        """
        left, end = seconds, time.monotonic() + seconds
        while not self.is_whole():
            self._allow(left)
            try:
                data = self._socket.recv(MOST_HEAD)
            except OSError as error:
                if not is_waiting(error):
                    raise
                return False
            if not self._ahead:
                self._begun = time.monotonic()
            self._ahead += data
            self._gone = not data
            left = end - time.monotonic()
            if left <= 0:
                break
        return self.is_whole()

    def is_whole(self) -> bool:
        """
        Whether `head` would give a head, or the end, of what was read already.
        """
        ahead = self._ahead
        while ahead.startswith(b"\r\n"):
            del ahead[:2]
        if not ahead or self._gone:
            return self._gone
        # What cannot become a head need not be waited for either.
        odd = not ahead[:1].isalpha()
        return odd or len(ahead) > MOST_HEAD or b"\r\n\r\n" in ahead

    def rest(self) -> None:
        """
        Begin to wait for the next request.
        """
        self._rested = time.monotonic()
        self._begun = self._rested

    def head(self) -> Head | None:
        """
        Read the head of the next request; None when the client has no more.

        Raises:
            RequestRefused: it is not a head that is safe to understand.
            TimeoutError: it did not come in time.
        """
        if not self._ahead and not self._more(self._patience.idle):
            return None
        deadline, seen = time.monotonic() + self._patience.head, 0
        # RFC 9112, 2.2: an empty line before a request is ignored.
        while self._ahead.startswith(b"\r\n"):
            del self._ahead[:2]
        # Clients try TLS first, and are not to wait for the end of a head that never comes.
        if self._ahead and not self._ahead[:1].isalpha():
            raise _bad("this is not HTTP; it may be TLS, which is not spoken here")
        while (end := self._ahead.find(b"\r\n\r\n", max(0, seen - 3))) < 0:
            seen = len(self._ahead)
            if seen > MOST_HEAD:
                raise _bad("the headers are too long", 431)
            if not self._more(deadline - time.monotonic()):
                return None
        if end > MOST_HEAD:
            raise _bad("the headers are too long", 431)
        text = self._ahead[: end + 2].decode("latin-1")
        del self._ahead[: end + 4]
        self._since, self._seen = time.monotonic(), 0
        return parse(text)

    def readinto(self, view: memoryview) -> int:
        """
        Read some bytes of a body; 0 when the client has gone.
        """
        if self._ahead:
            count = min(len(view), len(self._ahead))
            view[:count] = self._ahead[:count]
            del self._ahead[:count]
            return count
        self._allow(self._patience.body)
        count = self._socket.recv_into(view)
        self._watch(count)
        return count

    def line(self) -> bytes:
        """
        Read one short line of a body in chunks, without its end.
        """
        while (end := self._ahead.find(b"\r\n")) < 0:
            if len(self._ahead) > MOST_CHUNK_LINE:
                raise _bad("a chunk is not delimited as it should be")
            if not self._more(self._patience.body, PIECE):
                raise BodyBroken("the client went away amid its chunks")
        line = bytes(self._ahead[:end])
        del self._ahead[: end + 2]
        return line

    def _more(self, seconds: float, most: int = MOST_HEAD) -> bool:
        if seconds <= 0:
            raise TimeoutError("the client is too slow")
        self._allow(seconds)
        data = self._socket.recv(most)
        self._ahead += data
        return bool(data)

    def _allow(self, seconds: float) -> None:
        # To say it again would be a call of the system for nothing.
        if self._socket.gettimeout() != seconds:
            self._socket.settimeout(seconds)

    def _watch(self, count: int) -> None:
        self._seen += count
        now = time.monotonic()
        if now - self._since > self._patience.body:
            if self._seen < self._patience.slowest:
                raise TimeoutError("the client is too slow")
            self._since, self._seen = now, 0


def is_waiting(error: OSError) -> bool:
    """
    Whether an error only says that nothing came yet.
    """
    if isinstance(error, BlockingIOError | TimeoutError):
        return True
    import ssl

    return isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError)


def parse(text: str) -> Head:
    """
    Read a head; each line of it ends with CR LF.

    Raises:
        RequestRefused: it is not a head that is safe to understand.

    >>> parse("GET /v2/ HTTP/1.1\\r\\nHost: localhost\\r\\n").target
    '/v2/'
    """
    line, _, rest = text.partition("\r\n")
    if len(line) > MOST_LINE:
        raise _bad("the request line is too long", 414)
    match = _LINE.fullmatch(line)
    if match is None:
        raise _bad("this is no request line of HTTP/1.1")
    if match[3] != "1":
        raise _bad("only HTTP/1.0 and HTTP/1.1 are spoken here", 505)
    if not _FIELDS.fullmatch(rest):
        raise _bad("a header is malformed")
    fields = (field.partition(":") for field in rest.split("\r\n")[:-1])
    headers = Headers(tuple((name, value.strip("\t ")) for name, _, value in fields))
    minor = int(match[4])
    _check_host(headers, minor)
    return Head(match[1], match[2], minor, headers, _length(headers, minor))


def _bad(message: str, status: int = 400) -> RequestRefused:
    return RequestRefused(status=status, code="UNSUPPORTED", message=message)


def _check_host(headers: Headers, minor: int) -> None:
    # RFC 9112, 3.2: not exactly one Host is a 400.
    hosts = headers.all("Host")
    if len(hosts) > 1 or (minor and not hosts) or not all(map(_HOST.fullmatch, hosts)):
        raise _bad("there has to be one Host header, with a host")


def _length(headers: Headers, minor: int) -> int | None:
    lengths, codings = headers.all("Content-Length"), headers.all("Transfer-Encoding")
    if codings:
        # RFC 9112, 6.1: both are an attempt to smuggle a request past a proxy.
        if lengths or minor == 0:
            raise _bad("Transfer-Encoding beside Content-Length, or in HTTP/1.0")
        if [coding.lower() for coding in codings] != ["chunked"]:
            raise _bad("only the transfer coding 'chunked' is known", 501)
        return None
    if not lengths:
        return 0
    text = lengths[0]
    if len(lengths) > 1 or not (text.isascii() and text.isdigit() and len(text) < 20):
        raise _bad("Content-Length is not one number")
    return int(text)
