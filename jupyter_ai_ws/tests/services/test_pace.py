"""How services share the turns of the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_ai_ws.services.pace import LEAST_COST, RECORD_COST, TURN_COST, Pace

if TYPE_CHECKING:
    from jupyter_ai_ws.services import ServerChannel, ServiceRegistry

    from ..page import Page

TINY = RECORD_COST + 1
"""Cost of a record of one character."""


async def next_turn() -> None:
    """Wait until what was called soon has run."""
    await asyncio.sleep(0)


async def test_one_service_has_the_whole_turn() -> None:
    pace = Pace()
    pace.join()
    assert pace.limit == TURN_COST
    await next_turn()
    assert pace.limit == TURN_COST


async def test_the_more_have_moved_something_the_less_each_may() -> None:
    pace = Pace()
    limits = []
    for _ in range(4):
        pace.join()
        limits.append(pace.limit)
    assert limits == [TURN_COST, TURN_COST // 2, TURN_COST // 3, TURN_COST // 4]


async def test_those_of_the_last_turn_are_expected_again_and_forgotten_when_they_do_not_come() -> (
    None
):
    pace = Pace()
    for _ in range(8):
        pace.join()
    await next_turn()
    pace.join()
    assert pace.limit == TURN_COST // 8
    await next_turn()
    pace.join()
    assert pace.limit == TURN_COST


async def test_each_may_move_something_however_many_they_are() -> None:
    pace = Pace()
    for _ in range(10_000):
        pace.join()
    assert pace.limit == LEAST_COST


async def test_turn_lasts_until_the_loop_comes_round() -> None:
    pace = Pace()
    assert pace.turn == 0
    pace.join()
    assert pace.turn == 0
    await next_turn()
    assert pace.turn == 1
    await next_turn()
    assert pace.turn == 1


async def most_in_a_turn(page: Page, services: ServiceRegistry, count: int, each: int) -> int:
    """Let services send tiny records without waiting; return how many went in one turn at most."""
    moved, left = 0, count
    turns: list[int] = []

    async def pour(channel: ServerChannel) -> None:
        nonlocal moved, left
        for _ in range(each):
            await channel.send("x")
            moved += 1
        left -= 1

    def note_turn() -> None:
        nonlocal moved
        turns.append(moved)
        moved = 0
        if left:
            asyncio.get_running_loop().call_soon(note_turn)
        else:
            done.set()

    services.register("pour", pour)
    await page.connect()
    channels = [page.open("pour") for _ in range(count)]
    done = asyncio.Event()
    note_turn()
    await done.wait()
    for channel in channels:
        assert len(await channel.receive(each)) == each
    return max(turns)


async def test_many_services_move_no_more_in_a_turn_than_few(
    page: Page, services: ServiceRegistry
) -> None:
    # In their first turn the first of them have more, the second half as much, and so on.
    most = sum(TURN_COST // number // TINY + 1 for number in range(1, 65))
    assert await most_in_a_turn(page, services, 64, 1_000) <= most


async def test_single_service_moves_much_in_a_turn(page: Page, services: ServiceRegistry) -> None:
    assert await most_in_a_turn(page, services, 1, 10_000) == TURN_COST // TINY + 1
