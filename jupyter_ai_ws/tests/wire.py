"""A WebSocket by hand, for what no proper client would do."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def upgrade_headers() -> dict[str, str]:
    """Return what makes a request one for a WebSocket, with a new key."""
    return {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }


def frame_head(first: int, size: int, *, mask: bool = True) -> bytes:
    """Return what comes before the payload of a frame, in as few bytes as needed.

    Args:
        first: FIN, reserved bits and opcode.
        size: Of the payload.
        mask: Whether it says that it is masked; the mask is zero.
    """
    bit = 0x80 if mask else 0
    key = bytes(4) if mask else b""
    if size < 126:
        return struct.pack(">BB", first, bit | size) + key
    if size < 1 << 16:
        return struct.pack(">BBH", first, bit | 126, size) + key
    return struct.pack(">BBQ", first, bit | 127, size) + key


class WireFrame(NamedTuple):
    """One frame of the server."""

    opcode: int
    payload: bytes

    @property
    def close_code(self) -> int:
        assert self.opcode == CLOSE
        return int(struct.unpack(">H", self.payload[:2])[0])


class Wire:
    """One connection that does nothing by itself: no pong, no answer to a close."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.headers: dict[str, str] = {}

    @classmethod
    async def connect(
        cls,
        url_path: str,
        port: int,
        headers: Mapping[str, str],
        *,
        receive_buffer_bytes: int | None = None,
        **query: str | int,
    ) -> Wire:
        """Connect and upgrade."""
        client = socket.socket()
        if receive_buffer_bytes is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
        # A small limit: what is not read stays in the kernel.
        wire = cls(*await asyncio.open_connection(sock=client, limit=1024))
        given = {
            "Host": f"127.0.0.1:{port}",
            **upgrade_headers(),
            "Sec-WebSocket-Protocol": SUBPROTOCOL,
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        wire._writer.write(f"GET {url_path}?{urlencode(query)} HTTP/1.1\r\n{head}\r\n".encode())
        status, *lines = (await wire._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        assert " 101 " in status, status
        wire.headers = dict(line.lower().split(": ", 1) for line in lines if line)
        return wire

    def send(self, opcode: int, payload: bytes) -> None:
        """Send one frame, masked with zeros."""
        self.send_head(opcode, len(payload))
        self._writer.write(payload)

    def send_head(self, opcode: int, size: int) -> None:
        """Send what comes before the payload of a frame."""
        self._writer.write(frame_head(0x80 | opcode, size))

    async def receive(self) -> WireFrame:
        """Return the next frame, control frames included."""
        first, size = await self._reader.readexactly(2)
        assert first & 0x80
        if size >= 126:
            form = ">H" if size == 126 else ">Q"
            data = await self._reader.readexactly(struct.calcsize(form))
            size = struct.unpack(form, data)[0]
        return WireFrame(first & 0x0F, await self._reader.readexactly(size))

    async def ended(self) -> list[WireFrame]:
        """Return what comes until the connection is gone."""
        frames = []
        try:
            while True:
                frames.append(await self.receive())
        except (asyncio.IncompleteReadError, ConnectionError):
            return frames

    def close(self) -> None:
        """Abort."""
        self._writer.transport.abort()
