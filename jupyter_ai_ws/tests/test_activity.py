"""What counts as activity of the server, so that it is not culled, and what does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from .raw_socket import only, until, welcomed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.services import ServerChannel, ServiceRegistry
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect

RS = "\x1e"


@pytest.fixture
def active(jp_serverapp: ServerApp, sessions: SessionServer) -> Callable[[], bool]:
    """Return a function that tells whether the server was active since the last call."""
    last_activity: Callable[[], datetime] = jp_serverapp.web_app.last_activity
    before = last_activity()

    def active() -> bool:
        nonlocal before
        sessions.tick()
        past, before = before, last_activity()
        return before > past

    return active


async def test_heartbeats_and_acknowledgements_are_no_activity(
    connect: Connect, sessions: SessionServer, active: Callable[[], bool]
) -> None:
    socket, _ = await welcomed(connect)
    socket.open(1, "echo")
    socket.send(f"1{RS}a")
    await socket.units(2)
    await socket.pong(2, received=2)
    assert active()
    for ping_id in range(3, 50):
        await socket.pong(ping_id, received=2)
    socket.abort()
    await until(lambda: only(sessions).socket is None)
    assert not active()


async def test_records_are_activity_whichever_way_they_go(
    connect: Connect, services: ServiceRegistry, active: Callable[[], bool]
) -> None:
    proceed = asyncio.Event()

    async def answering(channel: ServerChannel) -> None:
        await channel.receive()
        await proceed.wait()
        await channel.send("answer")

    services.register("answering", answering)
    socket, _ = await welcomed(connect)
    socket.open(1, "answering")
    await socket.units(1)
    assert active()
    socket.send(f"1{RS}question")
    await socket.acknowledged()
    assert active()
    proceed.set()
    await socket.units(1)
    assert active()


async def test_service_at_work_for_a_page_that_is_away_is_activity(
    connect: Connect,
    services: ServiceRegistry,
    sessions: SessionServer,
    active: Callable[[], bool],
) -> None:
    proceed = asyncio.Event()
    done = asyncio.Event()

    async def working(channel: ServerChannel) -> None:
        await channel.accept()
        while True:
            await proceed.wait()
            proceed.clear()
            await channel.send("more")
            done.set()

    services.register("working", working)
    socket, _ = await welcomed(connect)
    socket.open(1, "working")
    await socket.units(1)
    socket.abort()
    await until(lambda: only(sessions).socket is None)
    assert active()
    for _ in range(3):
        assert not active()
        done.clear()
        proceed.set()
        await done.wait()
        assert active()
