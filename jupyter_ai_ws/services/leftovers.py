"""What sessions that have ended leave to their services (P2)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from logging import Logger

    from .channel import ServerChannel

__all__ = ["Leftovers"]


class Leftovers:
    """Counts the records that services of ended sessions have yet to receive.

    Their sessions count them no longer, and a service may take its time.
    """

    def __init__(self, account: Callable[[int], None], log: Logger) -> None:
        """Begin empty.

        Args:
            account: Told how many bytes more, or less, are held.
            log: Where it is said that something was dropped.
        """
        self._account = account
        self._log = log
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

        def oldest() -> Iterator[ServerChannel]:
            while self._bytes and not enough():
                yield next(iter(self._bytes))

        self.drop(oldest())

    def drop(self, channels: Iterable[ServerChannel]) -> None:
        """Drop what waits in channels, because memory is short. Their services see the end next.

        Args:
            channels: Channels of sessions that have ended, added before or not.
        """
        dropped_bytes: dict[str, int] = defaultdict(int)
        for channel in channels:
            dropped_bytes[channel.service] += channel.inbox_bytes
            channel.discard()
            self.gone(channel)
        for service, size_bytes in dropped_bytes.items():
            if size_bytes:
                self._log.warning(
                    "Memory is short: %d bytes for service %r were dropped, not received.",
                    size_bytes,
                    service,
                )
