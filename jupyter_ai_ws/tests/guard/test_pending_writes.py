"""Writes of a handler: which are kept, and when they go on."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from tornado.websocket import WebSocketClosedError

from jupyter_ai_ws.guard.pending_writes import PendingWrites

from .turns import turns


@pytest.fixture
def writes(jp_asyncio_loop: asyncio.AbstractEventLoop) -> PendingWrites:
    return PendingWrites(jp_asyncio_loop)


async def test_only_those_are_kept_that_somebody_waits_for(writes: PendingWrites) -> None:
    writes.pause()
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
    writes.resume()
    await turns()
    assert waiting.done()


async def test_awaited_write_lets_others_run(writes: PendingWrites) -> None:
    order: list[str] = []
    asyncio.get_running_loop().call_soon(order.append, "other")
    await writes.add()
    order.append("write")
    assert order == ["other", "write"]


async def test_write_that_is_awaited_late_goes_on_at_once(writes: PendingWrites) -> None:
    writes.pause()
    late = writes.add()
    writes.resume()
    await turns()
    await asyncio.wait_for(late, 5)


async def test_write_that_is_looked_at_again_and_again_is_done_some_day(
    writes: PendingWrites,
) -> None:
    write = writes.add()
    assert not write.done()
    await turns()
    assert write.done()


async def test_write_that_has_left_is_not_told_of_a_line_that_is_gone(
    writes: PendingWrites,
) -> None:
    early, late = writes.add(), writes.add()
    waiting = asyncio.ensure_future(_wait(early))
    await asyncio.sleep(0)
    writes.fail()
    await waiting
    await late


async def test_write_that_waits_for_room_fails_with_the_line(writes: PendingWrites) -> None:
    writes.pause()
    early, late = writes.add(), writes.add()
    waiting = asyncio.ensure_future(_wait(early))
    await asyncio.sleep(0)
    writes.fail()
    with pytest.raises(WebSocketClosedError):
        await waiting
    with pytest.raises(WebSocketClosedError):
        await late


async def _wait(future: asyncio.Future[None]) -> None:
    await future
