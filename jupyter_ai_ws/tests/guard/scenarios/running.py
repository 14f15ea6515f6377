"""Handlers that open, work and ping."""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Any

import tornado
from tornado.websocket import WebSocketClosedError

from ..turns import turns
from .script import Noting, World, opened_and_ended, scenario

if TYPE_CHECKING:
    from ..browser import Browser

SILENT_AFTER_LATE_ERRORS = tornado.version_info < (6, 6)
"""Whether a coroutine `on_message` that raises leaves the socket open and unread."""
NO_PING_TIMEOUT_S = 0 if tornado.version_info >= (6, 5) else inf
"""Switches off the verdict on a pong that a loaded machine delivers late."""


# -- Opening -----------------------------------------------------------------------------


class SlowPrepare(Noting):
    async def prepare(self) -> None:
        self.world.note("prepare")
        await self.world.gate.wait()
        self.world.note("prepared")

    def on_connection_close(self) -> None:
        self.world.note("connection closed")
        super().on_connection_close()


@scenario(SlowPrepare)
async def slow_prepare(browser: Browser, world: World) -> None:
    task = asyncio.ensure_future(browser.open())
    await world.noted("prepare")
    world.gate.set()
    await task
    browser.send("hello")
    await browser.messages(1)
    browser.close(1000)


class SlowOpen(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        self.world.note("open")
        await self.world.gate.wait()
        self.world.note("opened")


@scenario(SlowOpen)
async def slow_open_holds_messages_back(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("early")
    await world.noted("open")
    await turns()
    world.gate.set()
    await browser.messages(1)
    browser.close(1000)


@scenario(SlowOpen)
async def close_while_open_runs(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("open")
    browser.close(3000, "tired")
    world.gate.set()


class WritingOpen(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        await self.write_message("first")
        await asyncio.sleep(0)
        await self.write_message("second")


@scenario(WritingOpen)
async def open_that_writes(browser: Browser, world: World) -> None:
    await browser.open()
    await browser.messages(2)
    browser.close(1000)


class RaisingOpen(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.write_message("before")
        raise RuntimeError("broken")


@scenario(RaisingOpen)
async def open_that_raises(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


class RaisingLateOpen(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")


@scenario(RaisingLateOpen)
async def open_that_raises_late(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


# -- Handling ----------------------------------------------------------------------------


class Raising(Noting):
    def on_message(self, message: str | bytes) -> None:
        self.note_message(message)
        raise RuntimeError("broken")


@scenario(Raising)
async def on_message_that_raises(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("one")
    browser.send("two")
    await browser.ended()


class RaisingLate(Noting):
    async def on_message(self, message: str | bytes) -> None:
        self.note_message(message)
        await asyncio.sleep(0)
        raise RuntimeError("broken")


@scenario(RaisingLate)
async def on_message_that_raises_late(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("one")
    browser.send("two")
    await world.noted("exception", "RuntimeError")
    if SILENT_AFTER_LATE_ERRORS:
        browser.abort()
    else:
        await browser.ended()


class Slow(Noting):
    async def on_message(self, message: str | bytes) -> None:
        self.world.note("begin", message)
        if message == "wait":
            await self.world.gate.wait()
        else:
            await asyncio.sleep(0)
        try:
            await self.write_message(message)
        except WebSocketClosedError:
            self.world.note("told", message)
        self.world.note("end", message)


@scenario(Slow)
async def on_message_stays_serial(browser: Browser, world: World) -> None:
    await browser.open()
    for record in ("wait", "one", "two", "three"):
        browser.send(record)
    await world.noted("begin", "wait")
    await turns()
    world.gate.set()
    await browser.messages(4)
    browser.close(1000)


@scenario(Slow)
async def close_while_on_message_runs(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("wait")
    await world.noted("begin", "wait")
    browser.close(3001, "bye")
    await turns()
    world.gate.set()


@scenario(Slow)
async def abort_while_on_message_runs(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("wait")
    await world.noted("begin", "wait")
    browser.abort()
    await turns()
    world.gate.set()


# -- Pings and the stream -----------------------------------------------------------------


class Pinging(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.ping(b"one")
        self.ping("two")
        self.ping()
        self.try_to("long ping", lambda: self.ping(b"x" * 126))


@scenario(Pinging)
async def pings_of_the_handler(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("pong", b"")
    browser.close(1000)


@scenario(
    Noting,
    counted=False,
    websocket_ping_interval=0.05,
    websocket_ping_timeout=NO_PING_TIMEOUT_S,
)
async def pings_of_tornado(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("pong", b"", count=3)
    browser.close(1000)


class Stream(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        stream: Any = self.ws_connection.stream  # type: ignore[union-attr]
        self.world.note("stream", stream.closed())
        stream.set_close_callback(lambda: self.world.note("stream closed", stream.closed()))

    def on_message(self, message: str | bytes) -> None:
        self.ws_connection.stream.close()  # type: ignore[union-attr]
        self.try_to("write", lambda: self.write_message("late"))


@scenario(Stream)
async def handler_closes_the_stream(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("now")
    await browser.ended()


@scenario(Stream)
async def stream_tells_of_an_abort(browser: Browser, world: World) -> None:
    await browser.open()
    browser.abort()
    await world.noted("stream closed", True)
