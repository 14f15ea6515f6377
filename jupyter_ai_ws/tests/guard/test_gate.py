"""A burst of endpoints is asked in many turns of the event loop."""

from __future__ import annotations

import asyncio

from jupyter_ai_ws.guard.gate import PEERS_PER_TURN, Gate

from .turns import turns


async def enter(gate: Gate, number: int, entered: list[int]) -> None:
    await gate.enter()
    entered.append(number)


def start(gate: Gate, entered: list[int], count: int) -> list[asyncio.Task[None]]:
    return [asyncio.ensure_future(enter(gate, number, entered)) for number in range(count)]


async def test_few_go_on_without_waiting() -> None:
    gate = Gate()
    for _ in range(3):
        for _ in range(PEERS_PER_TURN):
            coroutine = gate.enter()
            try:
                coroutine.send(None)
            except StopIteration:
                continue
            raise AssertionError("it waits")
        await asyncio.sleep(0)


async def test_many_go_on_in_order_a_few_in_each_turn() -> None:
    gate = Gate()
    entered: list[int] = []
    tasks = start(gate, entered, 3 * PEERS_PER_TURN + 1)
    counts = []
    while len(entered) < len(tasks):
        before = len(entered)
        await asyncio.sleep(0)
        counts.append(len(entered) - before)
    assert entered == list(range(len(tasks)))
    assert max(counts) == PEERS_PER_TURN
    await asyncio.wait(tasks)


async def test_one_that_gives_up_takes_no_place() -> None:
    gate = Gate()
    entered: list[int] = []
    tasks = start(gate, entered, 3 * PEERS_PER_TURN)
    await asyncio.sleep(0)
    for task in tasks[PEERS_PER_TURN : 2 * PEERS_PER_TURN]:
        task.cancel()
    await turns()
    expected = list(range(PEERS_PER_TURN)) + list(range(2 * PEERS_PER_TURN, 3 * PEERS_PER_TURN))
    assert entered == expected
    await asyncio.wait(tasks)
