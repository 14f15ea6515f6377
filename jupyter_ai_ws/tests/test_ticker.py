"""The timer behind expiry and silence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_ai_ws.ticker import Ticker

if TYPE_CHECKING:
    import pytest


class Ticks:
    """Counts ticks and tells when they are enough."""

    def __init__(self, enough: int) -> None:
        self.enough = enough
        self.count = 0
        self.done = asyncio.Event()
        self.ticker = Ticker(self.tick, lambda: self.count < enough)
        self.ticker.interval_s = 0.001

    def tick(self) -> None:
        self.count += 1
        if self.count == self.enough:
            self.done.set()


async def test_ticks_while_wanted_and_then_stops() -> None:
    ticks = Ticks(enough=3)
    ticks.ticker.start()
    await ticks.done.wait()
    assert not ticks.ticker.running


async def test_does_not_start_unwanted() -> None:
    ticks = Ticks(enough=0)
    ticks.ticker.start()
    assert not ticks.ticker.running


async def test_stop_cancels_and_may_be_repeated() -> None:
    ticks = Ticks(enough=1)
    ticks.ticker.start()
    running = [ticks.ticker.running]
    for _ in range(2):
        ticks.ticker.stop()
        running.append(ticks.ticker.running)
    assert running == [True, False, False]
    assert ticks.count == 0


async def test_tick_of_a_process_that_slept_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = Ticks(enough=1)
    ticks.ticker.start()
    loop = asyncio.get_running_loop()
    awake_s = loop.time
    monkeypatch.setattr(loop, "time", lambda: awake_s() + ticks.ticker.late_s + 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ticks.count == 0
    await ticks.done.wait()


async def test_goes_on_after_a_tick_that_failed() -> None:
    failed = asyncio.Event()

    def fail() -> None:
        failed.set()
        raise RuntimeError

    ticker = Ticker(fail, lambda: True)
    ticker.interval_s = 0.001
    ticker.start()
    for _ in range(2):
        await failed.wait()
        failed.clear()
    ticker.stop()
