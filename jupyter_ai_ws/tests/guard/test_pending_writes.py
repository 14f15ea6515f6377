"""Writes of a handler that wait, and how many of them may."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from tornado.websocket import WebSocketClosedError

from jupyter_ai_ws.guard.pending_writes import LIMIT, PendingWrites

from .turns import turns


async def test_of_many_writes_only_those_are_kept_that_somebody_waits_for() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    futures = [writes.add() for _ in range(LIMIT)]
    ignored = weakref.ref(writes.add())
    gc.collect()
    assert ignored() is None
    waiting = asyncio.ensure_future(_wait(writes.add()))
    gone = asyncio.ensure_future(_wait(writes.add()))
    await turns()
    gone.cancel()
    await turns()
    assert gone.cancelled()
    assert not waiting.done()
    assert not any(future.done() for future in futures)
    writes.resume()
    await turns()
    assert waiting.done()
    assert all(future.done() for future in futures)
    assert not writes.add().done()


async def test_write_beyond_the_limit_that_is_awaited_late_goes_on_at_once() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    kept = [writes.add() for _ in range(LIMIT)]
    late = writes.add()
    writes.resume()
    await turns()
    assert all(future.done() for future in kept)
    await asyncio.wait_for(late, 5)


async def test_no_write_that_waited_goes_on_when_the_line_is_gone() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    futures = [writes.add() for _ in range(LIMIT + 1)]
    writes.fail()
    for future in (futures[0], futures[-1]):
        with pytest.raises(WebSocketClosedError):
            await future


async def _wait(future: asyncio.Future[None]) -> None:
    await future
