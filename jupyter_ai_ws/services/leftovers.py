"""What sessions that have ended leave to their services (P2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import ServerChannel

__all__ = ["Leftovers"]


class Leftovers:
    """Counts the records that services of ended sessions have yet to receive.

    Their sessions count them no longer, and a service may take its time.
    """

    def __init__(self, account: Callable[[int], None]) -> None:
        """Begin empty.

        Args:
            account: Told how many bytes more, or less, are held.
        """
        self._account = account
        self._bytes: dict[ServerChannel, int] = {}

    def add(self, channel: ServerChannel) -> None:
        """Count what waits in a channel until its service is gone, whatever it takes meanwhile."""
        waiting_bytes = channel.inbox_bytes
        if waiting_bytes:
            self._bytes[channel] = waiting_bytes
            self._account(waiting_bytes)

    def gone(self, channel: ServerChannel) -> None:
        """Note that the service of a channel is gone; it does not matter whether it was added."""
        self._account(-self._bytes.pop(channel, 0))

    def shrink(self, enough: Callable[[], bool]) -> None:
        """Drop what waits, the oldest first, until it is enough or nothing is left."""
        while self._bytes and not enough():
            channel = next(iter(self._bytes))
            channel.discard()
            self.gone(channel)
