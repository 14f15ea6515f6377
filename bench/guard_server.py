"""Measures what the guard costs on the server: `python bench/guard_server.py [FIGURE ...]`.

A real server with a WebSocket handler of a stranger, in a process of its own. Here are two clients
in turn: a plain WebSocket ("native"), and a page with a session whose channel reaches the same
handler through the guard. Rounds are interleaved; medians are shown, in brackets the lowest and
highest ratio within a round.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketHandler, websocket_connect

from jupyter_ai_ws.protocol.channel import Channel, ChannelListener
from jupyter_ai_ws.tests.page import Page
from jupyter_ai_ws.tests.real_server import TOKEN, RealServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_server.serverapp import ServerApp

PATH: Final = "bench/ws"
COUNT: Final = 20_000
SIZE: Final = 100
MIB: Final = 1024 * 1024
RATE: Final = 200
RATE_TIME_S: Final = 10
IDLE: Final = 1000


# -- In the server -----------------------------------------------------------------------


class Stranger(WebSocketHandler, JupyterHandler):
    """Streams as it is told."""

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        await super().get(*args, **kwargs)

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, bytes) or len(message) >= MIB:
            self.write_message(str(len(message)))
            return
        order = json.loads(message)
        self.task = asyncio.ensure_future(getattr(self, order.pop("do"))(**order))

    async def turn(self, count: int) -> None:
        for number in range(count):
            self.write_message(text(number))
            await asyncio.sleep(0)

    async def burst(self, count: int) -> None:
        for number in range(count):
            self.write_message(text(number))

    async def wait(self, count: int) -> None:
        for number in range(count):
            await self.write_message(text(number))

    async def paced(self, count: int, interval_s: float) -> None:
        begin = time.monotonic()
        for number in range(count):
            self.write_message(text(number))
            await asyncio.sleep(max(0.0, begin + (number + 1) * interval_s - time.monotonic()))

    async def large(self, size: int, binary: bool) -> None:
        await self.write_message(bytes(size) if binary else "x" * size, binary=binary)

    async def cpu(self) -> None:
        self.write_message(str(time.process_time()))

    async def holdings(self) -> None:
        self.write_message(json.dumps(holdings()))


def holdings() -> dict[str, float]:
    """Return what this process holds (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "rss_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "descriptors": len(os.listdir("/proc/self/fd")),
    }


def text(number: int) -> str:
    """Return a message of 100 B that tells its place."""
    return f"{number:010d}".ljust(SIZE, "x")


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    serverapp.web_app.add_handlers(".*$", [(serverapp.base_url + PATH, Stranger)])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "guard_server"}]


# -- In the client -----------------------------------------------------------------------


class Client:
    """Receives, and checks that everything comes once and in order."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._wanted = 0
        self._number = 0
        self._last: Any = None
        self._done = asyncio.Event()

    def send(self, record: str | bytes) -> None:
        raise NotImplementedError

    def received(self, record: str | bytes) -> None:
        if len(record) == SIZE:
            if int(record[:10]) != self._number:
                raise AssertionError(f"{record[:10]!r} in place of {self._number}")
            self._number += 1
        self._last = record
        self._wanted -= 1
        if self._wanted == 0:
            self._done.set()

    async def ask(self, record: str | bytes, count: int = 1) -> Any:
        """Send something and wait for so many messages; return the last."""
        self._done.clear()
        self._wanted, self._number = count, 0
        self.send(record)
        await self._done.wait()
        return self._last

    async def order(self, what: str, expected: int = 1, **order: Any) -> Any:
        return await self.ask(json.dumps({"do": what, **order}), expected)


class NativeClient(Client):
    """A WebSocket."""

    @classmethod
    async def connect(cls, port: int) -> NativeClient:
        self = cls()
        request = HTTPRequest(
            f"ws://127.0.0.1:{port}/{PATH}", headers={"Authorization": f"token {TOKEN}"}
        )
        self.connection = await websocket_connect(
            request, on_message_callback=self._message, max_message_size=32 * MIB
        )
        self.connection.protocol.set_nodelay(True)
        return self

    def send(self, record: str | bytes) -> None:
        self.connection.write_message(record, binary=isinstance(record, bytes))

    def _message(self, message: str | bytes | None) -> None:
        if message is not None:
            self.received(message)


class GuardedClient(Client, ChannelListener):
    """A channel of a session."""

    @classmethod
    async def connect(cls, page: Page) -> GuardedClient:
        self = cls()
        self._open = asyncio.Event()
        self.channel = page.core.open("guard", {"path": f"/{PATH}", "protocols": []})
        self.channel.listener = self
        await self._open.wait()
        return self

    def send(self, record: str | bytes) -> None:
        self.channel.send(record)

    def accepted(self, channel: Channel) -> None:
        self._open.set()

    def readable(self, channel: Channel) -> None:
        while (record := channel.take()) is not None:
            self.received(record)
        if channel.final is not None and not self._open.is_set():
            raise AssertionError(channel.final)


class Bench:
    """A server and both clients."""

    def __init__(self, server: RealServer, port: int, rounds: int, as_json: bool) -> None:
        """Take a server that runs."""
        self.server = server
        self.port = port
        self.rounds = rounds
        self.as_json = as_json
        self.clients: dict[str, Client] = {}

    async def page(self) -> Page:
        page = Page(self.server.fetch)
        await page.connect()
        return page

    async def ratio(
        self,
        name: str,
        unit: str,
        asked: str,
        measure: Callable[[Client], Awaitable[float]],
    ) -> None:
        """Measure both in turn and show how they compare."""
        values: dict[str, list[float]] = {way: [] for way in self.clients}
        for number in range(self.rounds + 1):
            for way, client in self.clients.items():
                value = await measure(client)
                if number:  # the first warms up
                    values[way].append(value)
        self.show(name, unit, asked, values)

    def show(self, name: str, unit: str, asked: str, values: dict[str, list[float]]) -> None:
        """Print what was found, by round."""
        if self.as_json:
            print(json.dumps({"name": name, "unit": unit, "asked": asked, **values}), flush=True)
            return
        native, guarded = values["native"], values["guarded"]
        ratios = sorted(there / here for here, there in zip(native, guarded, strict=True))
        middle = statistics.median
        print(
            f"{name:34} native {middle(native):10,.4g} {unit}   guarded {middle(guarded):10,.4g} "
            f"{unit}   {middle(ratios):.2f} x [{ratios[0]:.2f}..{ratios[-1]:.2f}], asked {asked}",
            flush=True,
        )

    # -- Figures -------------------------------------------------------------------------

    async def throughput(self) -> None:
        for what, name, asked in (
            ("turn", "one a turn", "≥ 0.7"),
            ("wait", "each awaited", "≥ 0.7"),
            ("burst", "at once", "≥ 1"),
        ):

            async def measure(client: Client, what: str = what) -> float:
                begin = time.perf_counter()
                await client.order(what, COUNT, count=COUNT)
                return COUNT / (time.perf_counter() - begin)

            await self.ratio(f"20,000 x 100 B, {name}", "msg/s", asked, measure)

    async def cpu(self) -> None:
        async def measure(client: Client) -> float:
            count = RATE * RATE_TIME_S
            before = float(await client.order("cpu"))
            await client.order("paced", count, count=count, interval_s=1 / RATE)
            return 100 * (float(await client.order("cpu")) - before) / RATE_TIME_S

        name = "processor of the server at 200 messages of 100 B/s"
        await self.ratio(name, "%", "≤ 1.05", measure)

    async def round_trip(self) -> None:
        async def measure(client: Client) -> float:
            times = []
            for _ in range(500):
                begin = time.perf_counter()
                await client.ask(b"x")
                times.append(time.perf_counter() - begin)
            return statistics.median(times) * 1000

        await self.ratio("round trip of 1 B", "ms", "+ ≤ 1.5 ms", measure)

    async def large(self) -> None:
        size = 10 * MIB
        for kind, record in (("text", "x" * size), ("bytes", bytes(size))):

            async def up(client: Client, record: str | bytes = record) -> float:
                begin = time.perf_counter()
                got = await client.ask(record)
                if int(got) != size:
                    raise AssertionError(got)
                return (time.perf_counter() - begin) * 1000

            async def down(client: Client, binary: bool = kind == "bytes") -> float:
                begin = time.perf_counter()
                record = await client.order("large", size=size, binary=binary)
                if len(record) != size:
                    raise AssertionError(len(record))
                return (time.perf_counter() - begin) * 1000

            await self.ratio(f"10 MiB of {kind}, page to handler", "ms", "≤ 2", up)
            await self.ratio(f"10 MiB of {kind}, handler to page", "ms", "≤ 2", down)

    async def memory(self) -> None:
        native = self.clients["native"]
        pages = [await self.page() for _ in range(1 + IDLE // 250)]
        kept: list[Client] = [await GuardedClient.connect(page) for page in pages]
        sizes: dict[str, list[float]] = {}
        descriptors: dict[str, list[float]] = {}
        for way in ("guarded", "native"):  # memory that was used once is not given back
            before = json.loads(await native.order("holdings"))
            for number in range(IDLE):
                if way == "native":
                    kept.append(await NativeClient.connect(self.port))
                else:
                    kept.append(await GuardedClient.connect(pages[number % len(pages)]))
            after = json.loads(await native.order("holdings"))
            sizes[way] = [(after["rss_bytes"] - before["rss_bytes"]) / IDLE / 1024]
            descriptors[way] = [(after["descriptors"] - before["descriptors"]) / IDLE]
        self.show("memory of an idle one on the server", "KiB", "≤ 20 KiB", sizes)
        self.show("descriptors of an idle one", "", "0", descriptors)
        for client in kept:
            if isinstance(client, NativeClient):
                client.connection.close()
        for page in pages:
            await page.dispose()


FIGURES: Final = ("throughput", "round_trip", "large", "cpu", "memory")


async def main() -> None:
    """Measure what is named on the command line, or everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("figures", nargs="*", default=FIGURES, metavar="FIGURE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print what was found by round")
    arguments = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    for figure in arguments.figures:
        await measure_with_a_server_of_its_own(figure, arguments.rounds, arguments.json)


async def measure_with_a_server_of_its_own(figure: str, rounds: int, as_json: bool) -> None:
    """Start a server, measure one figure, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        server = RealServer(
            Path(directory),
            port,
            f"--AiWsApp.guarded_paths={{'{PATH}': 'Bench'}}",
            extensions=("guard_server",),
        )
        await server.start()
        try:
            bench = Bench(server, port, rounds, as_json)
            page = await bench.page()
            bench.clients["native"] = await NativeClient.connect(port)
            bench.clients["guarded"] = await GuardedClient.connect(page)
            await getattr(bench, figure)()
            await page.dispose()
        finally:
            await server.clean_up()


if __name__ == "__main__":
    asyncio.run(main())
