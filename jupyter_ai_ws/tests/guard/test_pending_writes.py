"""What handlers get for what they write: it tells what that of a socket would tell."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest
from tornado.websocket import WebSocketClosedError

from jupyter_ai_ws.guard.pending_writes import TURN_S, PendingWrites

from .turns import turns

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def writes(jp_asyncio_loop: asyncio.AbstractEventLoop) -> PendingWrites:
    return PendingWrites(jp_asyncio_loop)


@pytest.fixture
def pass_time(
    jp_asyncio_loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> Callable[[float], None]:
    """Put the event loop on a clock that moves only when told to."""
    now_s = 1000.0

    def pass_time(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    monkeypatch.setattr(jp_asyncio_loop, "time", lambda: now_s)
    return pass_time


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


@pytest.mark.usefixtures("pass_time")
async def test_write_is_not_done_in_the_turn_it_was_made(writes: PendingWrites) -> None:
    write = writes.add()
    assert not write.done()
    with pytest.raises(asyncio.InvalidStateError):
        write.result()


async def test_write_that_nobody_waited_for_is_done_some_turns_later(
    writes: PendingWrites, pass_time: Callable[[float], None]
) -> None:
    done, result, failure, cancelled, timed = [writes.add() for _ in range(5)]
    pass_time(2 * TURN_S)
    assert done.done()
    assert result.result() is None
    assert failure.exception() is None
    assert not cancelled.cancel()
    await asyncio.wait_for(timed, 0)


async def test_write_that_waits_for_room_is_done_when_there_is(
    writes: PendingWrites, pass_time: Callable[[float], None]
) -> None:
    writes.pause()
    write = writes.add()
    pass_time(2 * TURN_S)
    assert not write.done()
    writes.resume()
    await turns()
    assert write.done()


@pytest.mark.usefixtures("pass_time")
async def test_write_that_is_awaited_when_there_is_room_again_goes_on(
    writes: PendingWrites,
) -> None:
    writes.pause()
    late = writes.add()
    writes.resume()
    await turns()
    await late


@pytest.mark.usefixtures("pass_time")
@pytest.mark.parametrize("what", ["pause", "fail"])
async def test_write_that_has_left_neither_waits_nor_fails(
    what: str, writes: PendingWrites
) -> None:
    early, late = writes.add(), writes.add()
    waiting = asyncio.ensure_future(_wait(early))
    await asyncio.sleep(0)
    getattr(writes, what)()
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


async def test_writes_can_be_waited_for_together(writes: PendingWrites) -> None:
    await asyncio.gather(*[writes.add() for _ in range(3)])
    done, waiting = await asyncio.wait([writes.add() for _ in range(3)])
    assert len(done) == 3
    assert not waiting
    await asyncio.shield(writes.add())


async def _wait(future: asyncio.Future[None]) -> None:
    await future
