"""The pure connector with a clock, one timer and tornado's sockets around it."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from math import inf
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final, Protocol

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketError

from ..protocol.channel import ChannelListener
from ..protocol.connector import Connector
from ..protocol.driver import ConnectorDriver
from ..protocol.errors import ChannelClosedError
from ..protocol.handshake import format_request
from ..protocol.limits import CloseCode
from ..protocol.status import ConnectorOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tornado.websocket import WebSocketClientConnection

    from ..protocol.channel import Channel, Record
    from ..protocol.channel import Final as FinalEvent
    from ..protocol.handshake import ResumeRequest
    from ..protocol.retry import ProbeAnswer
    from ..protocol.session import Session
    from ..protocol.status import Status

__all__ = ["ClientChannel", "ClientConnection", "Way"]

CLOSE_TIMEOUT_S: Final = 1.0
"""How long the server may take to answer the close."""


class ClientChannel(ChannelListener):
    """One channel, with calls that wait."""

    def __init__(self, channel: Channel) -> None:
        """Wrap a channel that was opened."""
        self.core = channel
        self._changed = asyncio.Event()
        channel.listener = self

    async def accepted_with(self) -> dict[str, Any]:
        """Wait for the server's answer and return its parameters.

        Raises:
            ChannelClosedError: The channel was refused or has ended; see `final`.
        """
        while self.core.answer is None:
            await self._change()
        return self.core.answer

    async def send(self, record: Record) -> None:
        """Send a record, waiting while the queue is full.

        Raises:
            ChannelClosedError: The channel has ended.
        """
        while not self.core.writable:
            await self._change()
        self.core.send(record)

    async def receive(self) -> Record:
        """Wait for the next record.

        Raises:
            ChannelClosedError: The channel has ended.
        """
        while (record := self.core.take()) is None:
            await self._change()
        return record

    def close(self) -> None:
        """Close behind what was sent."""
        self.core.close()

    @property
    def final(self) -> FinalEvent | None:
        """How it ended; `None` while it lives."""
        return self.core.final

    def accepted(self, channel: Channel) -> None:
        """Wake who waits."""
        self._changed.set()

    def readable(self, channel: Channel) -> None:
        """Wake who waits."""
        self._changed.set()

    def writable(self, channel: Channel) -> None:
        """Wake who waits."""
        self._changed.set()

    async def _change(self) -> None:
        if self.core.final is not None:
            raise ChannelClosedError
        self._changed.clear()
        await self._changed.wait()


class Way(Protocol):
    """What a connection needs of the way to its server; see `Line`."""

    async def connect(self, path: str, query: str) -> WebSocketClientConnection:
        """Open a WebSocket, or raise `OSError`, `HTTPError` or `WebSocketError`."""

    async def probe(self) -> ProbeAnswer:
        """Look whether the server half answers, and how (R4)."""

    async def say_bye(self, request: ResumeRequest) -> None:
        """Say that the page is gone, beside any socket, as well as it goes (H10)."""


class ClientConnection(ConnectorDriver):
    """One AI connection, as a page has it.

    Attributes:
        core: The connector.
        replaced: Sessions that were lost and replaced (H9).
        changed: Called with each new status, from within the connector: touch nothing there.
    """

    def __init__(self, line: Way, *, local: bool = True) -> None:
        """Connect to nothing yet.

        Args:
            line: The way to the server.
            local: Whether it is on this machine (R2).
        """
        self.replaced = 0
        self.changed: Callable[[Status], None] = _do_nothing
        self._line = line
        self._sockets: dict[int, WebSocketClientConnection | None] = {}
        self._probes: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._status_changed = asyncio.Event()
        options = ConnectorOptions(local=local, max_attempts=0)
        self.core = Connector(self, SystemRandom().random, options)

    # -- For the owner -------------------------------------------------------------------

    async def connect(self) -> None:
        """Open the first socket and wait for its welcome, as long as it takes."""
        self.core.start(_now_ms())
        self._schedule()
        await self.until("connected")

    async def until(self, state: str) -> None:
        """Wait for a state."""
        while self.core.status.state != state:
            await self.change()

    async def change(self) -> None:
        """Wait for the next status, whatever it is."""
        self._status_changed.clear()
        await self._status_changed.wait()

    def open(self, service: str, **parameters: Any) -> ClientChannel:
        """Open a channel to a service."""
        return ClientChannel(self.core.open(service, parameters))

    def reconnect(self) -> None:
        """Start a try now (R7)."""
        self._run(self.core.reconnect)

    async def dispose(self) -> None:
        """Say `bye`, close, and wait until no task is left."""
        connected = self.core.status.state == "connected"
        request = self.core.bye_request
        self.core.dispose(_now_ms())
        self._schedule()
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=CLOSE_TIMEOUT_S)
            # A line that is cut swallows a `bye`, and the session would stay for hours.
            if request is not None and (self._tasks or not connected):
                await self._line.say_bye(request)
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    # -- For the connector ---------------------------------------------------------------

    def open_socket(self, socket_id: int, request: ResumeRequest) -> None:
        """Open a socket and carry its messages, in a task."""
        self._sockets[socket_id] = None
        self._start(self._carry(socket_id, request))

    def close_socket(self, socket_id: int, code: int, reason: str) -> None:
        """Close without waiting for it (L5)."""
        connection = self._sockets.pop(socket_id, None)
        if connection is not None:
            connection.close(code, reason)

    def write(self, socket_id: int, frames: list[str | bytes]) -> None:
        """Write frames; a socket that is gone swallows them, acks will tell."""
        connection = self._sockets.get(socket_id)
        if connection is None:
            return
        for frame in frames:
            with suppress(WebSocketClosedError):
                written = connection.write_message(frame, binary=isinstance(frame, bytes))
                written.add_done_callback(_look_away)

    def open_probe(self, probe_id: int) -> None:
        """Look whether the server half answers, in a task."""
        self._probes.add(probe_id)
        self._start(self._probe(probe_id))

    def drop_probe(self, probe_id: int) -> None:
        """Abandon a probe; its answer is not passed on."""
        self._probes.discard(probe_id)

    def flush_wanted(self) -> None:
        """Flush at the end of this turn of the loop."""
        asyncio.get_running_loop().call_soon(self._run, self.core.flush)

    def status_changed(self, status: Status) -> None:
        """Wake who waits."""
        self._status_changed.set()
        self.changed(status)

    def session_replaced(self, session: Session) -> None:
        """Count."""
        self.replaced += 1

    def handler_failed(self, error: Exception) -> None:
        """Let it be seen: a listener of ours never raises."""
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a channel's listener failed", "exception": error}
        )

    def random_sid(self) -> str:
        """Make an id."""
        return secrets.token_hex(16)

    # -- Private -------------------------------------------------------------------------

    async def _carry(self, socket_id: int, request: ResumeRequest) -> None:
        try:
            connection = await self._line.connect("jupyter-ai-ws/ws", format_request(request))
        except (OSError, HTTPError, WebSocketError):
            self._socket_closed(socket_id, None)
            return
        try:
            if socket_id not in self._sockets:
                return
            self._sockets[socket_id] = connection
            protocol = connection.selected_subprotocol or ""
            self._run(self.core.socket_opened, socket_id, protocol)
            while (message := await connection.read_message()) is not None:
                self._run(self.core.socket_message, socket_id, message)
            self._socket_closed(socket_id, connection.close_code)
        finally:
            connection.close()

    def _socket_closed(self, socket_id: int, code: int | None) -> None:
        if socket_id in self._sockets:
            del self._sockets[socket_id]
            self._run(self.core.socket_closed, socket_id, code or CloseCode.ABNORMAL)

    async def _probe(self, probe_id: int) -> None:
        answer = await self._line.probe()
        if probe_id in self._probes:
            self._probes.remove(probe_id)
            self._run(self.core.probe_answered, probe_id, answer)

    def _run(self, act: Callable[..., None], *arguments: Any) -> None:
        act(*arguments, _now_ms())
        self._schedule()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _schedule(self) -> None:
        """Look after the one timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        next_ms = self.core.next_ms
        if self.core.status.state != "disposed" and next_ms < inf:
            self._timer = asyncio.get_running_loop().call_later(
                max(0.0, (next_ms - _now_ms()) / 1000), self._run, self.core.tick
            )


def _now_ms() -> float:
    return time.monotonic() * 1000


def _do_nothing(status: Status) -> None:
    pass


def _look_away(written: asyncio.Future[None]) -> None:
    """Take an error: the socket is gone, `read_message` tells."""
    if not written.cancelled():
        written.exception()
