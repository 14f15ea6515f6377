"""When what waits is written (F5)."""

from __future__ import annotations

import asyncio
import time

import pytest

from jupyter_ai_ws import flusher as flusher_module
from jupyter_ai_ws.flusher import BULK_BYTES, Flusher


class Flushes:
    """Counts flushes."""

    def __init__(self) -> None:
        self.count = 0
        self.flushed = asyncio.Event()
        self.flusher = Flusher(self.flush)

    def flush(self) -> None:
        self.count += 1
        self.flushed.set()

    async def want(self, in_flight_bytes: int = 0) -> bool:
        """Want a flush and tell whether it came in the next turn."""
        before = self.count
        self.flusher.want(in_flight_bytes)
        await asyncio.sleep(0)
        return self.count > before


@pytest.fixture
def always_hot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which every turn of the event loop is short."""
    monkeypatch.setattr(flusher_module, "HOT_S", 60.0)
    monkeypatch.setattr(flusher_module, "PACE_S", 0.01)


async def test_everything_of_one_turn_goes_together_in_the_next() -> None:
    flushes = Flushes()
    flushes.flusher.want(0)
    flushes.flusher.want(0)
    assert flushes.count == 0
    await asyncio.sleep(0)
    assert flushes.count == 1


@pytest.mark.usefixtures("always_hot")
async def test_first_flush_after_a_silence_does_not_wait() -> None:
    assert await Flushes().want()


@pytest.mark.usefixtures("always_hot")
async def test_many_short_turns_share_a_flush_that_comes_soon() -> None:
    flushes = Flushes()
    assert await flushes.want()
    flushes.flushed.clear()
    began = time.monotonic()
    for _ in range(100):
        assert not await flushes.want()
    await flushes.flushed.wait()
    assert flushes.count == 2
    assert time.monotonic() - began >= 0.005


async def test_turns_that_are_not_short_flush_each() -> None:
    flushes = Flushes()
    for _ in range(3):
        assert await flushes.want()
        time.sleep(0.001)  # noqa: ASYNC251 the turn of a busy service


@pytest.mark.usefixtures("always_hot")
async def test_bulk_does_not_wait() -> None:
    flushes = Flushes()
    assert await flushes.want()
    assert await flushes.want(BULK_BYTES)


@pytest.mark.usefixtures("always_hot")
async def test_bulk_does_not_wait_for_what_is_paced() -> None:
    flushes = Flushes()
    assert await flushes.want()
    assert not await flushes.want()
    assert await flushes.want(BULK_BYTES)
    await asyncio.sleep(0.02)
    assert flushes.count == 2
