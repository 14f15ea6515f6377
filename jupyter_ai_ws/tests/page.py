"""A page that connects, comes back by itself, and streams."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_ai_ws.protocol.channel import Channel, ChannelListener, Final
from jupyter_ai_ws.protocol.connector import Connector
from jupyter_ai_ws.protocol.driver import ConnectorDriver
from jupyter_ai_ws.protocol.handshake import format_request
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from .raw_socket import abort

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tornado.websocket import WebSocketClientConnection

    from jupyter_ai_ws.protocol.handshake import ResumeRequest
    from jupyter_ai_ws.protocol.session import Session
    from jupyter_ai_ws.protocol.status import Status


def now_ms() -> float:
    return time.monotonic() * 1000


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


class Page(ConnectorDriver):
    """The pure connector with a clock, timers and tornado's client."""

    def __init__(self, fetch: Callable[..., Awaitable[WebSocketClientConnection]]) -> None:
        self.impatient = False
        """Whether to come back after 5 ms after each cut, without backing off (R7)."""
        self.statuses: list[Status] = []
        self.errors: list[Exception] = []
        self.replaced = 0
        self.fetch = fetch
        self._sockets: dict[int, WebSocketClientConnection | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self.connector = Connector(self, random.Random(1).random)  # noqa: S311

    # -- For tests -----------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect and wait for the welcome."""
        self.connector.start(now_ms())
        await self.until_state("connected")

    async def until_state(self, state: str) -> None:
        while self.connector.status.state != state:
            await self.change()

    async def change(self) -> None:
        """Wait for the next status."""
        self._changed.clear()
        await self._changed.wait()

    def open(self, service: str, **parameters: Any) -> PageChannel:
        return PageChannel(self.connector.open(service, parameters))

    def cut(self) -> None:
        """Reset every connection there is."""
        for connection in self._sockets.values():
            if connection is not None:
                abort(connection)

    def hurry(self) -> None:
        """Come back now if waiting."""
        if self.connector.status.state == "waiting":
            self._in(self.connector.reconnect)

    async def dispose(self) -> None:
        """Close everything and wait until nothing is left."""
        self.connector.dispose(now_ms())
        self._schedule()
        while self._tasks:
            await asyncio.wait(list(self._tasks))
        assert not self.errors

    # -- For the connector ---------------------------------------------------------------

    def open_socket(self, socket_id: int, request: ResumeRequest) -> None:
        self._sockets[socket_id] = None
        task = asyncio.create_task(self._carry(socket_id, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._schedule()

    def close_socket(self, socket_id: int, code: int, reason: str) -> None:
        connection = self._sockets.pop(socket_id, None)
        if connection is not None:
            connection.close(code, reason)

    def write(self, socket_id: int, frames: list[str | bytes]) -> None:
        connection = self._sockets[socket_id]
        assert connection is not None
        if connection.protocol is None or connection.protocol.is_closing():
            return
        for frame in frames:
            future = connection.write_message(frame, binary=isinstance(frame, bytes))
            future.add_done_callback(lambda future: future.exception())

    def open_probe(self, probe_id: int) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(partial(self._in, self.connector.probe_answered, probe_id, "ok"))

    def flush_wanted(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(partial(self._in, self.connector.flush))

    def status_changed(self, status: Status) -> None:
        self.statuses.append(status)
        self._changed.set()
        if self.impatient and status.state == "waiting":
            asyncio.get_running_loop().call_later(0.005, self.hurry)

    def session_replaced(self, session: Session) -> None:
        self.replaced += 1

    def handler_failed(self, error: Exception) -> None:
        self.errors.append(error)

    def random_sid(self) -> str:
        return secrets.token_hex(16)

    # -- Private -------------------------------------------------------------------------

    async def _carry(self, socket_id: int, request: ResumeRequest) -> None:
        query = dict(part.split("=") for part in format_request(request).split("&"))
        try:
            connection = await self.fetch(
                "jupyter-ai-ws", "ws", params=query, subprotocols=[SUBPROTOCOL]
            )
        except OSError:
            self._in(self.connector.socket_closed, socket_id, 1006)
            return
        if socket_id not in self._sockets:
            connection.close()
            return
        self._sockets[socket_id] = connection
        self._in(self.connector.socket_opened, socket_id, connection.selected_subprotocol or "")
        while (message := await connection.read_message()) is not None:
            self._in(self.connector.socket_message, socket_id, message)
        connection.close()
        self._in(self.connector.socket_closed, socket_id, connection.close_code or 1006)
        self._sockets.pop(socket_id, None)

    def _in(self, handle: Callable[..., None], *arguments: Any) -> None:
        handle(*arguments, now_ms())
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        delay_s = (self.connector.next_ms - now_ms()) / 1000
        if delay_s < float("inf"):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_s, partial(self._in, self.connector.tick))
