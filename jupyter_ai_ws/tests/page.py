"""A page that connects, comes back by itself, and streams."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyter_ai_ws.doctor.connection import ClientConnection
from jupyter_ai_ws.protocol.channel import Channel, ChannelListener, Final
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from .raw_socket import abort

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tornado.websocket import WebSocketClientConnection

    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.retry import ProbeAnswer
    from jupyter_ai_ws.protocol.status import Status


class PageChannel(ChannelListener):
    """A channel as a page sees it."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._changed = asyncio.Event()
        channel.listener = self

    def accepted(self, channel: Channel) -> None:
        self._changed.set()

    def readable(self, channel: Channel) -> None:
        self._changed.set()

    def writable(self, channel: Channel) -> None:
        self._changed.set()

    async def answer(self) -> dict[str, Any]:
        """Wait for `accept` and return its parameters."""
        while self.channel.answer is None:
            assert self.channel.final is None, self.channel.final
            await self._change()
        return self.channel.answer

    async def send(self, record: str | bytes) -> None:
        """Send a record, waiting while the queue is full."""
        while self.channel.state in ("opening", "open") and not self.channel.writable:
            await self._change()
        self.channel.send(record)

    async def receive(self, count: int) -> list[str | bytes]:
        """Return the next records."""
        records: list[str | bytes] = []
        while len(records) < count:
            record = self.channel.take()
            if record is not None:
                records.append(record)
                continue
            assert self.channel.final is None, self.channel.final
            await self._change()
        return records

    async def rest(self) -> Final:
        """Drop every record that still comes and wait for the end."""
        while self.channel.final is None:
            if self.channel.take() is None and self.channel.final is None:
                await self._change()
        return self.channel.final

    async def final(self) -> Final:
        """Wait for the end."""
        while self.channel.final is None:
            await self._change()
        return self.channel.final

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class _Way:
    """The way to a server that a test's `fetch` knows; the probe finds it there, always."""

    def __init__(self, fetch: Callable[..., Awaitable[WebSocketClientConnection]]) -> None:
        self.fetch = fetch

    async def connect(self, path: str, query: str) -> WebSocketClientConnection:
        params = dict(part.split("=") for part in query.split("&"))
        return await self.fetch(*path.split("/"), params=params, subprotocols=[SUBPROTOCOL])

    async def probe(self) -> ProbeAnswer:
        return "ok"

    async def say_bye(self, request: ResumeRequest) -> None:
        pass  # a test that wants it posts it itself


class Page(ClientConnection):
    """The client of the doctor, which notes what it goes through and cuts its own line."""

    def __init__(self, fetch: Callable[..., Awaitable[WebSocketClientConnection]]) -> None:
        self.way = _Way(fetch)
        super().__init__(self.way)
        self.impatient = False
        """Whether to come back after 5 ms after each cut, without backing off (R7)."""
        self.statuses: list[Status] = []
        self.errors: list[Exception] = []

    def open(  # type: ignore[override]  # its calls fail the test where the doctor's raise
        self, service: str, **parameters: Any
    ) -> PageChannel:
        return PageChannel(self.core.open(service, parameters))

    def cut(self) -> None:
        """Reset every connection there is."""
        for connection in self._sockets.values():
            if connection is not None:
                abort(connection)

    def hurry(self) -> None:
        """Come back now if waiting."""
        if self.core.status.state == "waiting":
            self.reconnect()

    async def dispose(self) -> None:
        """Close everything and wait until nothing is left."""
        await super().dispose()
        assert not self.errors

    def status_changed(self, status: Status) -> None:
        super().status_changed(status)
        self.statuses.append(status)
        if self.impatient and status.state == "waiting":
            asyncio.get_running_loop().call_later(0.005, self.hurry)

    def handler_failed(self, error: Exception) -> None:
        self.errors.append(error)
