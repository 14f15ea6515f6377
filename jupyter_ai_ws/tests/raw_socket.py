"""A page that does what a test tells it, frame by frame."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import TYPE_CHECKING, Any

from tornado.iostream import IOStream

from jupyter_ai_ws.protocol.frames import Ack, Ping, Pong, Welcome, decode, encode_control

if TYPE_CHECKING:
    from collections.abc import Callable

    from tornado.websocket import WebSocketClientConnection

    from jupyter_ai_ws.protocol.frames import Control
    from jupyter_ai_ws.protocol.units import Unit
    from jupyter_ai_ws.sessions import HeldSession, SessionServer

    from .conftest import Connect


class Clock:
    """A clock in milliseconds that only moves when told to."""

    now_ms = 1_000_000.0

    def __call__(self) -> float:
        return self.now_ms

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.now_ms += seconds * 1000


class RawSocket:
    """One socket of a page."""

    def __init__(self, connection: WebSocketClientConnection, sid: str) -> None:
        self.connection = connection
        self.sid = sid

    async def welcome(self) -> Welcome:
        """Return the first frame, which has to be a welcome."""
        frame = await self.receive()
        assert isinstance(frame, Welcome)
        return frame

    def send(self, *frames: Control | str | bytes) -> None:
        """Send frames without waiting."""
        for frame in frames:
            message = frame if isinstance(frame, str | bytes) else encode_control(frame)
            self.connection.write_message(message, binary=isinstance(message, bytes))

    def open(self, channel: int, service: str, **parameters: Any) -> None:
        """Open a channel."""
        record = {"channel": channel, "service": service, "parameters": parameters}
        self.send("0\x1e" + json.dumps({"type": "open", **record}))

    async def receive(self) -> Control | list[Unit]:
        """Return the next frame."""
        message = await self.connection.read_message()
        assert message is not None, f"closed with {self.connection.close_code}"
        return decode(message)

    async def units(self, count: int) -> list[str | bytes]:
        """Return the payloads of the next units; other frames between them are passed over."""
        payloads: list[str | bytes] = []
        while len(payloads) < count:
            frame = await self.receive()
            if isinstance(frame, list):
                payloads.extend(unit.payload for unit in frame)
        assert len(payloads) == count
        return payloads

    async def pong(self, ping_id: int, received: int = 0) -> Pong:
        """Send a ping and return its answer; other frames before it are passed over."""
        self.send(Ping(ping_id, received))
        while True:
            frame = await self.receive()
            if isinstance(frame, Pong) and frame.id == ping_id:
                return frame

    async def acknowledged(self) -> int:
        """Return the cursor of the next ack; other frames before it are passed over."""
        while not isinstance(frame := await self.receive(), Ack):
            pass
        return frame.received

    async def closed(self) -> tuple[int | None, str | None]:
        """Wait for the end and return its code and reason."""
        while await self.connection.read_message() is not None:
            pass
        return self.connection.close_code, self.connection.close_reason

    def abort(self) -> None:
        """Break the line: the server gets a reset."""
        abort(self.connection)

    def close(self) -> None:
        """Close; a client that was not closed fails a later test with a warning."""
        self.connection.close()


def abort(connection: WebSocketClientConnection) -> None:
    """Reset a connection."""
    stream = connection.protocol and connection.protocol.stream
    if isinstance(stream, IOStream) and not stream.closed():
        linger = struct.pack("ii", 1, 0)
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        stream.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that only the event loop brings about and that tells nobody."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


def only(sessions: SessionServer) -> HeldSession:
    """Return the one session there is."""
    (held,) = sessions.acceptor.sessions.values()
    return held


async def welcomed(connect: Connect, *, heard: bool = True) -> tuple[RawSocket, Welcome]:
    """Open a session whose page was heard, or not."""
    socket = await connect()
    welcome = await socket.welcome()
    if heard:
        await socket.pong(1)
    return socket, welcome
