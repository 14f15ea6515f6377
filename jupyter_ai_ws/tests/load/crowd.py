"""Many pages at little cost: each is one raw socket."""

from __future__ import annotations

import asyncio
import json
import resource
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_ai_ws.protocol.frames import Ping, Welcome, decode, encode_control

from ..security.line import WS_PATH, Line, frame, new_query, request, upgrade
from ..security.target import TOKEN
from ..wire import CLOSE, PING, PONG, TEXT

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.units import Unit

    from ..security.target import Target

FIN = 0x80
AUTHORIZED = {"Authorization": f"token {TOKEN}"}
ACK_UNITS = 16
AT_ONCE = 50
"""Upgrades under way at a time."""


def raise_file_limit() -> None:
    """Let this process, and those it starts, have as many sockets as they may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class CrowdPage:
    """One page: it answers pings, acknowledges, and checks the numbers of its records."""

    def __init__(self, target: Target, path: str = WS_PATH) -> None:
        self.sid = secrets.token_hex(16)
        self.epoch: str | None = None
        self.close_code: int | None = None
        self.records = 0
        """Numbered records received, none missing."""
        self.longest_gap_s = 0.0
        """The longest time without one."""
        self._target = target
        self._path = path
        self._received = 0
        self._serial = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._line: Line

    async def connect(self, *, session: bool = True) -> bool:
        """Open a socket, for a new session or the one there was; tell whether there is one now."""
        self._serial += 1
        query = new_query(
            sid=self.sid, epoch=self.epoch, serial=self._serial, received=self._received
        )
        self._line = await Line.open(self._target.port)
        self._line.send(upgrade(self._target.port, AUTHORIZED, f"{self._path}?{query}"))
        response = await self._line.response()
        assert response.status == 101
        self.close_code = None
        welcome: asyncio.Future[Welcome | None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(welcome))
        self._task.add_done_callback(lambda _: self._changed.set())
        if not session:
            return True
        answer = await welcome
        if answer is None or answer.epoch is None:
            return False
        self.epoch = answer.epoch
        self._line.send(frame(FIN | TEXT, encode_control(Ping(1, self._received)).encode()))
        return True

    def stream(self, **parameters: Any) -> None:
        """Ask for numbered records."""
        record = {"type": "open", "channel": 1, "service": "self-test", "parameters": parameters}
        self._line.send(frame(FIN | TEXT, f"0\x1e{json.dumps(record)}".encode()))

    async def until(self, condition: Any) -> None:
        """Wait until something holds that a frame brings about; fail when no frame can any more."""
        while not condition():
            assert self._task is not None
            if self._task.done():
                await self._task
                raise AssertionError(f"the socket ended with {self.close_code}")
            self._changed.clear()
            await self._changed.wait()

    async def until_closed(self) -> int | None:
        """Wait for the end of the socket; return the close code."""
        assert self._task is not None
        await self._task
        return self.close_code

    async def end(self) -> None:
        """End the session at once, by breaking a rule."""
        if self.close_code is None:
            self._line.send(frame(FIN | TEXT, b"that is enough"))
            await self.until_closed()

    async def leave(self) -> None:
        """Reset the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._line.cut()

    async def _run(self, welcome: asyncio.Future[Welcome | None]) -> None:
        try:
            await self._read(welcome)
        finally:
            if not welcome.done():
                welcome.set_result(None)
            await self._line.cut()

    async def _read(self, welcome: asyncio.Future[Welcome | None]) -> None:
        acknowledged = self._received
        last_s = asyncio.get_running_loop().time()
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                received = await self._line.wire.receive()
                if received.opcode == CLOSE:
                    self.close_code = received.close_code
                    break
                if received.opcode == PING:
                    self._line.send(frame(FIN | PONG, received.payload))
                    continue
                if received.opcode != TEXT or received.payload.startswith(b'{"type":"none"'):
                    continue
                message = decode(received.payload.decode())
                if isinstance(message, Welcome):
                    welcome.set_result(message)
                elif isinstance(message, list):
                    now_s = asyncio.get_running_loop().time()
                    if self._take(message):
                        self.longest_gap_s = max(self.longest_gap_s, now_s - last_s)
                    last_s = now_s
                    if self._received - acknowledged >= ACK_UNITS:
                        acknowledged = self._received
                        ack = f'{{"type":"ack","received":{acknowledged}}}'
                        self._line.send(frame(FIN | TEXT, ack.encode()))
                self._changed.set()
        self.close_code = self.close_code or 1006

    def _take(self, units: list[Unit]) -> bool:
        self._received += len(units)
        before = self.records
        for unit in units:
            if unit.channel == 1:
                number, due = json.loads(unit.payload)["n"], self.records + 1
                assert number == due, f"record {number} in place of {due}"
                self.records = due
        return before > 0 and self.records > before


async def crowd(target: Target, count: int, **options: Any) -> list[CrowdPage]:
    """Return as many pages, connected."""
    path = options.pop("path", WS_PATH)
    pages = [CrowdPage(target, path) for _ in range(count)]
    for start in range(0, count, AT_ONCE):
        await asyncio.gather(*(page.connect(**options) for page in pages[start : start + AT_ONCE]))
    return pages


async def dismiss(pages: list[CrowdPage]) -> None:
    """End every session, or reset a connection that has none."""
    for page in pages:
        await (page.end() if page.epoch else page.leave())


async def metrics(target: Target) -> str:
    """Return what the server says of itself."""
    line = await Line.open(target.port)
    headers = {"Host": f"127.0.0.1:{target.port}", **AUTHORIZED, "Connection": "close"}
    line.send(request("GET", "/metrics", headers))
    response = await line.response()
    await line.cut()
    return response.body.decode()
