"""A TCP connection to the server, for bytes that no proper client would send."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from jupyter_ai_ws.protocol.frames import Welcome, decode
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from ..wire import CLOSE, Wire, frame_head, upgrade_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

WS_PATH = "/jupyter-ai-ws/ws"
HEALTH_PATH = "/jupyter-ai-ws/health"
LOGIN_PATH = "/jupyter-ai-ws/login"
FACTS_PATH = "/jupyter-ai-ws/doctor/facts"
SILENCE_PATH = "/jupyter-ai-ws/doctor/silence"
ENDPOINTS = (WS_PATH, HEALTH_PATH, LOGIN_PATH, FACTS_PATH, SILENCE_PATH)


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.wire = Wire(reader, writer)

    @classmethod
    async def open(cls, port: int, *, receive_buffer_bytes: int | None = None) -> Line:
        client = socket.socket()
        if receive_buffer_bytes is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
        return cls(*await asyncio.open_connection(sock=client, limit=256 * 1024))

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def flood(self, data: bytes) -> None:
        """Send as fast as the server takes it; `ConnectionError` when it takes no more."""
        self.writer.write(data)
        await self.writer.drain()

    async def response(self) -> Response:
        """Read one response."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Response(int(first.split()[1]), headers, body)

    async def ended(self) -> bytes:
        """Read until the server has closed the connection."""
        data = b""
        try:
            while chunk := await self.reader.read(65_536):
                data += chunk
        except ConnectionError:
            pass
        return data

    async def closed(self) -> int | None:
        """Read frames until the server closes; return its code."""
        try:
            while (received := await self.wire.receive()).opcode != CLOSE:
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return received.close_code if received.payload else None

    def close(self) -> None:
        self.writer.transport.abort()

    async def cut(self) -> None:
        """Abort and wait until nothing is left of it."""
        self.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


def upgrade(
    port: int, headers: Mapping[str, str] | None = None, target: str | None = None
) -> bytes:
    """Return the bytes of an upgrade request.

    Args:
        port: Of the server.
        headers: More headers, or others; an empty value leaves one out.
        target: What is asked for; unless given, a new session.
    """
    if target is None:
        target = f"{WS_PATH}?{new_query()}"
    given = {
        "Host": f"127.0.0.1:{port}",
        **upgrade_headers(),
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
        **(headers or {}),
    }
    return request("GET", target, given)


def request(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def new_query(**query: str | int | None) -> str:
    """Return the query of an upgrade request for a new session, with changes."""
    given = {"sid": secrets.token_hex(16), "received": 0, "serial": 1, **query}
    return urlencode({name: value for name, value in given.items() if value is not None})


def frame(first: int, payload: bytes = b"", *, mask: bool = True, size: int | None = None) -> bytes:
    """Return the bytes of a WebSocket frame.

    Args:
        first: FIN, reserved bits and opcode.
        payload: What it carries.
        mask: Whether it says that it is masked; the mask is zero.
        size: The length it declares, in 8 bytes; unless given the true one, in as few as needed.
    """
    if size is None:
        return frame_head(first, len(payload), mask=mask) + payload
    bit, key = (0x80, bytes(4)) if mask else (0, b"")
    return struct.pack(">BBQ", first, bit | 127, size) + key + payload


async def upgraded(line: Line) -> Welcome:
    """Read the answer to an upgrade request and the welcome behind it."""
    response = await line.response()
    assert response.status == 101
    welcome = decode((await line.wire.receive()).payload.decode())
    assert isinstance(welcome, Welcome)
    return welcome
