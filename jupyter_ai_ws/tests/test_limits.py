"""How much a server takes on (rule P2, section M)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from .raw_socket import until, welcomed

if TYPE_CHECKING:
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect
    from .raw_socket import Clock


def set_budget(sessions: SessionServer, budget_bytes: int) -> None:
    """Change the budget of a running server and let it look at once."""
    options = replace(sessions.acceptor.options, memory_budget_bytes=budget_bytes)
    sessions.acceptor.options = options
    sessions.acceptor.account(0)


async def test_over_budget_the_session_longest_away_ends_first(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    held = []
    for seconds in (2, 1):
        socket, welcome = await welcomed(connect)
        socket.open(1, "self-test", records=100, payload_bytes=1000)
        await socket.units(1)
        socket.close()
        await socket.closed()
        held.append((socket, welcome))
        clock.advance(seconds)
    attached, _ = await welcomed(connect)
    set_budget(sessions, sessions.acceptor.memory_bytes - 1)
    await until(lambda: len(sessions.acceptor.sessions) == 2)
    await attached.pong(2)
    for (socket, welcome), resumed in zip(held, (False, True), strict=True):
        again = await connect(sid=socket.sid, epoch=welcome.epoch, serial=2)
        assert (await again.welcome()).resumed is resumed


async def test_over_budget_with_none_parked_the_largest_ends(
    connect: Connect, sessions: SessionServer
) -> None:
    small, _ = await welcomed(connect)
    large, _ = await welcomed(connect)
    set_budget(sessions, 1024 * 1024)
    large.open(1, "self-test", records=10_000, payload_bytes=1000)
    assert await large.closed() == (4410, "the server ran out of memory for sessions")
    await small.pong(2)
    assert sessions.acceptor.memory_bytes < 1_000  # the headers of the small one
    await until(lambda: not sessions.runner.running)


@pytest.fixture
def few(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["AiWsApp"] = {"max_sessions_per_principal": 2, "max_channels": 2}


@pytest.mark.usefixtures("few")
async def test_session_beyond_the_limit_is_refused(connect: Connect) -> None:
    one, _ = await welcomed(connect)
    await welcomed(connect)
    third = await connect()
    assert await third.closed() == (4429, "2 sessions are open already")
    await one.pong(2)


@pytest.mark.usefixtures("few")
async def test_channel_beyond_the_limit_is_refused(connect: Connect) -> None:
    socket, _ = await welcomed(connect)
    for channel in (1, 2, 3):
        socket.open(channel, "echo")
    answers = [str(answer) for answer in await socket.units(3)]
    assert sum('"accept"' in answer for answer in answers) == 2
    assert any('"refuse","channel":3,"code":4429' in answer for answer in answers)
    socket.send("1\x1ea")
    assert await socket.units(1) == ["a"]
