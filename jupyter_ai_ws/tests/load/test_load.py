"""The scenarios in small."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.limits import CREDIT_BYTES, LOG_LIMIT_BYTES, QUEUE_LIMIT_BYTES

from ..raw_socket import until, welcomed
from ..security.target import Target
from .crowd import crowd, raise_file_limit
from .scenarios import beyond_the_limit, exhaust, slope_bytes, stream
from .stalled import stall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ai_ws.sessions import SessionServer

    from ..conftest import Connect
    from ..raw_socket import Clock

MIB = 1024 * 1024
EXTENSIONS = ("jupyter_ai_ws", "jupyter_ai_ws.tests.load.plain")
LIMIT = 120
SLACK_BYTES = 200_000
"""A record may enter a queue that is not full, and is the sum of two parts for a moment."""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    raise_file_limit()
    target = Target(
        tmp_path_factory.mktemp("load"),
        f"--AiWsApp.max_sessions_per_principal={LIMIT}",
        "--AiWsApp.memory_budget_bytes=12000000",
        "--AiWsApp.session_ttl_s=60",
        extensions=EXTENSIONS,
    )
    target.wait_until_it_listens()
    yield target
    target.stop()


async def test_idle_session_costs_little_above_the_same_handler_without_one(
    target: Target,
) -> None:
    without = await slope_bytes(target, LIMIT, session=False)
    with_session = await slope_bytes(target, LIMIT, session=True)
    # Few sockets: pages of memory are noise. The full version measures 3,000.
    assert with_session - without < 16 * 1024


async def test_many_pages_get_every_record_in_order(target: Target) -> None:
    streamed = await stream(target, 60, records=100, interval_ms=5)
    assert streamed.records == 6_000


async def test_page_says_so_when_a_record_is_not_the_next(target: Target) -> None:
    (page,) = await crowd(target, 1)
    page.records = 1
    page.stream(records=1)
    with pytest.raises(AssertionError, match="record 1 in place of 2"):
        await page.until(lambda: page.records == 2)


async def test_stalled_reader_holds_up_nobody_and_gets_everything_in_the_end(
    target: Target,
) -> None:
    measured = await stall(target, stall_s=2, records=12_000, interval_ms=0, payload_bytes=1000)
    assert measured.records == 12_000
    # Without the stalled one about 1,000 on a machine that does nothing else.
    assert measured.other_records > 20
    assert measured.most_page_bytes <= CREDIT_BYTES + SLACK_BYTES
    cap_bytes = LOG_LIMIT_BYTES + QUEUE_LIMIT_BYTES + SLACK_BYTES
    assert MIB < measured.most_server_bytes <= cap_bytes


async def test_short_memory_ends_the_sessions_longest_away_and_no_other(target: Target) -> None:
    evicted = await exhaust(target, 60)
    assert evicted.ended
    assert evicted.kept
    assert evicted.ended == list(range(len(evicted.ended)))
    assert evicted.attached_streamed_on


async def test_session_beyond_the_limit_of_its_user_is_refused_and_the_others_stay(
    target: Target,
) -> None:
    assert await beyond_the_limit(target, LIMIT) == (4429, True)


async def test_sessions_parked_for_two_hours_are_all_there_and_have_not_grown(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    parked = []
    for _ in range(20):
        socket, welcome = await welcomed(connect)
        socket.open(1, "self-test", records=50)
        await socket.units(51)
        socket.abort()
        parked.append((socket.sid, welcome.epoch))
    await until(lambda: all(not held.socket for held in sessions.acceptor.sessions.values()))
    held_bytes, tasks = sessions.acceptor.memory_bytes, len(asyncio.all_tasks())
    for _ in range(3600):
        clock.advance(2)
        sessions.tick()
    assert sessions.acceptor.memory_bytes == held_bytes > 0
    assert len(asyncio.all_tasks()) == tasks
    for sid, epoch in parked:
        again = await connect(sid=sid, epoch=epoch, received=1, serial=2)
        assert (await again.welcome()).resumed
        assert len(await again.units(50)) == 50
