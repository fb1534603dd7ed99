"""
An upload in chunks, each of which arrives whatever breaks (distribution-spec,
"Pushing a blob in chunks").
"""

from __future__ import annotations

from contextlib import suppress

from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.errors import OciError, Unreachable
from ocikit.http import answers, routes
from ocikit.http.faults import Answered, RegistryRefused, TooManyRequests, UploadUnknown
from ocikit.http.message import Body, body_of
from ocikit.registry.faults import CertificateUntrusted
from ocikit.registry.resume import PROGRESS
from ocikit.registry.session import Access

#: What registries answer to a chunk; ECR creates where others accept.
_TAKEN = (202, 201, 204)


def begin(access: Access, algorithm: str = "sha256") -> tuple[str, int]:
    """
    Begin an upload: where it goes on, and the least size of a chunk.
    """
    request = routes.start_upload(access.base, access.path, algorithm=algorithm)
    patience = access.patience()
    while True:
        try:
            with access.single.ask(request, 202) as response:
                minimum = answers.chunk_minimum_of(response.headers)
                return answers.upload_location(request, response), minimum
        except (Unreachable, TooManyRequests) as error:
            if not may_pass(error):
                raise
            # An upload that was begun all the same, and nobody goes on with, does no harm.
            patience.after(error)


def may_pass(error: OciError) -> bool:
    """
    Tell whether another time may go better.
    """
    return isinstance(error, Unreachable | TooManyRequests) and not isinstance(
        error, CertificateUntrusted
    )


class ChunkedUpload:
    """
    One upload under way: where it goes on, and how much has arrived.

    With `apart` each chunk has a connection of its own: what breaks connections by
    their age or volume, as some gateways do, then breaks none in the middle of a chunk,
    which not every registry survives.
    """

    def __init__(self, access: Access, location: str, *, apart: bool = False) -> None:
        self._access = access
        self._location = location
        self._apart = apart
        self._patience = access.patience()
        self._broke_at = 0
        #: How many bytes have arrived.
        self.offset = 0

    def send(self, data: bytes | bytearray) -> None:
        """
        Send what comes next, and send again what did not arrive of it.

        Raises:
            Refused, Missing: the registry does not take it.
            Unreachable: it could not be reached for too long.
        """
        start, end = self.offset, self.offset + len(data)
        while self.offset < end:
            try:
                self._patch(data[self.offset - start :])
            except (Unreachable, TooManyRequests, RegistryRefused) as error:
                if not _may_be_resumed(error):
                    raise
                self._wait(error)
                self._look(error, start, end)

    def finish(self, digest: Digest, data: bytes | bytearray = b"") -> None:
        """
        Send the last chunk, which may be as small as it likes, and end the upload.

        Raises:
            Refused, Missing: the registry has other bytes than the digest names.
            Unreachable: it could not be reached for too long.
        """
        start, end = self.offset, self.offset + len(data)
        while True:
            body = body_of(bytes(data[self.offset - start :]))
            try:
                return finish(self._access.single, self._location, digest, body, self.offset)
            except (Unreachable, TooManyRequests, RegistryRefused, UploadUnknown) as error:
                # The answer may be all that was lost.
                if exists(self._access, digest):
                    return None
                if not _may_be_resumed(error):
                    raise
                self._wait(error)
                self._look(error, start, end)

    def cancel(self) -> None:
        """
        Give the upload up; a registry that cannot be told will forget it by itself.
        """
        request = routes.cancel_upload(self._location)
        with suppress(OciError):
            self._access.once(request).body.close()

    def _patch(self, data: bytes | bytearray) -> None:
        body = body_of(bytes(data))
        request = routes.patch_upload(self._location, body, start=self.offset)
        if self._apart:
            request = evolve(request, headers=request.headers.with_("Connection", "close"))
        with self._access.single.ask(request, *_TAKEN) as response:
            self._location = answers.upload_location(request, response)
        self.offset += len(data)

    def _wait(self, error: OciError) -> None:
        """
        Wait as long as is fit: not at all while something arrives.
        """
        if self.offset - self._broke_at >= PROGRESS:
            self._patience = self._access.patience()
        else:
            self._patience.after(error)
        self._broke_at = self.offset

    def _look(self, error: OciError, start: int, end: int) -> None:
        """
        Ask how much arrived; what was had before this chunk cannot be sent again.
        """
        request = routes.upload_status(self._location)
        with self._access.ask(request, 204, 202, 200) as response:
            offset = answers.offset_of(response.headers)
            if "Location" in response.headers:
                self._location = answers.upload_location(request, response)
        if offset is None or not start <= offset <= end:
            raise error
        self.offset = offset


def finish(
    access: Access, location: str, digest: Digest, body: Body, start: int | None = None
) -> None:
    """
    End an upload with all its bytes, or with those from `start`.
    """
    request = routes.finish_upload(location, digest, body, start=start)
    access.ask(request, 201, 204, 200).body.close()


def exists(access: Access, digest: Digest) -> bool:
    """
    Ask whether a blob is there; a registry that will not say is taken not to have it.

    Raises:
        Unreachable: the registry said nothing.
    """
    try:
        access.ask(routes.head_blob(access.base, access.path, digest), 200).body.close()
    except Unreachable:
        raise
    except Answered:
        return False
    return True


def _may_be_resumed(error: OciError) -> bool:
    # 416: some of it had arrived already.
    return may_pass(error) or (isinstance(error, RegistryRefused) and error.status == 416)
