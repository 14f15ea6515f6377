"""What a guarded socket counts for (P2), and what is left of it when memory is short."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_ai_ws.protocol.limits import CloseCode

from ...raw_socket import until
from ...services.test_runner import told_of_what_was_dropped
from ..turns import turns
from .test_back_pressure import queue_is_full

if TYPE_CHECKING:
    import pytest

    from jupyter_ai_ws.sessions import SessionServer

    from .world import Guarded, World

MIB = 1024 * 1024


async def hung(world: World, sessions: SessionServer, size_bytes: int, rest: str = "") -> Guarded:
    """Open a socket whose handler is busy and has not read what the page has sent since.

    The rest waits in the channel.
    """
    guarded = await world.open()
    await guarded.order("hang")
    guarded.channel.channel.send(bytes(size_bytes))
    await until(lambda: sessions.acceptor.memory_bytes > size_bytes)
    await turns()
    if rest:
        guarded.channel.channel.send(rest)
        channel = guarded.server_end(sessions)
        await until(lambda: not channel.empty)
    return guarded


async def test_what_a_hung_handler_was_sent_counts_until_it_reads_it(
    world: World, sessions: SessionServer
) -> None:
    guarded = await hung(world, sessions, 8 * MIB)
    assert sessions.acceptor.memory_bytes > 8 * MIB
    guarded.stranger.gate.set()
    await until(lambda: guarded.stranger.read == 2)
    await until(lambda: sessions.acceptor.memory_bytes < MIB)


async def test_nothing_counts_when_a_hung_handler_is_gone(
    world: World, sessions: SessionServer
) -> None:
    guarded = await hung(world, sessions, 8 * MIB)
    (held,) = sessions.acceptor.sessions.values()
    guarded.channel.channel.abort(1006)
    await until(lambda: not sessions.runner.running)
    await until(lambda: held.session.memory_bytes == held.session.log.cost)
    stream = guarded.stream
    await until(lambda: not stream.unread_bytes)
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
    assert guarded.stranger.read == 1
    assert held.session.memory_bytes == held.session.log.cost


async def test_what_a_session_that_has_ended_left_to_a_hung_handler_counts_until_that_is_gone(
    world: World, sessions: SessionServer
) -> None:
    guarded = await hung(world, sessions, 8 * MIB, "unread")
    (held,) = sessions.acceptor.sessions.values()
    sessions.acceptor.end(held, "test", CloseCode.PROTOCOL_ERROR)
    await turns()
    assert sessions.acceptor.memory_bytes > 8 * MIB
    guarded.stranger.gate.set()
    await until(lambda: sessions.acceptor.memory_bytes < MIB)
    assert guarded.stranger.read == 3


async def test_nothing_is_left_to_a_hung_handler_of_a_session_that_ends_for_lack_of_memory(
    world: World, sessions: SessionServer
) -> None:
    guarded = await hung(world, sessions, 8 * MIB, "unread")
    (held,) = sessions.acceptor.sessions.values()
    stream = guarded.stream
    sessions.acceptor.end(held, "test", CloseCode.ENDED)
    assert sessions.acceptor.memory_bytes < MIB
    await turns()
    assert (stream.unread_bytes, sessions.runner.running) == (0, 0)
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
    assert (guarded.stranger.read, guarded.stranger.close_code) == (1, None)


async def test_what_was_left_to_a_hung_handler_goes_before_another_session_ends(
    world: World, sessions: SessionServer, caplog: pytest.LogCaptureFixture
) -> None:
    guarded = await hung(world, sessions, 8 * MIB)
    (held,) = sessions.acceptor.sessions.values()
    sessions.acceptor.end(held, "test", CloseCode.PROTOCOL_ERROR)
    await until(lambda: sessions.acceptor.sessions)
    assert sessions.acceptor.memory_bytes > 8 * MIB
    options = sessions.acceptor.options
    sessions.acceptor.options = replace(options, memory_budget_bytes=MIB)
    sessions.acceptor.account(0)
    await until(lambda: sessions.acceptor.memory_bytes < MIB)
    assert len(sessions.acceptor.sessions) == 1
    ((size_bytes, name),) = told_of_what_was_dropped(caplog)
    assert (8 * MIB < size_bytes < 9 * MIB, name) == (True, "guard")
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
    assert guarded.stranger.read == 1


async def test_hung_handler_whose_writes_wait_outlives_its_session_by_what_a_peer_may_take(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_ai_ws.guard.peer.CLOSE_TIMEOUT_S", 0.01)
    monkeypatch.setattr("jupyter_ai_ws.guard.peer.BUSY_TIMEOUT_S", 0.02)
    guarded = await hung(world, sessions, MIB)
    world.lose_network()
    guarded.stranger.emit(count=400, size=64 * 1024)
    await until(lambda: queue_is_full(sessions))
    (held,) = sessions.acceptor.sessions.values()
    sessions.acceptor.end(held, "test", CloseCode.PROTOCOL_ERROR)
    await asyncio.wait_for(until(lambda: not sessions.runner.running), 5)
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
