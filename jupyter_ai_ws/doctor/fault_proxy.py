"""A TCP proxy that breaks what goes through it."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FAULTS", "Fault", "FaultProxy", "fault_plan"]

Fault = Literal["reset", "close", "torn-up", "torn-down", "hole", "hole-up", "hole-down", "stall"]
"""How a line breaks.

*reset* and *close* end it both ways; *torn* resets it in the middle of what is on its way up (to
the server) or down; a *hole* swallows what is sent, both ways or one way, and says nothing; a
*stall* holds everything back and hands it over later.
"""
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)
Way = Literal["up", "down"]

CHUNK_BYTES: Final = 64 * 1024
"""What is read at once."""
TEAR_WITHIN_BYTES: Final = 400
"""A torn line breaks within so many bytes: inside a header, a frame, a character."""
TEAR_TIMEOUT_S: Final = 1.0
"""A line that carries too little to be torn is reset after this."""
STALL_S: Final = 4.0
"""A stall is longer than the page waits for an answer (L3), so that it is late when it ends."""
SWALLOW_S: Final = 60.0
"""A hole that nobody left is closed after this, to bound what stays open."""


def fault_plan(count: int, seed: int) -> list[Fault]:
    """Return which faults to make: each kind equally often, shuffled.

    Args:
        count: How many.
        seed: The same seed gives the same plan.
    """
    source = random.Random(seed)  # noqa: S311
    plan: list[Fault] = []
    while len(plan) < count:
        plan += source.sample(FAULTS, len(FAULTS))
    return plan[:count]


class FaultProxy:
    """Listens on this machine and passes bytes on, TLS too, until it is told to break the line."""

    def __init__(self, host: str, port: int, seed: int = 1) -> None:
        """Listen on nothing yet.

        Args:
            host: Where connections lead.
            port: Its port.
            seed: Decides where torn lines break.
        """
        self._target = (host, port)
        self._random = random.Random(seed)  # noqa: S311
        self._server: asyncio.Server | None = None
        self._links: dict[_Link, asyncio.Task[None]] = {}

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise RuntimeError("the proxy is not started")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listen on 127.0.0.1, on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Reset every connection and wait until nothing is left."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._links.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def make(self, fault: Fault) -> None:
        """Break every connection there is; new ones pass.

        Args:
            fault: How.
        """
        for link in list(self._links):
            link.make(fault, self._random.randint(1, TEAR_WITHIN_BYTES))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(reader, writer)
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("not in a task")
        self._links[link] = task
        try:
            await link.run(*self._target)
        except asyncio.CancelledError:
            pass  # `stop`; raised further, asyncio would log it
        finally:
            link.reset()
            del self._links[link]


class _Link:
    """One connection and its continuation to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers = [writer]
        self._page = (reader, writer)
        self._swallowed: set[Way] = set()
        self._bytes_left: dict[Way, int] = {}
        self._open = asyncio.Event()
        self._open.set()

    async def run(self, host: str, port: int) -> None:
        """Pass bytes on until both ways have ended."""
        try:
            server = await asyncio.open_connection(host, port)
        except OSError:
            return
        self._writers.append(server[1])
        ways: Sequence[tuple[Way, asyncio.StreamReader, asyncio.StreamWriter]] = (
            ("up", self._page[0], server[1]),
            ("down", server[0], self._page[1]),
        )
        pumps = [asyncio.ensure_future(self._pump(*way)) for way in ways]
        try:
            await asyncio.gather(*pumps)
        except OSError:
            pass
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.wait(pumps)

    def make(self, fault: Fault, tear_bytes: int) -> None:
        """Break the line."""
        if fault == "reset":
            self.reset()
        elif fault == "close":
            for writer in self._writers:
                writer.close()
        elif fault == "stall":
            self._open.clear()
            asyncio.get_running_loop().call_later(STALL_S, self._open.set)
        elif fault in ("torn-up", "torn-down"):
            self._bytes_left["up" if fault == "torn-up" else "down"] = tear_bytes
            asyncio.get_running_loop().call_later(TEAR_TIMEOUT_S, self.reset)
        else:
            self._swallowed |= {"hole": {"up", "down"}, "hole-up": {"up"}}.get(fault, {"down"})  # type: ignore[arg-type]
            asyncio.get_running_loop().call_later(SWALLOW_S, self.reset)

    def reset(self) -> None:
        """End it with a reset, both ways."""
        for writer in self._writers:
            connection = writer.get_extra_info("socket")
            if connection is not None and not writer.is_closing():
                with suppress(OSError):
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def _pump(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            await self._open.wait()
            if way in self._swallowed:
                continue
            left = self._bytes_left.get(way)
            if left is not None and len(data) >= left:
                writer.write(data[:left])
                await writer.drain()
                # Bytes that were handed over before a reset may be thrown away by it.
                await asyncio.sleep(0)
                self.reset()
                return
            if left is not None:
                self._bytes_left[way] = left - len(data)
            writer.write(data)
            await writer.drain()
        await self._open.wait()
        if way not in self._swallowed and writer.can_write_eof():
            writer.write_eof()
