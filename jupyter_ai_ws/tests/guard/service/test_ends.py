"""Nothing of a guarded socket outlives its session, or keeps the server up."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.guard.peer import UNREAD_LIMIT_BYTES
from jupyter_ai_ws.protocol.limits import CloseCode
from jupyter_ai_ws.services.runner import LEFTOVER_TIME_S

from ...raw_socket import until
from ..stranger import Stranger
from ..turns import turns

if TYPE_CHECKING:
    from jupyter_ai_ws.sessions import SessionServer

    from ...raw_socket import Clock
    from .world import World


async def test_page_that_says_bye_leaves_no_peer(
    world: World, sessions: SessionServer, clock: Clock
) -> None:
    guarded = [await world.open() for _ in range(3)]
    (held,) = sessions.acceptor.sessions.values()
    await world.page.dispose()
    await until(lambda: held.socket is None)
    clock.advance(11)
    sessions.tick()
    for one in guarded:
        await one.stranger.closed.wait()
        assert one.stranger.close_code == 1001
    await until(lambda: sessions.runner.running == 0)


async def test_page_whose_bye_was_lost_keeps_its_peers_until_its_session_expires(
    world: World, sessions: SessionServer, clock: Clock
) -> None:
    guarded = [await world.open() for _ in range(3)]
    world.lose_network()
    (held,) = sessions.acceptor.sessions.values()
    await until(lambda: held.socket is None)
    clock.advance(3600)
    sessions.tick()
    await turns()
    assert not any(one.stranger.closed.is_set() for one in guarded)
    clock.advance(12 * 3600)
    sessions.tick()
    for one in guarded:
        await one.stranger.closed.wait()
        assert one.stranger.close_code == 1001
    await until(lambda: sessions.runner.running == 0)


async def test_server_that_stops_closes_every_peer(world: World, sessions: SessionServer) -> None:
    guarded = [await world.open() for _ in range(3)]
    await sessions.stop()
    assert [one.stranger.close_code for one in guarded] == [1001] * 3
    assert sessions.runner.running == 0


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let handlers take an hour for their end."""
    monkeypatch.setattr("jupyter_ai_ws.guard.peer.CLOSE_TIMEOUT_S", 3600)
    monkeypatch.setattr("jupyter_ai_ws.guard.peer.BUSY_TIMEOUT_S", 3600)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("closed", [False, True])
async def test_hung_peer_does_not_hold_up_the_stop(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    monkeypatch.setattr("jupyter_ai_ws.guard.service.STOP_TIMEOUT_S", 0.01)
    monkeypatch.setattr("jupyter_ai_ws.services.runner.STOP_TIMEOUT_S", 3600)
    guarded = await world.open()
    await guarded.order("hang")
    await until(lambda: guarded.stranger.read == 1)
    if closed:
        guarded.channel.channel.close(4321)
        await guarded.channel.final()
        await turns()
    await sessions.stop()
    assert sessions.runner.running == 0
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()


async def test_busy_handler_may_read_all_before_its_close_while_the_server_stops(
    world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    await guarded.order("hang")
    await guarded.channel.send("the last")
    guarded.channel.channel.close(4321)
    await guarded.channel.final()
    await turns()
    stop = asyncio.ensure_future(sessions.stop())
    await turns()
    guarded.stranger.gate.set()
    await stop
    assert (guarded.stranger.last, guarded.stranger.close_code) == ("the last", 4321)


async def test_page_that_gives_its_socket_up_is_heard_as_long_as_its_handler_reads(
    world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    await guarded.order("hang")
    count = 12
    for _ in range(count):
        guarded.channel.channel.send(bytes(UNREAD_LIMIT_BYTES))
    channel = guarded.server_end(sessions)
    await until(lambda: channel.inbox_cost > (count - 1) * UNREAD_LIMIT_BYTES)
    guarded.channel.channel.abort(1006)
    await guarded.channel.final()
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
    # What is in its stream when the line is cut is lost.
    assert count - 1 <= guarded.stranger.read <= count + 1
    assert guarded.stranger.close_code is None


async def test_handler_that_reads_slowly_reads_all_that_was_sent_before_the_close(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_ai_ws.services.runner.LEFTOVER_TIME_S", 0.02)
    read: list[str | bytes] = []

    async def on_message(self: Stranger, message: str | bytes) -> None:
        await asyncio.sleep(0.01)
        read.append(message)

    monkeypatch.setattr(Stranger, "on_message", on_message)
    guarded = await world.open()
    sent = [f"{number}" for number in range(30)]
    for text in sent:
        await guarded.channel.send(text)
    guarded.channel.channel.close(4321)
    await guarded.stranger.closed.wait()
    assert (read, guarded.stranger.close_code) == (sent, 4321)


async def test_handler_whose_writes_wait_reads_all_that_was_sent_before_the_close(
    world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    await guarded.order("recite", count=4000, size=64 * 1024)
    # The first waits in the handler's stream, the second in the channel.
    for _ in range(2):
        guarded.channel.channel.send(bytes(UNREAD_LIMIT_BYTES))
    channel = guarded.server_end(sessions)
    await until(lambda: not channel.empty)
    world.lose_network()
    await until(lambda: not channel.writable)
    guarded.channel.channel.close(4321)
    world.find_network()
    await asyncio.wait_for(guarded.stranger.closed.wait(), LEFTOVER_TIME_S / 2)
    assert (guarded.stranger.read, guarded.stranger.close_code) == (3, 4321)


@pytest.mark.parametrize("expires", [False, True])
async def test_busy_handler_reads_all_that_was_sent_before_the_end_when_it_goes_on(
    world: World, sessions: SessionServer, expires: bool
) -> None:
    guarded = await world.open()
    await guarded.order("hang")
    # More than waits in the handler's stream: the rest is in the channel.
    for _ in range(4):
        guarded.channel.channel.send(bytes(UNREAD_LIMIT_BYTES))
    (held,) = sessions.acceptor.sessions.values()
    channel = guarded.server_end(sessions)
    await until(lambda: channel.inbox_cost > 3 * UNREAD_LIMIT_BYTES)
    if expires:
        sessions.acceptor.end(held, "test", CloseCode.PROTOCOL_ERROR)
    else:
        guarded.channel.channel.close(4321)
        await guarded.channel.final()
    # Nothing is left where it could be dropped.
    await until(lambda: guarded.stream.unread_bytes > 4 * UNREAD_LIMIT_BYTES)
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
    assert guarded.stranger.read == 5
    assert guarded.stranger.close_code == (1001 if expires else 4321)


@pytest.mark.parametrize("code", [4321, 403])
async def test_handler_that_has_closed_reads_all_that_was_sent_before_the_answer(
    code: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str | bytes] = []

    async def on_message(message: str | bytes) -> None:
        await turns()
        read.append(message)

    guarded = await world.open()
    await guarded.order("hang")
    # More than waits in the handler's stream: the rest is in the channel.
    sent = [f"{number}".ljust(30_000, "x") for number in range(20)]
    for text in sent:
        await guarded.channel.send(text)
    log = guarded.channel.channel._session.log
    await until(lambda: log.start == log.end and guarded.stranger.read == 1)
    monkeypatch.setattr(guarded.stranger, "on_message", on_message)
    guarded.stranger.close(code, "enough")
    await guarded.channel.final()
    guarded.stranger.gate.set()
    await guarded.stranger.closed.wait()
    assert read == sent
    assert (guarded.stranger.close_code, guarded.stranger.close_reason) == (code, "enough")


async def test_page_that_closes_before_the_answer_gives_up(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    went_away = asyncio.Event()
    gate = asyncio.Event()

    async def prepare(self: Stranger) -> None:
        await gate.wait()

    monkeypatch.setattr(Stranger, "prepare", prepare)
    monkeypatch.setattr(Stranger, "on_connection_close", lambda self: went_away.set())
    channel = world.page.open("guard", path=world.path)
    await until(lambda: sessions.runner.running == 1)
    channel.channel.close()
    await went_away.wait()
    await until(lambda: sessions.runner.running == 0)
    gate.set()


async def test_endpoint_that_never_answers_counts_as_504(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def prepare(self: Stranger) -> None:
        await gate.wait()

    monkeypatch.setattr("jupyter_ai_ws.guard.service.OPEN_TIMEOUT_S", 0.01)
    monkeypatch.setattr(Stranger, "prepare", prepare)
    final = await world.page.open("guard", path=world.path).final()
    assert (final.kind, final.code, final.reason) == ("refused", 4001, "HTTP 504")
    gate.set()


@pytest.mark.parametrize("place", ["prepare", "get", "on_message"])
async def test_handler_that_hangs_for_ever_keeps_nothing_of_the_session(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    gate = asyncio.Event()
    hung = asyncio.Event()

    async def hang(self: Stranger, *args: object) -> None:
        hung.set()
        await gate.wait()

    monkeypatch.setattr("jupyter_ai_ws.guard.peer.CLOSE_TIMEOUT_S", 0.01)
    monkeypatch.setattr("jupyter_ai_ws.guard.peer.BUSY_TIMEOUT_S", 0.02)
    monkeypatch.setattr(Stranger, place, hang)
    channel = world.page.open("guard", path=world.path)
    if place == "on_message":
        await channel.answer()
        await channel.send("x")
    await hung.wait()
    (held,) = sessions.acceptor.sessions.values()
    kept = (held, held.session, held.session.listener)
    gone: list[weakref.ref[object]] = [weakref.ref(each) for each in kept]
    sessions.acceptor.end(held, "test", 4400)
    del held, kept
    await until(lambda: not sessions.runner.running)
    await until(lambda: gc.collect() >= 0 and not any(each() for each in gone))
    gate.set()
