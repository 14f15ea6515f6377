"""Writes of a handler that wait, and how many of them may."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from tornado.websocket import WebSocketClosedError

from jupyter_ai_ws.guard.pending_writes import LIMIT, TURN_SIZE, PendingWrites

from .turns import turns


async def test_of_many_writes_only_those_are_kept_that_somebody_has() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    futures = [writes.add(1) for _ in range(LIMIT)]
    ignored = weakref.ref(writes.add(1))
    gc.collect()
    assert ignored() is None
    had = writes.add(1)
    waiting = asyncio.ensure_future(_wait(writes.add(1)))
    await turns()
    assert waiting.done()
    assert had.done()
    assert all(future.done() for future in futures)
    assert not writes.add(1).done()


async def test_write_in_a_pause_waits_and_may_be_cancelled() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    before = writes.add(1)
    writes.pause()
    ignored = weakref.ref(writes.add(1))
    gc.collect()
    assert ignored() is None
    waiting, gone = (asyncio.ensure_future(_wait(writes.add(1))) for _ in range(2))
    await turns()
    gone.cancel()
    await turns()
    assert gone.cancelled()
    assert not waiting.done()
    assert not before.done()
    writes.resume()
    await turns()
    assert waiting.done()
    assert before.done()


async def test_write_in_a_pause_that_nobody_awaits_is_done_after_it() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    last = writes.add(1)
    await turns()
    assert not last.done()
    writes.resume()
    await turns()
    assert last.done()
    await last


async def test_large_writes_go_on_a_few_a_turn_in_their_order_until_there_is_no_room() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    went_on: list[int] = []

    async def write(number: int) -> None:
        await writes.add(TURN_SIZE // 2)
        went_on.append(number)
        if number == 3:
            writes.pause()

    tasks = [asyncio.ensure_future(write(number)) for number in range(6)]
    await turns()
    writes.resume()
    await turns()
    assert went_on == [0, 1, 2, 3]
    writes.resume()
    await asyncio.gather(*tasks)
    assert went_on == [0, 1, 2, 3, 4, 5]


async def test_small_writes_go_on_together_and_one_that_is_larger_than_a_turn_goes_on() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    larger = writes.add(2 * TURN_SIZE)
    small = [writes.add(100) for _ in range(1000)]
    await turns(1)
    assert larger.done()
    assert not small[0].done()
    await turns(1)
    assert all(future.done() for future in small)


async def test_no_write_that_waited_goes_on_when_the_line_is_gone() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    before = writes.add(1)
    writes.pause()
    late = writes.add(1)
    writes.fail()
    for future in (before, late, writes.add(1)):
        assert future.done()
        with pytest.raises(WebSocketClosedError):
            await future


async def _wait(future: asyncio.Future[None]) -> None:
    await future
