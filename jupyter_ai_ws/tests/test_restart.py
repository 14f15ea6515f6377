"""Servers that stall, die and come back (rules H4, H8, H9, P3)."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.frames import Welcome

from .page import Page
from .real_server import RealServer

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Iterator
    from pathlib import Path

SID = "0123456789abcdef" * 2


@pytest.fixture
def server(
    tmp_path: Path, unused_port: int, jp_asyncio_loop: AbstractEventLoop
) -> Iterator[RealServer]:
    server = RealServer(tmp_path, unused_port)
    jp_asyncio_loop.run_until_complete(server.start())
    yield server
    jp_asyncio_loop.run_until_complete(server.clean_up())


async def test_stopped_server_resumes_when_it_is_continued_and_loses_nothing(
    server: RealServer,
) -> None:
    first = await server.connect(sid=SID, serial=1)
    welcome = await first.welcome()
    first.open(1, "echo")
    await first.units(1)
    server.send_signal(signal.SIGSTOP)
    first.send("1\x1ebefore")
    upgrade = asyncio.create_task(
        server.connect(sid=SID, epoch=welcome.epoch, received=1, serial=2)
    )
    answered, _ = await asyncio.wait({upgrade}, timeout=0.1)
    assert not answered
    server.send_signal(signal.SIGCONT)
    second = await upgrade
    answer = await second.welcome()
    assert answer.resumed
    if answer.received == 1:
        second.send("1\x1ebefore")
    second.send("1\x1eafter")
    assert await second.units(2) == ["before", "after"]
    assert (await first.closed())[0] == 4409
    for socket in (first, second):
        socket.close()


async def test_after_a_kill_every_page_learns_that_its_session_is_gone_and_goes_on(
    server: RealServer,
) -> None:
    page = Page(server.fetch)
    page.impatient = True
    await page.connect()
    channel = page.open("self-test", records=100_000, interval_ms=1)
    await channel.receive(10)
    first = await server.connect(sid=SID, serial=1)
    before = await first.welcome()
    await first.pong(1)
    assert await server.end(signal.SIGKILL) == -signal.SIGKILL
    assert await first.closed() == (None, None)
    await server.start()
    second = await server.connect(sid=SID, epoch=before.epoch, received=0, serial=2)
    after = await second.welcome()
    assert after == Welcome(False, None, after.instance, 0, 2, {})
    assert after.instance != before.instance
    assert (await second.closed())[0] == 4404
    final = await channel.final()
    assert (final.kind, final.reason) == ("discontinuity", "restarted")
    assert await page.open("echo").answer() == {}
    assert page.core.instance == after.instance
    assert page.replaced == 1
    await page.dispose()
    for socket in (first, second):
        socket.close()


async def test_terminated_server_says_1001_and_exits_at_once(server: RealServer) -> None:
    socket = await server.connect(sid=SID, serial=1)
    await socket.welcome()
    socket.open(1, "self-test", records=100_000)
    closed = asyncio.create_task(socket.closed())
    server.send_signal(signal.SIGTERM)
    assert await closed == (1001, "the server is shutting down")
    socket.close()
    assert await server.ended() == 0
