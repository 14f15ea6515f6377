"""A limit in time that loses no interruption."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_ai_ws.doctor.within import within

from ..guard.turns import turns


async def test_cancellation_in_the_turn_of_the_answer_is_not_lost() -> None:
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(within(answer, 60))
    await turns()
    answer.set_result(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_answer_and_failure_come_through() -> None:
    async def fail() -> None:
        raise OSError("broken")

    assert await within(asyncio.sleep(0, "answer"), 60) == "answer"
    with pytest.raises(OSError, match="broken"):
        await within(fail(), 60)


async def test_what_takes_too_long_is_cancelled() -> None:
    never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    with pytest.raises(asyncio.TimeoutError):
        await within(never, 0.0)
    assert never.cancelled()
