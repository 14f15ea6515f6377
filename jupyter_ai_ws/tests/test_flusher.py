"""When what waits is written (F5)."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.flusher import BULK_BYTES, HOT_S, OVERDUE_S, PACE_S, Flusher

from .guard.turns import turns

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.usefixtures("pass_time")


class Flushes:
    """Counts flushes."""

    def __init__(self) -> None:
        self.count = 0
        self.flushed = asyncio.Event()
        self.flusher = Flusher(self.flush)

    def flush(self) -> None:
        self.count += 1
        self.flushed.set()

    def want_at_once(self) -> None:
        self.flusher.at_once(lambda: self.flusher.want(0))

    async def want(self, in_flight_bytes: int = 0) -> bool:
        """Want a flush and tell whether it came in the next turn."""
        before = self.count
        self.flusher.want(in_flight_bytes)
        await asyncio.sleep(0)
        return self.count > before


async def test_everything_of_one_turn_goes_together_in_the_next() -> None:
    flushes = Flushes()
    flushes.flusher.want(0)
    flushes.flusher.want(0)
    assert flushes.count == 0
    await asyncio.sleep(0)
    assert flushes.count == 1


async def test_first_flush_after_a_silence_does_not_wait() -> None:
    assert await Flushes().want()


async def test_many_short_turns_share_a_flush_that_comes_soon(
    pass_time: Callable[[float], None],
) -> None:
    flushes = Flushes()
    assert await flushes.want()
    flushes.flushed.clear()
    for _ in range(100):
        assert not await flushes.want()
    pass_time(PACE_S)
    await flushes.flushed.wait()
    assert flushes.count == 2


async def test_turns_that_are_not_short_flush_each(pass_time: Callable[[float], None]) -> None:
    flushes = Flushes()
    for _ in range(3):
        assert await flushes.want()
        pass_time(2 * HOT_S)


async def test_bulk_does_not_wait() -> None:
    flushes = Flushes()
    assert await flushes.want()
    assert not await flushes.want(BULK_BYTES - 1)
    assert await flushes.want(BULK_BYTES)


async def test_what_is_paced_can_be_hurried(pass_time: Callable[[float], None]) -> None:
    flushes = Flushes()
    assert await flushes.want()
    assert not await flushes.want()
    flushes.flusher.hurry()
    flushes.flusher.hurry()
    await turns()
    assert flushes.count == 2
    pass_time(PACE_S)
    await turns()
    assert flushes.count == 2


async def test_nothing_is_flushed_in_a_hurry_that_is_not_wanted() -> None:
    flushes = Flushes()
    assert await flushes.want()
    flushes.flusher.hurry()
    await turns()
    assert flushes.count == 1


async def test_bulk_does_not_wait_for_what_is_paced(pass_time: Callable[[float], None]) -> None:
    flushes = Flushes()
    assert await flushes.want()
    assert not await flushes.want()
    assert await flushes.want(BULK_BYTES)
    pass_time(PACE_S)
    await turns()
    assert flushes.count == 2


async def test_what_is_done_at_once_after_a_silence_waits_for_no_turn() -> None:
    flushes = Flushes()
    flushes.want_at_once()
    assert flushes.count == 1
    await asyncio.sleep(0)
    assert flushes.count == 1


async def test_what_is_done_at_once_and_wants_nothing_flushes_nothing() -> None:
    flushes = Flushes()
    flushes.flusher.at_once(lambda: None)
    assert flushes.count == 0
    assert await flushes.want()


async def test_what_follows_in_the_turn_of_what_was_done_at_once_leaves_at_its_end() -> None:
    flushes = Flushes()
    for _ in range(3):
        flushes.want_at_once()
    assert flushes.count == 1
    await asyncio.sleep(0)
    assert flushes.count == 2


async def test_what_is_done_at_once_in_many_short_turns_is_paced(
    pass_time: Callable[[float], None],
) -> None:
    flushes = Flushes()
    for _ in range(100):
        flushes.want_at_once()
        await asyncio.sleep(0)
    assert flushes.count == 2
    flushes.flushed.clear()
    pass_time(PACE_S)
    await flushes.flushed.wait()
    assert flushes.count == 3


async def test_flush_never_runs_in_the_context_of_who_writes() -> None:
    who = ContextVar("who", default="nobody")
    seen = []
    flusher = Flusher(lambda: seen.append(who.get()))
    who.set("handler")
    flusher.at_once(lambda: flusher.want(0))
    flusher.want(0)
    await asyncio.sleep(0)
    assert seen == ["nobody", "nobody"]


async def test_what_waits_for_the_end_of_a_turn_that_is_held_up_goes_with_what_comes_next(
    pass_time: Callable[[float], None],
) -> None:
    flushes = Flushes()
    flushes.want_at_once()
    flushes.want_at_once()
    assert flushes.count == 1
    pass_time(2 * OVERDUE_S)
    flushes.want_at_once()
    assert flushes.count == 2
    flushes.flusher.want(0)
    pass_time(2 * OVERDUE_S)
    flushes.flusher.at_once(lambda: None)
    assert flushes.count == 3
    await turns()
    assert flushes.count == 3


async def test_what_is_done_at_once_goes_together_with_what_waits_already() -> None:
    flushes = Flushes()
    flushes.flusher.want(0)
    flushes.want_at_once()
    assert flushes.count == 0
    await asyncio.sleep(0)
    assert flushes.count == 1


async def test_what_is_done_at_once_and_fails_is_flushed_all_the_same() -> None:
    flushes = Flushes()

    def fail() -> None:
        flushes.flusher.want(0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        flushes.flusher.at_once(fail)
    assert flushes.count == 1
