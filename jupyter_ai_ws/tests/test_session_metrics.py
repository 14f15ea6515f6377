"""That the metrics of sessions tell what happened."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.frames import Ack, Bye
from jupyter_ai_ws.protocol.limits import MESSAGE_LIMIT_BYTES

from .raw_socket import until, welcomed
from .scrape import scrape
from .test_limits import set_budget
from .wire import TEXT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_ai_ws.services import ServiceRegistry
    from jupyter_ai_ws.services.channel import ServerChannel
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect, ConnectWire
    from .raw_socket import Clock

    Fetch = Callable[..., Awaitable[Any]]

RS = "\x1e"


async def test_new_server_shows_zero_everywhere(sessions: SessionServer, jp_fetch: Fetch) -> None:
    found = await scrape(jp_fetch)
    assert found.pop("memory_budget_bytes") == sessions.acceptor.options.memory_budget_bytes
    assert set(found.values()) == {0}
    assert {"parks_total{broken}", "sessions_ended_total{evicted}", "refusals_total{4429}"} <= {
        *found
    }


async def test_connect_cut_and_resume_are_counted(
    connect: Connect, sessions: SessionServer, jp_fetch: Fetch
) -> None:
    await welcomed(connect)
    socket, welcome = await welcomed(connect)
    socket.open(1, "echo")
    await socket.units(1)
    socket.send(f"1{RS}a{RS}b")
    await socket.units(2)
    socket.abort()
    await until(lambda: any(not held.socket for held in sessions.acceptor.sessions.values()))
    found = await scrape(jp_fetch)
    assert found["sessions{attached}"] == 1
    assert found["sessions{parked}"] == 1
    assert found["sessions_created_total"] == 2
    assert found["parks_total{broken}"] == 1
    assert found["units_total{received}"] == 3
    assert found["units_total{sent}"] == 3
    assert found["channels"] == found["services"] == 1
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=1, serial=2)
    await again.welcome()
    await again.units(2)
    found = await scrape(jp_fetch)
    assert found["sessions{attached}"] == 2
    assert found["resumes_total"] == 1
    assert found["units_replayed_total"] == 2
    assert found["units_total{sent}"] == 3


async def test_every_message_counts_with_its_payload_in_bytes(
    connect_wire: ConnectWire, jp_fetch: Fetch
) -> None:
    wire = await connect_wire()
    sent = len((await wire.receive()).payload)
    message = '{"type":"ping","id":1,"received":0,"word":"größer"}'.encode()
    wire.send(TEXT, message)
    sent += len((await wire.receive()).payload)
    found = await scrape(jp_fetch)
    assert found["message_bytes_total{received}"] == len(message)
    assert found["message_bytes_total{sent}"] == sent


async def test_memory_is_told_apart_by_what_it_is(
    connect: Connect, services: ServiceRegistry, sessions: SessionServer, jp_fetch: Fetch
) -> None:
    async def stuffed(channel: ServerChannel) -> None:
        for _ in range(200):
            await channel.send("x" * 1008)
        await channel.wait_closed()

    services.register("stuffed", stuffed)
    socket, _ = await welcomed(connect)
    socket.open(1, "stuffed")
    await socket.units(1)
    socket.send(f"1{RS}{'y' * 84}", f"1+{RS}{'z' * 34}")
    await socket.pong(2)
    found = await scrape(jp_fetch)
    assert found["memory_bytes{inbox}"] == 100
    assert found["memory_bytes{other}"] >= 50
    assert 100 * 1024 < found["memory_bytes{log}"] <= 128 * 1024
    assert found["memory_bytes{queue}"] > 50 * 1024
    total = sum(value for name, value in found.items() if name.startswith("memory_bytes"))
    assert total == sessions.acceptor.memory_bytes
    socket.close()
    await until(lambda: not next(iter(sessions.acceptor.sessions.values())).socket)
    found = await scrape(jp_fetch)
    assert found["parks_total{closed}"] == 1


async def test_what_waits_on_channel_0_is_not_taken_for_that_of_a_service(
    connect: Connect, services: ServiceRegistry, sessions: SessionServer, jp_fetch: Fetch
) -> None:
    away = asyncio.Event()

    async def late(channel: ServerChannel) -> None:
        await away.wait()
        await channel.accept({"answer": "x" * 1000})
        await channel.wait_closed()

    services.register("late", late)
    socket, _ = await welcomed(connect)
    socket.open(1, "late")
    await until(lambda: bool(sessions.runner.running))
    socket.abort()
    (held,) = sessions.acceptor.sessions.values()
    await until(lambda: held.socket is None)
    before = await scrape(jp_fetch)
    away.set()
    await until(lambda: held.session.channels[1].state == "open")
    found = await scrape(jp_fetch)
    assert before["memory_bytes{control}"] == 0
    assert 1000 < found["memory_bytes{control}"] < 1100
    assert found["memory_bytes{other}"] == before["memory_bytes{other}"]


async def test_units_of_an_ended_session_stay_counted_and_its_memory_does_not(
    connect: Connect, jp_fetch: Fetch
) -> None:
    socket, _ = await welcomed(connect)
    socket.open(1, "echo")
    await socket.units(1)
    socket.send(f"1{RS}a")
    await socket.units(1)
    socket.send(Ack(99))
    assert (await socket.closed())[0] == 4400
    found = await scrape(jp_fetch)
    assert found["sessions_ended_total{protocol_error}"] == 1
    assert found["units_total{sent}"] == found["units_total{received}"] == 2
    assert found["sessions{attached}"] == found["sessions{parked}"] == 0
    assert found["memory_bytes{log}"] == 0


async def test_ends_are_told_apart(
    connect: Connect, sessions: SessionServer, clock: Clock, jp_fetch: Fetch
) -> None:
    said_bye, _ = await welcomed(connect)
    said_bye.send(Bye())
    await said_bye.closed()
    unheard = await connect()
    await unheard.welcome()
    again = await connect(sid=unheard.sid, serial=2)
    await again.welcome()
    again.abort()
    expired, _ = await welcomed(connect)
    expired.abort()
    evicted, _ = await welcomed(connect)
    evicted.open(1, "self-test", records=100)
    await until(lambda: sum(not each.socket for each in sessions.acceptor.sessions.values()) == 3)
    set_budget(sessions, sessions.acceptor.memory_bytes - 1)
    assert (await evicted.closed())[0] == 4410
    clock.advance(12 * 3600)
    sessions.tick()
    found = await scrape(jp_fetch)
    ended = {name: value for name, value in found.items() if value and "ended" in name}
    assert ended == {
        "sessions_ended_total{bye}": 1,
        "sessions_ended_total{unheard}": 1,
        "sessions_ended_total{replaced}": 1,
        "sessions_ended_total{expired}": 1,
        "sessions_ended_total{evicted}": 1,
    }
    assert found["parks_total{bye}"] == 1
    assert found["parks_total{broken}"] == 2


async def test_parks_are_told_apart(
    connect: Connect, sessions: SessionServer, clock: Clock, jp_fetch: Fetch
) -> None:
    taken_over, welcome = await welcomed(connect)
    later = await connect(sid=taken_over.sid, epoch=welcome.epoch, received=0, serial=2)
    await later.welcome()
    clock.advance(45)
    sessions.tick()
    assert (await later.closed())[0] == 4408
    found = await scrape(jp_fetch)
    parks = {name: value for name, value in found.items() if value and "parks" in name}
    assert parks == {"parks_total{taken_over}": 1, "parks_total{silent}": 1}


async def test_too_large_a_message_and_the_end_of_the_server_are_told_apart(
    connect: Connect, sessions: SessionServer, jp_fetch: Fetch
) -> None:
    too_big, _ = await welcomed(connect)
    too_big.send("{" + " " * MESSAGE_LIMIT_BYTES)
    await until(lambda: not sessions.acceptor.sessions)
    await welcomed(connect)
    await sessions.stop()
    found = await scrape(jp_fetch)
    ended = {name: value for name, value in found.items() if value and "ended" in name}
    assert ended == {"sessions_ended_total{too_big}": 1, "sessions_ended_total{shutdown}": 1}


async def test_what_waits_in_write_buffers_is_added_up(
    connect: Connect, sessions: SessionServer, jp_fetch: Fetch
) -> None:
    for size_bytes in (1_000, 500):
        await welcomed(connect)
        list(sessions.sockets)[-1].unwritten_bytes += size_bytes
    assert (await scrape(jp_fetch))["unwritten_bytes"] == 1_500


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sid": "x"}, 4400),
        ({"epoch": "0123456789abcdef", "serial": 2}, 4404),
        ({"subprotocols": ["v0"]}, 4406),
    ],
)
async def test_refusals_are_counted_by_code(
    connect: Connect, jp_fetch: Fetch, query: dict[str, Any], code: int
) -> None:
    socket = await connect(**query)
    assert (await socket.closed())[0] == code
    found = await scrape(jp_fetch)
    refusals = {name: value for name, value in found.items() if value and "refusals" in name}
    assert refusals == {f"refusals_total{{{code}}}": 1}


async def test_no_label_names_a_user_a_page_or_an_address(
    connect: Connect, sessions: SessionServer, jp_fetch: Fetch
) -> None:
    for _ in range(3):
        socket, _ = await welcomed(connect)
        socket.open(1, "echo")
        await socket.units(1)
        socket.send("garbage")
        await socket.closed()
    found = await scrape(jp_fetch)
    assert {name for labels in found.labels.values() for name in labels} == {
        "cause",
        "code",
        "direction",
        "kind",
        "state",
    }
    assert all(re.search(r"\{([a-z_]+|[14]\d{3})\}", name) for name in found if "{" in name)
    assert len(found) < 50
    assert not sessions.acceptor.sessions
