"""What a server keeps, for how long, and what it gives up (rules A2, L6, P, M)."""

from __future__ import annotations

import asyncio
import socket as sockets
from math import inf
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws import sessions as sessions_module
from jupyter_ai_ws.handlers import WsHandler
from jupyter_ai_ws.protocol.frames import Bye, Ping, Welcome, decode
from jupyter_ai_ws.protocol.server_end import ServerSession

from .guard.turns import turns
from .raw_socket import RawSocket, only, until, welcomed
from .wire import CLOSE, PING, PONG, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ai_ws.app import AiWsApp
    from jupyter_ai_ws.services import ServerChannel, ServiceRegistry
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect, ConnectWire
    from .raw_socket import Clock

RS = "\x1e"


async def parked(connect: Connect, sessions: SessionServer, *, heard: bool = True) -> RawSocket:
    """Open a session and break its line."""
    socket, _ = await welcomed(connect, heard=heard)
    socket.abort()
    await until(lambda: only(sessions).socket is None)
    return socket


@pytest.mark.parametrize(("heard", "ttl_s"), [(True, 12 * 3600), (False, 30)])
async def test_parked_session_ends_after_its_time(
    connect: Connect, sessions: SessionServer, clock: Clock, heard: bool, ttl_s: float
) -> None:
    await parked(connect, sessions, heard=heard)
    clock.advance(ttl_s - 1)
    sessions.tick()
    assert len(sessions.acceptor.sessions) == 1
    clock.advance(1)
    sessions.tick()
    assert not sessions.acceptor.sessions


async def test_session_that_came_back_does_not_end(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    socket = await parked(connect, sessions)
    again = await connect(sid=socket.sid, epoch=only(sessions).epoch, serial=2)
    assert (await again.welcome()).resumed
    clock.advance(40)
    await again.pong(1)
    clock.advance(40)
    sessions.tick()
    assert only(sessions).socket is not None


async def test_bye_ends_the_session_ten_seconds_later(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    socket, _ = await welcomed(connect)
    socket.send(Bye())
    assert (await socket.closed())[0] == 1000
    clock.advance(9)
    sessions.tick()
    assert sessions.acceptor.sessions
    clock.advance(1)
    sessions.tick()
    assert not sessions.acceptor.sessions


async def test_higher_serial_revokes_a_bye(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    socket, welcome = await welcomed(connect)
    socket.send(Bye())
    await socket.closed()
    again = await connect(sid=socket.sid, epoch=welcome.epoch, serial=2)
    assert (await again.welcome()).resumed
    clock.advance(11)
    sessions.tick()
    assert sessions.acceptor.sessions


async def test_silent_socket_is_closed_with_4408_and_its_session_parked(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    socket, _ = await welcomed(connect)
    clock.advance(44)
    sessions.tick()
    await socket.pong(2)
    clock.advance(45)
    sessions.tick()
    assert only(sessions).socket is None
    assert await socket.closed() == (4408, "nothing came for 45 s")


@pytest.mark.parametrize("opcode", [PING, PONG])
async def test_ping_or_pong_of_the_websocket_layer_is_no_silence(
    connect_wire: ConnectWire, sessions: SessionServer, clock: Clock, opcode: int
) -> None:
    wire = await connect_wire()
    await wire.receive()
    clock.advance(40)
    wire.send(opcode, b"")
    await until(lambda: only(sessions).last_byte_ms == clock.now_ms)
    clock.advance(40)
    sessions.tick()
    assert only(sessions).socket is not None


async def test_ticking_goes_on_only_while_there_are_sessions(
    connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    sessions.ticker.interval_s = 0.001
    assert not sessions.ticker.running
    socket, _ = await welcomed(connect)
    await until(lambda: sessions.ticker.running)
    socket.send(Bye())
    await socket.closed()
    clock.advance(10)
    await until(lambda: not sessions.acceptor.sessions)
    await until(lambda: not sessions.ticker.running)


async def test_unit_is_acknowledged_in_time_without_another_frame(connect: Connect) -> None:
    socket, _ = await welcomed(connect)
    socket.open(1, "echo")
    before_s = asyncio.get_running_loop().time()
    assert await socket.acknowledged() == 1
    # Long before the first ping of the server, whatever else the machine does.
    assert 0.1 < asyncio.get_running_loop().time() - before_s < 10


@pytest.fixture
def slow_flushes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what makes every flush wait for an hour that may be paced."""

    def slow_flushes() -> None:
        monkeypatch.setattr("jupyter_ai_ws.flusher.HOT_S", inf)
        monkeypatch.setattr("jupyter_ai_ws.flusher.PACE_S", 3600)

    return slow_flushes


async def test_large_message_is_acknowledged_without_a_pause(
    connect: Connect, slow_flushes: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_ai_ws.protocol.log.ACK_DELAY_MS", inf)
    socket, _ = await welcomed(connect)
    socket.open(1, "echo")
    await socket.units(1)
    slow_flushes()
    socket.send(b"\1\1" + bytes(16 * 1024))
    assert await socket.acknowledged() == 2


async def test_session_is_not_ticked_again_while_its_flush_waits(
    connect: Connect,
    sessions: SessionServer,
    slow_flushes: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    socket, _ = await welcomed(connect)
    slow_flushes()
    ticks: list[float] = []
    tick = ServerSession.tick

    def note(self: ServerSession, now_ms: float) -> None:
        ticks.append(now_ms)
        tick(self, now_ms)

    monkeypatch.setattr(ServerSession, "tick", note)
    socket.open(1, "echo")
    await until(lambda: ticks)
    await turns()
    assert len(ticks) == 1


async def test_ping_is_answered_while_a_service_is_busy(
    connect: Connect, services: ServiceRegistry
) -> None:
    began = asyncio.Event()

    async def busy(channel: ServerChannel) -> None:
        await channel.accept()
        began.set()
        await asyncio.Event().wait()

    services.register("busy", busy)
    socket, _ = await welcomed(connect)
    socket.open(1, "busy")
    await began.wait()
    socket.send(f"1{RS}x")
    assert (await socket.pong(2)).received == 2


async def test_pings_of_the_server_come_in_seconds_and_ask_for_no_pong(
    connect_wire: ConnectWire, sessions: SessionServer
) -> None:
    sessions.ping_interval_s = 0.02
    wire = await connect_wire()
    assert (await wire.receive()).opcode == TEXT
    for _ in range(10):
        assert (await wire.receive()).opcode == PING


async def test_socket_that_does_not_read_is_parked(
    connect_wire: ConnectWire,
    sessions: SessionServer,
    http_server_port: tuple[sockets.socket, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions_module, "UNWRITTEN_LIMIT_BYTES", 32 * 1024)
    http_server_port[0].setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 2048)
    wire = await connect_wire(receive_buffer_bytes=2048)
    await wire.receive()
    parameters = '{"records":1000,"payload_bytes":1000}'
    record = f'{{"type":"open","channel":1,"service":"self-test","parameters":{parameters}}}'
    wire.send(TEXT, f"0{RS}{record}".encode())
    await until(lambda: only(sessions).socket is None)
    while (frame := await wire.receive()).opcode != CLOSE:
        pass
    assert frame.close_code == 4408


async def test_stop_closes_every_socket_with_1001_and_leaves_nothing(
    connect: Connect,
    connect_wire: ConnectWire,
    app: AiWsApp,
    sessions: SessionServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions_module, "CLOSE_TIMEOUT_S", 0.05)
    answering = [await connect() for _ in range(3)]
    answering[0].open(1, "self-test", records=100_000)
    deaf = await connect_wire()
    assert isinstance(decode((await deaf.receive()).payload.decode()), Welcome)
    before = asyncio.all_tasks()
    closes = [asyncio.create_task(socket.closed()) for socket in answering]
    deaf_close = asyncio.create_task(deaf.receive())
    await app.stop_extension()
    codes = [(await close)[0] for close in closes]
    assert codes == [1001, 1001, 1001]
    assert (await deaf_close).close_code == 1001
    assert not sessions.sockets
    assert not sessions.acceptor.sessions
    assert not sessions.runner.running
    assert not sessions.ticker.running
    assert asyncio.all_tasks() <= before
    assert await deaf.ended() == []


async def test_after_stop_no_page_is_let_in(connect: Connect, app: AiWsApp) -> None:
    await app.stop_extension()
    socket = await connect()
    assert (await socket.closed())[0] == 1001


@pytest.mark.parametrize("place", ["flush", "write_frames"])
async def test_session_that_cannot_be_written_ends_alone(
    connect: Connect, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    bad, _ = await welcomed(connect)
    held = only(sessions)
    good, _ = await welcomed(connect)

    def fail(*_: object) -> list[str | bytes]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(held.session if place == "flush" else held.socket, place, fail)
    for socket in (bad, good):
        socket.send(Ping(2, 0))
    assert await bad.closed() == (4400, "internal error")
    await good.pong(3)


@pytest.mark.parametrize("place", ["flush", "write_frames"])
async def test_session_whose_welcome_cannot_be_written_is_not_left_with_a_dead_socket(
    connect: Connect, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(ServerSession if place == "flush" else WsHandler, place, fail)
        assert await (await connect()).closed() == (4400, "internal error")
    assert not sessions.acceptor.sessions
    assert (await (await connect()).welcome()).epoch


async def test_socket_that_cannot_be_closed_keeps_no_other_session_from_ending(
    connect: Connect, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [await welcomed(connect) for _ in range(3)]
    acceptor = sessions.acceptor
    first = next(iter(acceptor.sessions.values()))

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(first.socket, "close", fail)
    acceptor.account(acceptor.options.memory_budget_bytes + 1)
    assert (await opened[0][0].closed())[0] is None
    for socket, _ in opened[1:]:
        assert (await socket.closed())[0] == 4410
    acceptor.account(-acceptor.options.memory_budget_bytes - 1)
    assert not acceptor.memory_bytes


async def test_headers_of_a_page_count_once_as_long_as_its_session_lives(
    connect: Connect, sessions: SessionServer
) -> None:
    acceptor = sessions.acceptor
    socket = await connect(headers={"Cookie": "a=" + "x" * 50_000})
    welcome = await socket.welcome()
    (held,) = acceptor.sessions.values()
    assert 50_000 < acceptor.memory_bytes < 52_000
    assert not held.session.memory_bytes  # it is still one of those that end last
    query = {"sid": socket.sid, "epoch": welcome.epoch, "serial": 2}
    for size in (40_000, 30_000):
        await (await connect(headers={"Cookie": "a=" + "x" * size}, **query)).welcome()
        assert size < acceptor.memory_bytes < size + 2_000
        query["serial"] = 3
    acceptor.end(held, "test", 4400)
    assert not acceptor.memory_bytes


async def test_open_socket_keeps_no_headers_of_its_request(
    connect: Connect, sessions: SessionServer
) -> None:
    cookies = "; ".join(f"c{number}=" for number in range(999))
    await (await connect(headers={"Cookie": cookies})).welcome()
    (handler,) = sessions.sockets
    assert isinstance(handler, WsHandler)
    assert not list(handler.request.headers)
    assert not handler.request.cookies


async def test_many_pings_of_one_turn_are_answered_once(connect: Connect) -> None:
    socket, _ = await welcomed(connect)
    socket.send(*(Ping(ping_id, 0) for ping_id in range(2, 50)))
    assert (await socket.pong(50)).id == 50
