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
    futures = [writes.add() for _ in range(LIMIT)]
    ignored = weakref.ref(writes.add())
    gc.collect()
    assert ignored() is None
    waiting = asyncio.ensure_future(_wait(writes.add()))
    await turns()
    assert waiting.done()
    assert all(future.done() for future in futures)
    assert not writes.add().done()


async def test_write_that_waits_is_kept_and_may_be_cancelled() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    before = writes.add()
    writes.pause()
    ignored = weakref.ref(writes.add())
    gc.collect()
    assert ignored() is None
    waiting, gone = (asyncio.ensure_future(_wait(writes.add())) for _ in range(2))
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


async def test_write_that_is_awaited_after_the_pause_goes_on_at_once() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    late = writes.add()
    writes.resume()
    await turns()
    assert not late.done()
    await asyncio.wait_for(late, 5)


async def test_writes_that_waited_go_on_one_a_turn_in_their_order_until_there_is_no_room() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    went_on: list[int] = []

    async def write(number: int) -> None:
        await writes.add()
        went_on.append(number)
        if number == 2:
            writes.pause()

    tasks = [asyncio.ensure_future(write(number)) for number in range(5)]
    await turns()
    writes.resume()
    await turns()
    assert went_on == [0, 1, 2]
    writes.resume()
    await asyncio.gather(*tasks)
    assert went_on == [0, 1, 2, 3, 4]


async def test_writes_of_one_turn_go_on_together_where_none_has_waited() -> None:
    writes = PendingWrites(asyncio.get_running_loop())
    writes.pause()
    tasks = [asyncio.ensure_future(_wait(writes.add())) for _ in range(3)]
    writes.resume()
    await asyncio.gather(*tasks)
    futures = [writes.add() for _ in range(3)]
    await turns(2)
    assert all(future.done() for future in futures)


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
