"""The proxy that breaks lines."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.doctor import fault_proxy
from jupyter_ai_ws.doctor.fault_proxy import FAULTS, Fault, FaultProxy, fault_plan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Ends:
    """Both ends of a connection through the proxy."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
            asyncio.Queue()
        )

    async def connect(self) -> None:
        self.page = await asyncio.open_connection("127.0.0.1", self.proxy.port)
        self.server = await self.accepted.get()

    async def up(self, data: bytes) -> None:
        self.page[1].write(data)
        assert await self.server[0].readexactly(len(data)) == data

    async def down(self, data: bytes) -> None:
        self.server[1].write(data)
        assert await self.page[0].readexactly(len(data)) == data


@asynccontextmanager
async def line() -> AsyncIterator[Ends]:
    """Start a server and the proxy before it."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await ends.accepted.put((reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy = FaultProxy("127.0.0.1", server.sockets[0].getsockname()[1])
    await proxy.start()
    ends = Ends(proxy)
    try:
        await ends.connect()
        yield ends
    finally:
        await proxy.stop()
        ends.page[1].close()
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()


async def test_passes_bytes_on_both_ways_until_told_otherwise() -> None:
    async with line() as ends:
        await ends.up(b"x" * 200_000)
        await ends.down(b"y" * 200_000)
        ends.page[1].write_eof()
        assert await ends.server[0].read() == b""
        await ends.down(b"half closed")


async def test_reset_reaches_both_ends() -> None:
    async with line() as ends:
        await ends.up(b"x")
        ends.proxy.make("reset")
        for reader, _ in (ends.page, ends.server):
            with pytest.raises(ConnectionResetError):
                await reader.read()


async def test_close_ends_both_ends_without_a_reset() -> None:
    async with line() as ends:
        await ends.up(b"x")
        ends.proxy.make("close")
        for reader, _ in (ends.page, ends.server):
            assert await reader.read() == b""


@pytest.mark.parametrize(("fault", "way"), [("torn-up", "up"), ("torn-down", "down")])
async def test_torn_line_ends_in_the_middle_of_what_is_on_its_way(fault: Fault, way: str) -> None:
    async with line() as ends:
        await ends.up(b"x")
        ends.proxy.make(fault)
        writer, reader = ends.page[1], ends.server[0]
        if way == "down":
            writer, reader = ends.server[1], ends.page[0]
        writer.write(b"y" * 1_000)
        with pytest.raises(ConnectionResetError):
            await reader.read()


async def test_line_that_carries_too_little_to_be_torn_is_reset_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fault_proxy, "TEAR_TIMEOUT_S", 0.01)
    async with line() as ends:
        await ends.up(b"x")
        ends.proxy.make("torn-up")
        with pytest.raises(ConnectionResetError):
            await ends.page[0].read()


@pytest.mark.parametrize(
    ("fault", "swallows_up", "swallows_down"),
    [("hole", True, True), ("hole-up", True, False), ("hole-down", False, True)],
)
async def test_hole_swallows_its_ways_alone_and_spares_new_connections(
    fault: Fault, swallows_up: bool, swallows_down: bool
) -> None:
    async with line() as ends:
        (page, page_writer), (server, server_writer) = ends.page, ends.server
        await ends.up(b"x")
        ends.proxy.make(fault)
        page_writer.write(b"up")
        server_writer.write(b"down")
        heard_up = asyncio.ensure_future(server.read(4))
        heard_down = asyncio.ensure_future(page.read(4))
        await asyncio.gather(*([] if swallows_up else [heard_up]))
        await asyncio.gather(*([] if swallows_down else [heard_down]))
        await ends.connect()
        await ends.up(b"after")
        await ends.down(b"after")
        assert (heard_up.done(), heard_down.done()) == (not swallows_up, not swallows_down)
        for heard in (heard_up, heard_down):
            heard.cancel()
        page_writer.close()


async def test_stall_hands_everything_over_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_proxy, "STALL_S", 0.05)
    async with line() as ends:
        await ends.up(b"x")
        since_s = asyncio.get_running_loop().time()
        ends.proxy.make("stall")
        await asyncio.gather(ends.up(b"up" * 1_000), ends.down(b"down" * 1_000))
        assert asyncio.get_running_loop().time() - since_s >= 0.05


async def test_page_that_leaves_during_a_stall_is_heard_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fault_proxy, "STALL_S", 0.05)
    async with line() as ends:
        await ends.up(b"x")
        ends.proxy.make("stall")
        ends.page[1].write(b"last words")
        ends.page[1].close()
        assert await ends.server[0].read() == b"last words"


async def test_nothing_listens_behind_it_ends_the_connection() -> None:
    async with line() as ends:
        proxy = FaultProxy("127.0.0.1", 9)
        await proxy.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        await proxy.stop()
        await ends.up(b"another proxy")


def test_plan_has_every_kind_equally_often_and_is_repeatable() -> None:
    plan = fault_plan(3 * len(FAULTS), seed=5)
    assert set(Counter(plan).values()) == {3}
    assert fault_plan(24, seed=5) == plan
    assert fault_plan(24, seed=6) != plan
    assert fault_plan(5, seed=5) == plan[:5]
    assert fault_plan(0, seed=5) == []
