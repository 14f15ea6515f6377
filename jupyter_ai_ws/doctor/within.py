"""A limit in time that loses no interruption."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["within"]

Result = TypeVar("Result")


async def within(awaitable: Awaitable[Result], timeout_s: float) -> Result:
    """Wait for something, but not for ever.

    Before Python 3.12 `asyncio.wait_for` swallows a cancellation, and with it Ctrl-C, that comes in
    the turn in which what it waits for is done.

    Args:
        awaitable: What to wait for; cancelled when the time is up or the caller is.
        timeout_s: How long, in seconds.

    Raises:
        asyncio.TimeoutError: It took longer.
    """
    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait({task}, timeout=timeout_s)
        if not task.done():
            raise asyncio.TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # of one that was given up nobody asks
