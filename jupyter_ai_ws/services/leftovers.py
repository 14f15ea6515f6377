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
    """Counts what services of ended sessions hold and the records they have yet to receive.

    Their sessions count them no longer, and a service may take its time.
    """

    def __init__(
        self,
        account: Callable[[int], None],
        dropped: Callable[[ServerChannel], None],
        log: Logger,
    ) -> None:
        """Begin empty.

        Args:
            account: Told how many bytes more, or less, are held.
            dropped: Told of each channel of which nothing is left, because memory is short.
            log: Where it is said that something was dropped.
        """
        self._account = account
        self._dropped = dropped
        self._log = log
        self._bytes: dict[ServerChannel, int] = {}

    def add(self, channel: ServerChannel) -> None:
        """Count what waits in a channel until its service is gone, whatever it takes meanwhile."""
        left_bytes = channel.inbox_bytes + channel.owner.held_bytes
        if left_bytes:
            self._bytes[channel] = left_bytes
            self._account(left_bytes)

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
        """Drop what waits in channels, because memory is short. Their services have no more to do.

        Args:
            channels: Channels of sessions that have ended, added before or not.
        """
        dropped_bytes: dict[str, int] = defaultdict(int)
        for channel in channels:
            inbox_bytes = channel.inbox_bytes
            channel.discard()
            dropped_bytes[channel.service] += inbox_bytes + channel.owner.drop()
            self.gone(channel)
            self._dropped(channel)
        for service, size_bytes in dropped_bytes.items():
            if size_bytes:
                self._log.warning(
                    "Memory is short: %d bytes for service %r were dropped, not received.",
                    size_bytes,
                    service,
                )
