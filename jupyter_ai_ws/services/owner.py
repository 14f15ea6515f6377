"""What a service that is more than one coroutine is told, and tells, of its channel."""

from __future__ import annotations

__all__ = ["ChannelOwner"]


class ChannelOwner:
    """A service that holds more for the page than its channel does; the base holds nothing."""

    __slots__ = ()

    held_bytes = 0
    """What it holds beside the records of the channel (P2)."""
    bounds_own_end = False
    """Whether it bounds by itself how long it goes on after it has ended the channel."""

    @property
    def takes_rest(self) -> bool:
        """Whether it takes what an ended channel has left when it is cancelled."""
        return False

    def writable(self) -> None:
        """Handle that the queue of the channel is no longer full, or that the channel has ended."""

    def stopping(self) -> None:
        """Handle that the server stops. The service is cancelled, unless it was or ends itself."""

    def drop(self) -> int:
        """Let go of what is held, because memory is short, and say how many bytes are lost.

        The channel has ended.
        """
        return 0
