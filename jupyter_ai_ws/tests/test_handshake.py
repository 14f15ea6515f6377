"""What a server answers to upgrade requests (rules H, V)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.frames import Ack, Welcome, decode
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from .raw_socket import RawSocket, until
from .wire import CLOSE, TEXT

if TYPE_CHECKING:
    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect, ConnectWire

SID = "0123456789abcdef" * 2
EPOCH = "0123456789abcdef"


async def echoed(connect: Connect, *records: str) -> tuple[RawSocket, Welcome]:
    """Open a session with an echo channel that has sent back some records."""
    socket = await connect()
    welcome = await socket.welcome()
    socket.open(1, "echo")
    assert await socket.units(1) == [accept(1)]
    socket.send("\x1e".join(("1", *records)))
    assert await socket.units(len(records)) == list(records)
    return socket, welcome


def accept(channel: int) -> str:
    return f'{{"type":"accept","channel":{channel},"parameters":{{}}}}'


async def test_welcome_names_epoch_instance_cursor_serial_and_limits(
    connect: Connect, sessions: SessionServer
) -> None:
    socket = await connect(serial=7)
    welcome = await socket.welcome()
    assert welcome.epoch is not None
    assert len(welcome.epoch) == 16
    assert welcome == Welcome(
        resumed=False,
        epoch=welcome.epoch,
        instance=sessions.instance,
        received=0,
        serial=7,
        limits={"max_channels": 256, "session_ttl_s": 43_200},
    )


async def test_resume_after_a_reset_replays_what_was_not_received(connect: Connect) -> None:
    socket, welcome = await echoed(connect, "a", "b", "c")
    socket.abort()
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=2, serial=2)
    answer = await again.welcome()
    assert (answer.resumed, answer.epoch, answer.serial) == (True, welcome.epoch, 2)
    assert answer.received == 4  # open, a, b, c
    assert await again.units(2) == ["b", "c"]
    again.send("1\x1ed")
    assert await again.units(1) == ["d"]


async def test_what_a_service_sends_while_the_page_is_away_waits(
    connect: Connect, sessions: SessionServer
) -> None:
    socket = await connect()
    welcome = await socket.welcome()
    socket.open(1, "self-test", records=300, payload_bytes=1)
    assert await socket.units(1)
    socket.abort()
    await until(lambda: not any(held.socket for held in sessions.acceptor.sessions.values()))
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=1, serial=2)
    await again.welcome()
    assert len(await again.units(300)) == 300


async def test_higher_serial_takes_over_while_the_old_socket_is_open(connect: Connect) -> None:
    old, welcome = await echoed(connect, "a")
    new = await connect(sid=old.sid, epoch=welcome.epoch, received=2, serial=2)
    assert (await new.welcome()).resumed
    code, reason = await old.closed()
    assert (code, reason) == (4409, "a later socket took over")
    new.send("1\x1eb")
    assert await new.units(1) == ["b"]


async def test_frames_of_a_socket_that_was_taken_over_are_dropped(
    connect: Connect, connect_wire: ConnectWire
) -> None:
    old = await connect_wire(sid=SID)
    welcome = decode((await old.receive()).payload.decode())
    assert isinstance(welcome, Welcome)
    new = await connect(sid=SID, epoch=welcome.epoch, serial=2)
    await new.welcome()
    assert (await old.receive()).close_code == 4409
    old.send(TEXT, b"garbage that would end the session")
    old.send(CLOSE, b"")
    await old.ended()
    assert (await new.pong(1)).received == 0


@pytest.mark.parametrize("serial", [4, 5])
async def test_serial_not_above_the_last_is_stale(connect: Connect, serial: int) -> None:
    first = await connect(serial=5)
    welcome = await first.welcome()
    late = await connect(sid=first.sid, epoch=welcome.epoch, serial=serial)
    assert await late.closed() == (4409, "a later request came first")
    assert (await first.pong(1)).received == 0


@pytest.mark.parametrize("known_sid", [True, False])
async def test_unknown_epoch_is_told_and_nothing_is_made(
    connect: Connect, sessions: SessionServer, known_sid: bool
) -> None:
    first = await connect()
    await first.welcome()
    sid = first.sid if known_sid else SID
    late = await connect(sid=sid, epoch=EPOCH, received=3, serial=2)
    assert await late.welcome() == Welcome(False, None, sessions.instance, 0, 2, {})
    assert (await late.closed())[0] == 4404
    assert len(sessions.acceptor.sessions) == 1
    assert (await first.pong(1)).received == 0


@pytest.mark.parametrize("received", [0, 5])
async def test_received_outside_the_log_ends_the_session(
    connect: Connect, sessions: SessionServer, received: int
) -> None:
    socket, welcome = await echoed(connect, "a", "b")
    socket.send(Ack(2))
    socket.send("1\x1ec")
    assert await socket.units(1) == ["c"]
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=received, serial=2)
    code, reason = await again.closed()
    assert code == 4400
    assert reason == f"H4: received {received} is outside 2 to 4"
    assert not sessions.acceptor.sessions
    assert (await socket.closed())[0] == 4400


async def test_new_request_for_a_sid_in_use_leaves_it_alone(connect: Connect) -> None:
    first = await connect()
    await first.welcome()
    await first.pong(1)
    second = await connect(sid=first.sid, serial=2)
    assert await second.closed() == (4409, "the session id is in use")
    await first.pong(2)


async def test_repeated_new_request_replaces_a_session_never_heard(
    connect: Connect, sessions: SessionServer
) -> None:
    first = await connect()
    before = await first.welcome()
    second = await connect(sid=first.sid, serial=2)
    after = await second.welcome()
    assert not after.resumed
    assert after.epoch not in (None, before.epoch)
    assert (await first.closed())[0] == 4409
    assert len(sessions.acceptor.sessions) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"sid": None},
        {"sid": ""},
        {"sid": "x" * 32},
        {"sid": SID.upper()},
        {"sid": SID + "0"},
        {"serial": None},
        {"serial": "0"},
        {"serial": "-1"},
        {"serial": "1.0"},
        {"serial": "01"},
        {"serial": "९"},
        {"serial": str(2**53)},
        {"received": None},
        {"received": "1"},
        {"received": "nan", "epoch": EPOCH},
        {"epoch": ""},
        {"epoch": "g" * 16},
        {"epoch": EPOCH[1:]},
        {"sid": [SID, SID]},
    ],
)
async def test_malformed_query_is_refused_and_nothing_is_made(
    connect: Connect, sessions: SessionServer, query: dict[str, Any]
) -> None:
    socket = await connect(**query)
    code, reason = await socket.closed()
    assert code == 4400
    assert reason is not None
    assert reason.startswith("H1: ")
    assert not sessions.acceptor.sessions


@pytest.mark.parametrize("offered", [[], ["v0.jupyter-ai-ws", "chat"]])
async def test_page_without_a_common_version_is_told_so(
    connect: Connect, sessions: SessionServer, offered: list[str]
) -> None:
    socket = await connect(subprotocols=offered, sid="malformed too")
    assert not socket.connection.selected_subprotocol
    assert await socket.closed() == (4406, "V1: this server speaks v1.jupyter-ai-ws")
    assert not sessions.acceptor.sessions


async def test_newer_page_gets_the_version_the_server_speaks(connect: Connect) -> None:
    socket = await connect(subprotocols=["v9.jupyter-ai-ws", SUBPROTOCOL])
    assert socket.connection.selected_subprotocol == SUBPROTOCOL
    assert (await socket.welcome()).epoch


async def test_sids_of_two_pages_are_two_sessions(connect: Connect) -> None:
    one, _ = await echoed(connect, "one")
    two, _ = await echoed(connect, "two")
    one.abort()
    two.send("1\x1estill here")
    assert await two.units(1) == ["still here"]
