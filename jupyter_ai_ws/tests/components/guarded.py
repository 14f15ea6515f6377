"""A browser's ways to a server, and what it does with a guarded socket there."""

from __future__ import annotations

import json
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tornado.httpclient import HTTPRequest
from tornado.netutil import Resolver
from tornado.websocket import websocket_connect

from jupyter_ai_ws.tests.guard.stranger import PATH
from jupyter_ai_ws.tests.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from tornado.websocket import WebSocketClientConnection

STRANGER = "jupyter_ai_ws.tests.guard.stranger"
GUARDED_PATHS = f"--AiWsApp.guarded_paths={ {PATH: 'Stranger'} }"


class Way:
    """How WebSockets of a page reach a server."""

    def __init__(
        self,
        address: str,
        *,
        certificate: Path | None = None,
        unix_socket: Path | None = None,
        **headers: str,
    ) -> None:
        """Take a way.

        Args:
            address: Of the server, with its base path.
            certificate: What the server's is checked against.
            unix_socket: Where the server listens, if not at the address.
            headers: What authenticates.
        """
        self._address = address.rstrip("/")
        self._tls = ssl.create_default_context(cafile=certificate) if certificate else None
        self._resolver = _Unix(path=str(unix_socket)) if unix_socket else None
        parts = urlsplit(address)
        self.path = f"{parts.path.rstrip('/')}/{PATH}"
        self._headers = {
            "Origin": f"{parts.scheme}://{parts.netloc}",
            "Sec-Fetch-Mode": "websocket",
            "Sec-Fetch-Site": "same-origin",
            **headers,
        }

    async def fetch(
        self,
        *parts: str,
        params: dict[str, Any] | None = None,
        subprotocols: list[str] | None = None,
    ) -> WebSocketClientConnection:
        """Open a WebSocket."""
        url = f"ws{self._address.removeprefix('http')}/{'/'.join(parts)}?{urlencode(params or {})}"
        request = HTTPRequest(url, headers=dict(self._headers), ssl_options=self._tls)
        return await websocket_connect(request, subprotocols=subprotocols, resolver=self._resolver)


class _Unix(Resolver):
    def initialize(self, path: str) -> None:
        self._path = path

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        return [(socket.AF_UNIX, self._path)]


async def told_natively(way: Way) -> dict[str, Any]:
    """Ask the handler of a stranger whom it sees, through a socket of its own."""
    connection = await way.fetch(PATH)
    await connection.write_message('{"do": "tell"}')
    message = await connection.read_message()
    connection.close()
    assert message is not None
    told: dict[str, Any] = json.loads(message)
    return told


async def told_through_the_guard(way: Way) -> dict[str, Any]:
    """Ask the same through the guard, and see a stream survive a cut."""
    page = Page(way.fetch)
    page.impatient = True
    await page.connect()
    channel = page.open("guard", path=way.path)
    await channel.send('{"do": "tell"}')
    told: dict[str, Any] = json.loads((await channel.receive(1))[0])
    await channel.send('{"do": "emit", "count": 500}')
    records = await channel.receive(100)
    page.cut()
    records += await channel.receive(400)
    assert [int(str(record).rstrip("x")) for record in records] == list(range(500))
    await page.dispose()
    return told
