"""Waiting for the event loop and for nothing else."""

from __future__ import annotations

import asyncio


async def turns(count: int = 20) -> None:
    """Let everything run that can run without waiting for time or network."""
    for _ in range(count):
        await asyncio.sleep(0)
