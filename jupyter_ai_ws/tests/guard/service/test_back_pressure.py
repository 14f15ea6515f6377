"""What cuts, slow ends and floods do to a guarded socket, and to its neighbours."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.guard.gate import PEERS_PER_TURN
from jupyter_ai_ws.guard.gathering import ANSWERS
from jupyter_ai_ws.guard.service import FLOOD_LIMIT_BYTES, OVERDRAFT
from jupyter_ai_ws.protocol.limits import QUEUE_LIMIT_BYTES, CloseCode
from jupyter_ai_ws.session_shell import SessionShell

from ...page import Page
from ...raw_socket import until
from ..turns import turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ai_ws.sessions import SessionServer

    from .world import World

MIB = 1024 * 1024


def queue_is_full(sessions: SessionServer) -> bool:
    """Tell whether the one channel of the one session takes no more."""
    (held,) = sessions.acceptor.sessions.values()
    (channel,) = held.session.channels.values()
    return not channel.writable


async def test_cut_in_mid_stream_loses_and_doubles_nothing(world: World) -> None:
    world.page.impatient = True
    guarded = await world.open()
    await guarded.order("emit", count=3000, size=200)
    records: list[str | bytes] = []
    for _ in range(6):
        records += await guarded.channel.receive(500)
        world.page.cut()
    assert [int(str(record).rstrip("x")) for record in records] == list(range(3000))
    assert not guarded.stranger.closed.is_set()


async def test_what_a_page_sends_again_after_its_queue_was_full_arrives_once(
    world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    world.lose_network()
    await world.page.until("waiting")
    while guarded.channel.channel.writable:
        guarded.channel.channel.send("x" * (64 * 1024))
    guarded.channel.channel.abort(1006)
    again = world.page.open("guard", path=world.path)
    again.channel.send("a prompt")
    world.find_network()
    assert await again.receive(1) == ["a prompt"]
    await guarded.stranger.closed.wait()
    assert (guarded.stranger.read, guarded.stranger.close_code) == (0, None)
    assert world.settings["strangers"][-1].read == 1
    await until(lambda: sessions.runner.running == 1)


async def test_peer_of_a_page_that_is_away_is_paused_when_the_queue_is_full(
    world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    (held,) = sessions.acceptor.sessions.values()
    await guarded.order("emit", count=400, size=64 * 1024)
    await guarded.channel.receive(1)
    world.lose_network()
    # What the page acknowledged before makes room for as long as it has not been read.
    await until(lambda: held.socket is None)
    await until(lambda: queue_is_full(sessions))
    stopped_at = guarded.stranger.written
    await turns()
    assert guarded.stranger.written == stopped_at
    assert sessions.acceptor.memory_bytes < QUEUE_LIMIT_BYTES + 2 * MIB
    world.find_network()
    records = await guarded.channel.receive(399)
    assert [int(str(record).rstrip("x")) for record in records] == list(range(1, 400))


async def test_peer_that_waits_for_the_page_sees_its_close_at_once(
    world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    await guarded.order("recite", count=400, size=64 * 1024)
    await until(lambda: queue_is_full(sessions))
    guarded.channel.channel.close(4321)
    await guarded.stranger.closed.wait()
    assert guarded.stranger.close_code == 4321


async def test_peer_that_does_not_wait_is_cut_off_and_others_are_not(
    world: World, sessions: SessionServer, caplog: pytest.LogCaptureFixture
) -> None:
    neighbour = Page(world.page.way.fetch)
    await neighbour.connect()
    next_door = neighbour.open("guard", path=world.path)
    await next_door.answer()
    other = await world.open()
    guarded = await world.open()
    await guarded.order("emit", count=1000, size=64 * 1024, patient=False)
    await guarded.stranger.closed.wait()
    assert guarded.stranger.failed
    assert "stranger/ws was cut off: the page has not taken the last 16,777,216" in caplog.text
    assert sessions.acceptor.memory_bytes < FLOOD_LIMIT_BYTES + MIB
    records = await guarded.channel.receive(FLOOD_LIMIT_BYTES // (64 * 1024 + 16))
    assert [int(str(record).rstrip("x")) for record in records[:3]] == [0, 1, 2]
    assert (await guarded.channel.rest()).code == 1006
    for channel in (other.channel, next_door):
        await channel.send("still there")
        assert await channel.receive(1) == ["still there"]
    await neighbour.dispose()


@pytest.mark.usefixtures("patient")
async def test_peer_that_closes_with_more_than_there_is_room_for_ends_with_1006(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = await world.open()
    world.lose_network()
    (held,) = sessions.acceptor.sessions.values()
    await until(lambda: held.socket is None)
    (channel,) = held.session.channels.values()
    written = [str(number) for number in range(ANSWERS)]
    for text in written:
        guarded.stranger.write_message(text)
    monkeypatch.setattr("jupyter_ai_ws.guard.service.FLOOD_LIMIT_BYTES", channel.queue_cost)
    guarded.stranger.write_message("too much")
    assert channel.state == "open"
    guarded.stranger.close(1000)
    world.find_network()
    assert await guarded.channel.receive(ANSWERS) == written
    assert (await guarded.channel.final()).code == 1006
    await guarded.stranger.closed.wait()


async def test_what_cannot_be_written_ends_the_peer_and_its_page(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = await world.open()
    monkeypatch.setattr("jupyter_ai_ws.guard.gathering.GATHER_S", 0.05)
    guarded = await world.open()
    for _ in range(ANSWERS):
        guarded.stranger.write_message("x")
    await guarded.channel.receive(ANSWERS)

    def fail(self: Any, act: object) -> None:
        raise RuntimeError("as a bug would")

    with monkeypatch.context() as broken:
        broken.setattr(SessionShell, "at_once", fail)
        guarded.stranger.write_message("gathered")
        await guarded.stranger.closed.wait()
    assert (await guarded.channel.final()).code == 1006
    assert "What a guarded endpoint has sent could not be written." in caplog.text
    await other.channel.send("still there")
    assert await other.channel.receive(1) == ["still there"]


async def test_peers_that_do_not_wait_do_not_take_more_than_the_budget_in_one_turn(
    world: World,
    sessions: SessionServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acceptor = sessions.acceptor
    options = replace(acceptor.options, memory_budget_bytes=8 * MIB)
    monkeypatch.setattr(acceptor, "options", options)
    account, held_bytes = acceptor.account, [0]

    def note(delta_bytes: int) -> None:
        account(delta_bytes)
        held_bytes.append(acceptor.memory_bytes)

    monkeypatch.setattr(acceptor, "account", note)
    guarded = [await world.open() for _ in range(3)]

    def flood() -> None:
        for each in guarded:
            each.stranger.emit(count=200, size=64 * 1024, patient=False)

    asyncio.get_running_loop().call_soon(flood)  # all of them in one turn
    for each in guarded:
        assert (await each.channel.final()).code == 1006
        await each.stranger.closed.wait()
        assert each.stranger.failed
    assert 8 * MIB < max(held_bytes) < (1 + OVERDRAFT) * 8 * MIB + 128 * 1024
    assert "stranger/ws was cut off: it writes on although memory is short." in caplog.text
    await world.open()


@pytest.mark.usefixtures("patient")
async def test_what_was_written_before_memory_was_short_comes_before_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = await world.open()
    written = [str(number) for number in range(ANSWERS + 3)]
    for text in written:
        guarded.stranger.write_message(text)
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(SessionShell, "overdraft", 2 * OVERDRAFT)
        guarded.stranger.write_message("too much")
    assert await guarded.channel.receive(len(written)) == written
    assert (await guarded.channel.final()).code == 1006
    await guarded.stranger.closed.wait()


async def test_write_in_which_the_session_ends_does_not_wait(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = await world.open()
    world.lose_network()
    (held,) = sessions.acceptor.sessions.values()

    def end(self: SessionShell, act: Callable[[], None]) -> None:
        act()
        sessions.acceptor.end(held, "test", CloseCode.PROTOCOL_ERROR)

    monkeypatch.setattr(SessionShell, "at_once", end)
    await asyncio.wait_for(guarded.stranger.write_message(bytes(9 * MIB), binary=True), 5)


async def test_tasks_of_a_handler_that_all_wait_are_not_taken_for_a_flood(world: World) -> None:
    tasks, times = FLOOD_LIMIT_BYTES // MIB - 1, 4
    guarded = await world.open()
    world.lose_network()
    written = asyncio.gather(*(guarded.stranger.recite(times, MIB) for _ in range(tasks)))
    await turns()
    world.find_network()
    records = await guarded.channel.receive(tasks * times)
    await written
    assert not guarded.stranger.failed
    assert sorted(str(record).rstrip("x") for record in records) == sorted(
        str(number) for number in range(times) for _ in range(tasks)
    )


async def test_burst_of_endpoints_is_asked_a_few_in_a_turn_and_in_order(world: World) -> None:
    strangers = world.settings.setdefault("strangers", [])
    asked = [0]
    channels = [world.page.open("guard", path=f"{world.path}?{number}") for number in range(40)]
    while asked[-1] < len(channels):
        await asyncio.sleep(0)
        asked.append(len(strangers))
    assert max(after - before for before, after in pairwise(asked)) == PEERS_PER_TURN
    queries = [int(stranger.request.query) for stranger in strangers]
    assert queries == list(range(len(channels)))
    for channel in channels:
        await channel.answer()


async def test_message_over_16_mib_ends_with_1006(world: World) -> None:
    guarded = await world.open()
    await guarded.order("emit", count=1, size=20 * MIB)
    final = await guarded.channel.final()
    assert (final.kind, final.code) == ("closed", 1006)
    await guarded.stranger.closed.wait()


async def test_peer_that_never_reads_makes_the_page_wait(
    world: World, sessions: SessionServer
) -> None:
    other = await world.open()
    guarded = await world.open()
    await guarded.order("hang")
    sent = 0
    while guarded.channel.channel.writable:
        guarded.channel.channel.send(bytes(64 * 1024))
        sent += 1
    log = world.page.core.session.log
    await until(lambda: guarded.channel.channel.next_unit is None and log.cost == 0)
    await other.channel.send("still there")
    assert await other.channel.receive(1) == ["still there"]
    assert MIB // 2 < sessions.acceptor.memory_bytes < 2 * MIB
    guarded.stranger.gate.set()
    await until(lambda: guarded.stranger.read == 1 + sent)
