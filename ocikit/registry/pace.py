"""
How quickly bytes come and go, and how many before they are of any use.

Slower than slow is as good as not at all.
"""

from __future__ import annotations


class Crept(OSError):
    """
    Bytes came or went too slowly; told as `TooSlow` to who asked.
    """

    def __init__(self, count: int, seconds: float) -> None:
        super().__init__(f"{count} bytes in {seconds:.0f} s")
        self.count = count
        self.seconds = seconds


class HeadEndless(OSError):
    """
    A head has no end in sight; told as `HeadTooLarge` to who asked.
    """


class Pace:
    """
    Adds up what moved while the network was waited for, and only then.

    Who reads slowly is not to blame the other side: time between calls does not count.
    """

    def __init__(self, least: int, window: float) -> None:
        """
        Args:
            least: bytes a second; 0 lets everything pass.
            window: seconds of waiting over which they are reckoned.
        """
        self._least = least
        self._window = window
        self._count = 0
        self._seconds = 0.0

    def add(self, count: int, seconds: float) -> None:
        """
        Count what moved, and for how long that was waited for.

        Raises:
            Crept: over the last window it was too little.
        """
        self._count += count
        self._seconds += seconds
        if self._seconds < self._window:
            return
        if self._count < self._least * self._seconds:
            raise Crept(self._count, self._seconds)
        self._count, self._seconds = 0, 0.0
