"""Writes to a socket without tornado's buffer, where that is not needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.iostream import IOStream

if TYPE_CHECKING:
    from asyncio import Future

__all__ = ["write_directly"]


def write_directly(stream: IOStream, wire: bytes) -> Future[None] | None:
    """Write in order with everything else that is written to a stream.

    tornado's own `write` costs a turn of the event loop, and more than all that was done for a
    small record before.

    Args:
        stream: One that is open.
        wire: What to write.

    Returns:
        `None` if the socket has taken all of it; else what resolves when it has.
    """
    left = memoryview(wire)[_sent_at_once(stream, wire) :]
    return stream.write(left) if left else None


def _sent_at_once(stream: IOStream, wire: bytes) -> int:
    """Send what the socket takes now; return how many bytes that was."""
    if type(stream) is not IOStream or stream.writing():
        return 0  # encrypted, or behind what waits
    try:
        return stream.socket.send(wire)
    except OSError:
        return 0  # full or broken: tornado finds the same, and knows what to do
