"""Writes of a handler that wait, and how many of them may."""

from __future__ import annotations

import asyncio

from jupyter_ai_ws.guard.pending_writes import LIMIT, PendingWrites

from .turns import turns


async def test_so_many_writes_that_nobody_waits_for_are_not_kept() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    futures = [writes.add() for _ in range(3 * LIMIT)]
    await turns()
    assert [future.done() for future in futures] == [False] * LIMIT + [True] * 2 * LIMIT
    writes.resume()
    await turns()
    assert all(future.done() for future in futures)
    assert not writes.add().done()
