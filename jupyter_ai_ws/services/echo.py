"""The service that sends everything back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channel import ServerChannel

__all__ = ["echo"]


async def echo(channel: ServerChannel) -> None:
    """Send back each record as it came, text and binary.

    Args:
        channel: The channel to serve.
    """
    async for record in channel:
        await channel.send(record)
