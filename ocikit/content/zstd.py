"""
Zstandard by the standard library, or by its backport before Python 3.14 (RFC 8878).
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any, Final

from ocikit.content.gzip import Decoder

#: Windows of up to 2**27 bytes (128 MiB) are read, as by `zstd -d`.
MAX_WINDOW_LOG: Final = 27
#: Two keep pace with what decompresses the content that they compress.
_WORKERS: Final = 2
#: Each works on so much; by default it is four times the window, and so is the memory.
_JOB: Final = 1 << 20
#: From this level on windows are larger than that, and what is small is what counts.
_LARGE_LEVEL: Final = 10


@functools.cache
def _zstd() -> Any:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    return importlib.import_module(name)


class ZstdCompressor:
    """
    Writes one zstd frame.
    """

    def __init__(self, level: int) -> None:
        zstd = _zstd()
        parameter = zstd.CompressionParameter
        # Any number of workers gives the same bytes, but none gives others.
        workers = min(_WORKERS, parameter.nb_workers.bounds()[1])
        options = {parameter.compression_level: level, parameter.nb_workers: workers}
        if workers and level < _LARGE_LEVEL:
            options[parameter.job_size] = _JOB
        self._zstd = zstd.ZstdCompressor(options=options)

    def compress(self, data: bytes | bytearray | memoryview) -> bytes:
        """
        Take more content; give what is ready.
        """
        out: bytes = self._zstd.compress(data)
        return out

    def flush(self) -> bytes:
        """
        End the frame; give what is left of it.
        """
        out: bytes = self._zstd.flush()
        return out


def levels() -> tuple[int, int]:
    """
    Give the lowest and the highest level there is.
    """
    low, high = _zstd().CompressionParameter.compression_level.bounds()
    return low, high


def decoder() -> Decoder:
    """
    Begin to decompress one zstd frame.
    """
    zstd = _zstd()
    options = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
    made: Decoder = zstd.ZstdDecompressor(options=options)
    return made


def errors() -> tuple[type[Exception], ...]:
    """
    List what decoders raise when content is not zstd.
    """
    return (_zstd().ZstdError,)
