"""What a server does with input that follows no rule (section B)."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.limits import MESSAGE_LIMIT_BYTES

from .raw_socket import until
from .wire import CLOSE, PING, TEXT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_ai_ws.services import ServerChannel, ServiceRegistry
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect, ConnectWire

    Fetch = Callable[..., Awaitable[Any]]

RS = "\x1e"
OPEN = f'0{RS}{{"type":"open","channel":1,"service":"echo","parameters":{{}}}}'


def control(**members: Any) -> str:
    return json.dumps(members)


def record(**members: Any) -> str:
    return f"0{RS}{json.dumps(members)}"


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        ("", "F3"),
        ("hello", "F3"),
        ("5", "F3"),
        (f"05{RS}a", "F3"),
        (f"1+{RS}", "F3"),
        (f"99999999999{RS}a", "F3"),
        (f"-1{RS}a", "F3"),
        (f"1{RS}{'a' * 16_385}", "F2"),
        (b"", "F3"),
        (b"\x01", "F3"),
        (b"\x01\x02a", "F3"),
        (b"\x81\x00\x00a", "F3"),
        (b"\xff\xff\xff\xff\xff\xff", "F3"),
        (b"\x00\x00a", "F4"),
        (b"\x01\x00" + bytes(16_385), "F2"),
        ("{", "F6"),
        ("{}", "F6"),
        ('{"type":"ping"}', "F6"),
        ('{"type":"dance","received":0}', "F6"),
        ('{"type":"ack","received":NaN}', "F6"),
        ('{"a":' * 9_000, "F6"),
        ('{"type":' + "[" * 60_000, "F6"),
        ("{" + " " * 65_000, "F6"),
        (control(type="welcome", resumed=True, instance="", received=0, serial=1, limits={}), "F1"),
        (f"1{RS}a", "Z3"),
        (record(type="close", channel=9, code=1000, reason=""), "Z3"),
        (record(type="credit", channel=9, taken=0), "Z3"),
        (record(type="accept", channel=9, parameters={}), "Z3"),
        (record(type="open", channel=0, service="echo", parameters={}), "F6"),
        (record(type="open", channel=1, service="", parameters={}), "Z4"),
        (record(type="open", channel=1, service="echo", parameters=[]), "F6"),
        (record(type="dance", channel=1), "F6"),
        (f"0+{RS}a", "Z1"),
        (f"0{RS}[]", "F6"),
    ],
)
async def test_malformed_frame_ends_its_session_only(
    connect: Connect, jp_fetch: Fetch, sessions: SessionServer, frame: str | bytes, rule: str
) -> None:
    other, bad = await connect(), await connect()
    await other.welcome()
    await bad.welcome()
    bad.send(frame)
    code, reason = await bad.closed()
    assert code == 4400
    assert reason is not None
    assert reason.startswith(f"{rule}: ")
    assert [held.sid for held in sessions.acceptor.sessions.values()] == [other.sid]
    assert (await other.pong(1)).received == 0
    assert (await jp_fetch("jupyter-ai-ws", "health")).code == 200


@pytest.mark.parametrize(
    "received",
    [3, 2**53 - 1, 2**53, 10**400, -1, 0.5, "1", True, None, [], {}],
)
async def test_impossible_acknowledgement_ends_the_session(
    connect: Connect, sessions: SessionServer, received: Any
) -> None:
    socket = await connect()
    await socket.welcome()
    socket.send(OPEN)
    await socket.units(1)
    socket.send(f"1{RS}a")
    await socket.units(1)
    socket.send(control(type="ack", received=received))
    assert (await socket.closed())[0] == 4400
    assert not sessions.acceptor.sessions


async def test_shrinking_acknowledgement_ends_the_session(connect: Connect) -> None:
    socket = await connect()
    await socket.welcome()
    socket.send(OPEN)
    await socket.units(1)
    socket.send(f"1{RS}a")
    await socket.units(1)
    socket.send(control(type="ack", received=2), control(type="ping", id=1, received=1))
    assert await socket.closed() == (4400, "A3: received 1, not 2 to 2")


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        (OPEN, "Z2"),
        (record(type="credit", channel=1, taken=1), "W5"),
        (record(type="refuse", channel=1, code=4403, reason=""), "Z"),
        (record(type="close", channel=1, code=5000, reason=""), "Z4"),
        (record(type="close", channel=1, code=1000, reason="x" * 124), "Z4"),
        (f"1+{RS}a{RS}", "C4"),
    ],
)
async def test_record_that_breaks_a_rule_of_its_channel_ends_the_session(
    connect: Connect, frame: str, rule: str
) -> None:
    socket = await connect()
    await socket.welcome()
    socket.send(OPEN)
    await socket.units(1)
    socket.send(frame, f"1{RS}a")
    code, reason = await socket.closed()
    assert code == 4400
    assert reason is not None
    assert reason.startswith(f"{rule}: ")


async def test_unit_before_accept_ends_the_session(
    connect: Connect, services: ServiceRegistry
) -> None:
    async def undecided(channel: ServerChannel) -> None:
        await channel.wait_closed()

    services.register("undecided", undecided)
    socket = await connect()
    await socket.welcome()
    socket.open(1, "undecided")
    socket.send(f"1{RS}too early")
    code, reason = await socket.closed()
    assert code == 4400
    assert reason == "Z5: unit before accept on channel 1"


async def test_message_over_256_kib_closes_with_1009_and_ends_the_session(
    connect_wire: ConnectWire, sessions: SessionServer
) -> None:
    wire = await connect_wire()
    await wire.receive()
    wire.send(TEXT, b"{" + b" " * MESSAGE_LIMIT_BYTES)
    assert [frame.close_code for frame in await wire.ended()] in ([1009], [])
    await until(lambda: not sessions.acceptor.sessions)


async def test_message_of_256_kib_is_read(connect: Connect) -> None:
    socket = await connect()
    await socket.welcome()
    head = '{"type":"ping","id":1,"received":0'
    socket.send(head + " " * (MESSAGE_LIMIT_BYTES - len(head) - 1) + "}")
    assert (await socket.pong(2)).id == 2


async def test_invalid_utf8_closes_the_socket_and_keeps_the_session(
    connect_wire: ConnectWire, sessions: SessionServer
) -> None:
    wire = await connect_wire()
    await wire.receive()
    wire.send(TEXT, b"\xff\xfe")
    assert await wire.ended() == []
    (held,) = sessions.acceptor.sessions.values()
    await until(lambda: held.socket is None)


async def test_reserved_opcode_closes_the_socket(connect_wire: ConnectWire) -> None:
    wire = await connect_wire()
    await wire.receive()
    wire.send(3, b"")
    assert await wire.ended() == []


async def test_close_with_any_code_parks_the_session(
    connect_wire: ConnectWire, sessions: SessionServer
) -> None:
    wire = await connect_wire()
    await wire.receive()
    wire.send(CLOSE, struct.pack(">H", 4999))
    assert [frame.close_code for frame in await wire.ended()] == [4999]
    (held,) = sessions.acceptor.sessions.values()
    await until(lambda: held.socket is None)


async def test_frame_that_never_ends_parks_nothing_until_the_socket_goes(
    connect_wire: ConnectWire, sessions: SessionServer
) -> None:
    wire = await connect_wire()
    await wire.receive()
    wire.send_head(TEXT, 60_000)
    wire.close()
    wire = await connect_wire()
    await wire.receive()
    wire.send(PING, b"still here")
    assert (await wire.receive()).payload == b"still here"


async def test_lone_surrogates_in_json_become_replacement_characters(connect: Connect) -> None:
    socket = await connect()
    await socket.welcome()
    parameters = '{"records":0,"x":"\\ud800"}'
    socket.send(
        f'0{RS}{{"type":"open","channel":1,"service":"self-test","parameters":{parameters}}}'
    )
    assert await socket.units(1)


async def test_request_that_cannot_be_judged_is_closed_with_1011(
    connect: Connect, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(sessions.acceptor, "request", fail)
    socket = await connect()
    assert await socket.closed() == (1011, "internal error")
    await until(lambda: not sessions.sockets)


async def test_unexpected_error_ends_the_session_instead_of_being_replayed(
    connect: Connect, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await connect()
    await socket.welcome()

    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(sessions.acceptor, "receive", fail)
    socket.send('{"type":"ping","id":1,"received":0}')
    assert await socket.closed() == (4400, "internal error")
    assert not sessions.acceptor.sessions
